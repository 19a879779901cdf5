/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs and their options, each stated once. The parser, --help, the manual page's OPTIONS and the completions of
 * bash, zsh and fish are made from these rows.
 *
 * A job file's keys are rows too: `key` is the option's name without the dashes, and the value is written as it is on
 * the command line.
 *
 * To add an option: a field in struct options, and a row in table.c. To add a kind of value: a line in option_kind, its
 * reading in parse.c, and what is expected of it in values.c.
 *
 * Constant; any thread may read it. Below: options. */
#ifndef HAK_OPTIONS_TABLE_H
#define HAK_OPTIONS_TABLE_H

#include "cli/options/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- options ------------------------------------------------------------------------------------------------------ */

/* What a value is, and the type of its field. */
enum option_kind {
    OPTION_SWITCH,   /* bool; has no value */
    OPTION_TEXT,     /* const char *; not empty */
    OPTION_LIST,     /* struct option_list; texts, one for each time that the option is given */
    OPTION_CHOICE,   /* int; the value of one of `choices` */
    OPTION_NAME,     /* const char *; the name of one of `choices` */
    OPTION_NUMBER,   /* uint64_t; whole, from `least` to `most` */
    OPTION_DURATION, /* double; seconds */
    OPTION_PERCENT,  /* double; 0 or more, or OPTION_NONE where `has_none` */
};

/* What a shell offers for a value that is no choice. */
enum option_completion {
    COMPLETE_NOTHING,
    COMPLETE_FILES,
    COMPLETE_WORKLOAD,
    COMPLETE_WORKLOADS, /* with commas between */
    COMPLETE_METRIC,
};

/* Headings of --help. */
enum option_group { GROUP_WORK, GROUP_SERVER, GROUP_GOAL, GROUP_MEASURE, GROUP_RESULT, GROUP_PROGRAM, GROUPS };

/* What a job file means by a path that is not absolute: from the job's own directory. */
enum option_paths {
    PATHS_NONE,
    PATHS_ONE,    /* the value is one, but for "-", and {dir} for its beginning */
    PATHS_SEVERAL /* words between commas, after NAME= : those with a slash, and names of libraries and of YAML files */
};

/* Options that say the same thing in different ways: one on the command line takes the place of a job's. */
enum option_instead { INSTEAD_OF_NOTHING, INSTEAD_OF_WORK, INSTEAD_OF_DURATION };

struct option_choice {
    const char *name; /* NULL ends the array */
    int value;
};

/* Texts are plain ASCII. `...` marks what the manual page has in bold, and options need no marks. */
struct option_row {
    const char *name; /* without the dashes */
    char letter;      /* of -LETTER, which has to be a word of its own; 0: none */
    unsigned verbs;   /* that take it: VERB_BITs */
    enum option_group group;
    enum option_kind kind;
    size_t offset;                       /* of its field in struct options */
    const char *argument;                /* what the value is called; NULL: by its choices */
    const struct option_choice *choices; /* of OPTION_CHOICE and OPTION_NAME */
    uint64_t least, most;                /* of OPTION_NUMBER; of OPTION_LIST: values, 0 is OPTION_LIST_MOST */
    bool has_none;                       /* OPTION_PERCENT takes "none" */
    bool ends_line;                      /* what follows on the command line is not looked at (--help) */
    bool hidden;                         /* in no document and no completion */
    enum option_completion completion;
    const char *default_value; /* as one would write it; NULL: the field is 0 */
    const char *default_text;  /* of a default that depends on others; NULL: default_value says it */
    const char *key;           /* in a job file: the name; NULL: it is of one invocation only */
    enum option_paths paths;
    enum option_instead instead;
    /* Of OPTION_TEXT, and of each of OPTION_LIST: NULL, or what is expected instead of TEXT. NULL: any text is taken.
     */
    const char *(*check)(const char *text);
    const char *description; /* a line or two, without a full stop */
    const char *details;     /* sentences that the manual page has besides; may be NULL */
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;

/* Titles by group. */
extern const char *const option_groups[GROUPS];

/* Whether PARSED has the option of this field from the command line or a job, not by default. */
#define option_given(parsed, field) option_given_at(parsed, offsetof(struct options, field))
bool option_given_at(const struct options *options, size_t offset);

/* --- verbs -------------------------------------------------------------------------------------------------------- */

#define VERB_BIT(verb) (1u << (verb))
#define VERBS_ALL (VERB_BIT(VERBS) - 1)

#define VERB_MOST_USES 4

struct verb_row {
    const char *name;
    const char *usage[VERB_MOST_USES]; /* what follows the program's name; all but the first may be NULL */
    const char *summary;               /* a line, without a full stop */
    const char *description;           /* lines of at most 80 columns; may be NULL */
    const char *examples;              /* the same */
    bool takes_arguments, takes_command;
    bool takes_job;            /* as its only argument */
    const char *arguments_key; /* of its arguments in a job file; NULL: it has none there */
    const char *words;         /* what a shell offers for an argument, besides files; NULL: nothing */
    bool takes_process;        /* a shell offers processes' numbers */
    const char *ending;        /* of the files that it offers; NULL: that of profiles, "yaml" */
};

extern const struct verb_row verb_rows[VERBS];

/* Words that a shell offers for a workload. */
extern const char option_workload_words[];

/* And for a metric. */
extern const char option_metric_words[];

/* The verb called NAME, or VERB_NONE. */
enum verb verb_find(const char *name);

#endif
