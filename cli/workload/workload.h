/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is run: a workload of hakmem-bench, a command, or a server and its load; and what is particular to each kind.
 *
 * No state; any thread may call anything. Below: words, cli/locate/bench. */
#ifndef HAK_WORKLOAD_WORKLOAD_H
#define HAK_WORKLOAD_WORKLOAD_H

#include "cli/workload/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORKLOAD_MOST_ASSIGNMENTS 32

/* Of a job's name. */
#define WORKLOAD_JOB_SIZE 64

/* Exit statuses beside 0 that are no failure. Zeroed: none. */
struct workload_statuses {
    uint64_t bits[4];
};

/* When a server may be given its load. */
struct workload_ready {
    enum { WORKLOAD_READY_UNSET, WORKLOAD_READY_TCP, WORKLOAD_READY_EXEC, WORKLOAD_READY_LOG } kind;
    /* TCP: a port of this machine that accepts connections, or "{port}"; EXEC: a command that ends with status 0; LOG:
     * an extended regular expression that a line of the server's output matches */
    const char *text;
};

/* What is set says of which kind it is: `server`, else `workload`, else `command`. Strings belong to the caller. Those
 * marked * hold {dir} and {port} for the run's own directory and port. */
struct workload {
    char job[WORKLOAD_JOB_SIZE]; /* name of the job file that says all that follows; empty: there is none */
    const char *workload;        /* built-in: hakmem-bench's name ("ws8192"), or NULL */
    uint64_t operations;         /* of the workload for each thread; 0: the workload's own default */
    double share;                /* of that default, where `operations` is 0; 0: all of it */
    unsigned threads;            /* of the workload; 0: its own default */
    char *const *command;        /* command: NULL-terminated argv *, or NULL */

    /* Of a command and of a server: */
    const char *prepare;                                    /* command line * run before each run; NULL: none */
    const char *directory;                                  /* * to work in; NULL: the caller's */
    const char *assignments[WORKLOAD_MOST_ASSIGNMENTS + 1]; /* NAME=VALUE *, NULL at the end */
    const char *stdin_path;                                 /* * standard input; NULL: /dev/null */
    double timeout_s;                                       /* active seconds of a run (of the load); 0: no own */
    struct workload_statuses ok;                            /* of the command or the load */

    /* Of a server, all command lines *: */
    const char *server, *load, *warm_up; /* warm_up may be NULL */
    struct workload_ready ready;
    int stop_signal;                        /* 0: SIGTERM */
    double idle_s;                          /* after the load, before its memory is measured; 0: that is not */
    double start_timeout_s, stop_timeout_s; /* 0: the defaults below */
};

#define WORKLOAD_START_TIMEOUT_S 30.0
#define WORKLOAD_STOP_TIMEOUT_S 10.0

/* A kind of work: its traits, and what only it knows. */
struct workload_kind {
    const char *label; /* what reports call it */
    bool scales;       /* how much it does can be chosen: `operations`, `share` */
    bool publishes;    /* it writes a progress page, so that what it had done when it was ended counts */
    bool is_ours;      /* its program is a part of hakmem: where that is missing, nothing is wrong with the work */
    bool has_load;     /* what is measured is another program's work with it, and it is stopped afterwards */
    int usage_status;  /* the exit status for a name or an option that it does not know; -1: there is none */
    /* Its program's, for messages; see workload_name(). */
    void (*name)(const struct workload *work, char *text, size_t size);
    /* All that is run in one line. */
    void (*describe)(const struct workload *work, char *text, size_t size);
    /* The words of the contender's own program. Returns 0, or -1 with errno: ENOENT when hakmem-bench is needed and
     * not found, EINVAL when the work names nothing, ENOMEM. */
    int (*words)(const struct workload *work, const struct words_place *place, uint64_t seed, struct words *words);
};

const struct workload_kind *workload_kind(const struct workload *work);

/* What reports and files are named after: the job where there is one, else what the kind calls it. */
void workload_name(const struct workload *work, char *text, size_t size);

/* Whether the tuner chooses how much it does. */
bool workload_may_scale(const struct workload *work);

/* Whether a run needs a directory, or a port, of its own. */
bool workload_mentions(const struct workload *work, const char *placeholder);

bool workload_status_is_ok(const struct workload *work, int exit_status);

/* What to do where a run ended with EXIT_STATUS, as the end of a sentence: "; where that is no failure, give
 * --ok-status 1"; empty: nothing is known to help. */
const char *workload_cure(const struct workload *work, int exit_status, char *text, size_t size);

#endif
