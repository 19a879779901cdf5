/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The measuring engine: runs contenders on the same work in turns of milliseconds, and says what each took.
 *
 * The one place in the project that times anything. It knows nothing of the search: a contender is a label, a library
 * to preload and a profile; a race has several contenders, in one round robin, in random order, on one
 * seed. Each contender runs in a session of its own and reads /dev/null. It alone sees LD_PRELOAD (its library, then
 * what was there), HAKMEM_PROFILE with HAKMEM_PROFILE_STRICT=1, HAKMEM_SEED and, for a workload, the progress page.
 *
 * Not thread-safe: one race at a time in a process, and no other thread may start or wait for children meanwhile. For
 * its time the process is a child subreaper and SIGCHLD has its default action; children that it had before are left
 * alone. The first race starts a process that ends contenders whose tuner was killed (reaper.h). */
#ifndef HAK_RACE_RACE_H
#define HAK_RACE_RACE_H

#include "cli/workload/workload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RACE_MAX_CONTENDERS 32

/* Who competes. Strings belong to the caller and must outlive the race. */
struct race_contender {
    const char *label;   /* for messages */
    const char *library; /* absolute path for LD_PRELOAD; NULL: none, the C library's malloc */
    const char *profile; /* absolute path for HAKMEM_PROFILE; NULL: unset (the built-in default) */
};

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
    bool cut_far_behind; /* end a workload (not a command) that takes four times as long as another when the others are
                            done: RACE_BEHIND */
    const volatile int *interrupted; /* becomes non-zero (signal handler): the race ends at once and its children are
                                        killed; may be NULL */
    bool show_output; /* let stdout and stderr through (else neither is shown; the last line of stderr goes into
                         `message`) */
};

enum race_status {
    RACE_OK,      /* did its work and exited 0 */
    RACE_CUT,     /* ended by us at the deadline: the blocks it has (maybe none) are good, active_s is not */
    RACE_BEHIND,  /* ended by us when only such were left as take four times as long as another: its blocks say how far
                      behind it was */
    RACE_FAILED,  /* exited with another status: `code` */
    RACE_CRASHED, /* died by signal `code` */
    RACE_HUNG,    /* passed the time limit, or could not be stopped; was killed */
    RACE_NOT_STARTED, /* the command could not be run, or the library not be read: `code` is errno */
    RACE_NOT_LOADED   /* it ran, but without the library: what it took says nothing */
};

/* What one contender took. */
struct race_result {
    enum race_status status;
    int code; /* exit status, signal or errno, as `status` says */
    /* Time that it was allowed to run, from start to end; of a single thread, less what other programs took from it. Of
     * a whole run: wall time. */
    double active_s;
    double cpu_s; /* user and system time of its process tree, as far as it was waited for */
    /* Bytes. A workload's own figure; else the largest sum over the process tree that was seen at the end of a turn
     * (pages that processes share count in each), or the largest peak of one process if that is more. */
    uint64_t peak_resident;
    /* With a progress page: active seconds of equal parts of the work that the contenders of this race have all done
     * (the same parts in the same order, and as many, for all), else one block that is active_s. Ratios are taken block
     * by block. A contender that takes four times as long as another does not cost the others their blocks: where it is
     * ended before it has done as much, all of its own are as long as what it did says. None for one that failed, or
     * was cut off before its measured work began or as a command. */
    size_t blocks;
    double *block_s;           /* free with race_results_clear */
    uint64_t block_operations; /* of all threads in one block, where a workload publishes them; else 0 */
    char message[256];         /* one line for people when status is not RACE_OK; else empty */
};

/* Whether it did the work, or as much of it as it was given time for. */
static inline bool race_took_part(const struct race_result *result)
{
    return result->status == RACE_OK || result->status == RACE_CUT || result->status == RACE_BEHIND;
}

/* Runs all CONTENDERS once on WORK. Returns 0 when every contender has a result (whatever its status), or -1 with errno
 * when the race itself could not be held (ECANCELED: interrupted). No process that a contender started is left
 * afterwards. */
int race_run(const struct race_contender *contenders, size_t count, const struct workload *work,
             const struct race_options *options, struct race_result *results);

void race_results_clear(struct race_result *results, size_t count);

#endif
