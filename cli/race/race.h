/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The measuring engine: runs contenders on the same work in turns of milliseconds, and says what each took.
 *
 * The one place in the project that times anything. It knows nothing of the search: a contender is a label and a
 * launch; a race has several contenders, in one round robin, in random order, on one seed.
 * Each contender runs in a session of its own and reads /dev/null. It alone sees LD_PRELOAD (its library, then
 * what was there), its launch's variables, HAKMEM_SEED and, for a workload, the progress page.
 *
 * Not thread-safe: one race at a time in a process, and no other thread may start or wait for children meanwhile. For
 * its time the process is a child subreaper and SIGCHLD has its default action; children that it had before are left
 * alone. The first race starts a process that ends contenders whose tuner was killed (reaper.h). Below: result,
 * cli/workload. */
#ifndef HAK_RACE_RACE_H
#define HAK_RACE_RACE_H

#include "cli/race/result.h"
#include "cli/workload/workload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum race_interleave {
    RACE_SLICES,
    RACE_RUNS
}; /* turns of milliseconds (SIGSTOP/SIGCONT), or whole runs in alternation */

struct race_options {
    enum race_interleave interleave;
    unsigned slice_ms; /* length of a turn; 0: the default */
    /* handed to the workload (--seed, or HAKMEM_SEED in a command's environment) and to the order of turns */
    uint64_t seed;
    /* a contender whose active time passes this is a hang; 0: the default of 60 s of active time */
    double time_limit_s;
    double deadline; /* CLOCK_MONOTONIC seconds at which the race ends, whatever still runs (milestones so far count);
                        0: none */
    /* Bytes that the contenders may have resident together; 0: no limit. Where they pass it, race_run returns -1 with
     * errno EDQUOT: they have to run one after the other. */
    uint64_t memory_limit;
    /* What is measured besides the table's own, which must outlive the race; NULL: nothing. The user's are looked for
     * in what the command, or the load, prints. */
    const struct metric_set *metrics;
    bool cut_far_behind; /* end a workload (not a command) that takes four times as long as another when the others are
                            done: RACE_BEHIND */
    const volatile int *interrupted; /* becomes non-zero (signal handler): the race ends at once and its children are
                                        killed; may be NULL */
    bool keep_turns;                 /* fill in the results' turns */
    /* Let stdout and stderr through; both to stderr where the user's metrics are looked for in them. Else neither is
     * shown, and the last line of stderr goes into `message`. */
    bool show_output;
};

/* Runs all CONTENDERS once on WORK. Returns 0 when every contender has a result (whatever its status), or -1 with errno
 * when the race itself could not be held (ECANCELED: interrupted). No process that a contender started is left
 * afterwards. */
int race_run(const struct race_contender *contenders, size_t count, const struct workload *work,
             const struct race_options *options, struct race_result *results);

void race_results_clear(struct race_result *results, size_t count);

#endif
