/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a command line and its job file amount to: one field for each option of any verb, which table.c's rows point to.
 *
 * Filled in by parse.h; its strings are argv's, static or of the job's file. Main thread. Nothing is below. */
#ifndef HAK_OPTIONS_OPTIONS_H
#define HAK_OPTIONS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verb {
    VERB_TUNE,
    VERB_COMPARE,
    VERB_REPORT,
    VERB_CHECK,
    VERB_PARAMS,
    VERB_WORKLOADS,
    VERB_TOPOLOGY,
    VERB_INSPECT,
    VERB_SYMBOLIZE,
    VERBS
};

/* No verb yet: the program as a whole. */
#define VERB_NONE VERBS

/* Rows of the table at most. */
#define OPTIONS_MOST 64

#define OPTION_LIST_MOST 32

/* The values of an option that may be repeated. */
struct option_list {
    const char *items[OPTION_LIST_MOST];
    size_t count;
};

/* Where an option stands in a job file. Line 0: it does not. */
struct option_place {
    uint32_t line, column;
};

/* A job file in memory: cli/options/job.c. */
struct job_file;

/* A percentage that is not limited: "none". */
#define OPTION_NONE (-1.0)

enum option_better { OPTION_BETTER_LOWER, OPTION_BETTER_HIGHER };

struct options {
    /* A file that says what this command line does not. */
    const char *job;       /* its path; NULL: none */
    struct job_file *file; /* owned; NULL: none */

    /* What is run. */
    const char *workload; /* a name; names between commas for compare */
    uint64_t operations;  /* 0: the workload's own */
    uint64_t threads;     /* 0: the workload's own */
    const char *server, *load, *ready, *warm_up, *stop;
    double idle, start_timeout, stop_timeout; /* seconds; idle 0: none */
    const char *prepare, *cwd, *stdin_path, *ok_status;
    struct option_list env;
    double timeout; /* seconds; 0: none */

    const char *allocator; /* as choice_of_allocator takes it, or CHOICE_HAKMEM */

    /* What is wanted. */
    const char *objective;      /* a metric's name, or "front" */
    struct option_list limits;  /* METRIC=PERCENT */
    double max_rss_growth;      /* percent, or OPTION_NONE */
    double max_slowdown;        /* percent, or OPTION_NONE */
    struct option_list metrics; /* NAME=REGEX */
    int better;                 /* enum option_better */
    const char *core_worth;     /* a size */
    double require_gain;        /* percent; where it is given */
    double fail_if_worse;       /* percent; where it is given */

    /* How it is measured. */
    const char *library;
    double budget; /* seconds */
    uint64_t trials;
    uint64_t rounds;
    const char *strategy;
    uint64_t seed;
    int interleave; /* enum race_interleave */

    /* What comes of it. */
    const char *output;
    struct option_list outputs;
    const char *report; /* a file, as HTML */
    const char *journal;
    bool resume;
    int format; /* enum output_format */
    bool explain;
    bool quiet;

    /* How a process is looked at. */
    bool once;
    double interval; /* seconds */
    const char *map; /* a path; NULL: no picture */

    /* Asked of the program, not of a verb. */
    bool help, version, print_manual, print_job;
    int print_completion; /* enum completion_shell */

    /* The rest of the command line. */
    char *const *arguments; /* words that are no options */
    size_t argument_count;
    char *const *command; /* what follows --, NULL-terminated; NULL: there is no -- */

    /* By row of the table. */
    bool given[OPTIONS_MOST];                 /* it stands on the command line or in the job */
    const char *texts[OPTIONS_MOST];          /* its value as it was written; NULL: the default, or a list */
    struct option_place places[OPTIONS_MOST]; /* of what the job says and the command line does not */
};

#endif
