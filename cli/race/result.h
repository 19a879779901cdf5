/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who competes in a race, and what each took. Below: cli/metric, cli/subject/launch. */
#ifndef HAK_RACE_RESULT_H
#define HAK_RACE_RESULT_H

#include "cli/metric/metric.h"
#include "cli/subject/launch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RACE_MAX_CONTENDERS 32

/* Who competes. Strings belong to the caller and must outlive the race. */
struct race_contender {
    const char *label; /* for messages */
    struct launch launch;
};

/* Turns that are kept of one contender at most. */
#define RACE_MOST_TURNS 512

/* When a contender ran: seconds since the race began to start its contenders, and how long. */
struct race_turn {
    double begin_s, seconds;
};

enum race_status {
    RACE_OK,      /* did its work and exited 0 */
    RACE_CUT,     /* ended by us at the deadline: the blocks it has (maybe none) are good, its time is that of a part */
    RACE_BEHIND,  /* ended by us when only such were left as take four times as long as another: its blocks say how far
                      behind it was */
    RACE_FAILED,  /* exited with another status: `code`; or, 0, a phase of a server did not come to its end */
    RACE_CRASHED, /* died by signal `code` */
    RACE_HUNG,    /* passed the time limit, or could not be stopped; was killed */
    RACE_NOT_STARTED, /* the command could not be run, or the library not be read: `code` is errno */
    RACE_NOT_LOADED   /* it ran, but without the library: what it took says nothing; `code` is an allocator_reason */
};

/* What one contender took. */
struct race_result {
    enum race_status status;
    int code;       /* exit status, signal, errno or allocator_reason, as `status` says */
    int own_status; /* RACE_FAILED: the exit status of the command itself, or of the load; else 0 */
    /* All figures that are known of the run. The time is what it was allowed to run, from start to end; of a single
     * thread, less what other programs took from it; of a whole run, wall time. The CPU time is that of its process
     * tree, as far as it was waited for; of a server, under its load. Memory is in bytes, of a server without its load:
     * the peak is a workload's own figure, else the most that the process tree was seen to have together
     * (memory_watch.h), or the largest peak of one process if that is more. Of one that was cut they are those of what
     * it did: its time, CPU time and mean memory belong together, its peak may have been still to come. */
    struct metric_sample sample;
    /* With a progress page: active seconds of equal parts of the work that the contenders of this race have all done
     * (the same parts in the same order, and as many, for all), else one block that is the whole time. Ratios are taken
     * block by block. A contender that takes four times as long as another does not cost the others their blocks: where
     * it is ended before it has done as much, all of its own are as long as what it did says. None for one that failed,
     * or was cut off before its measured work began or as a command. */
    size_t blocks;
    double *block_s;           /* free with race_results_clear */
    uint64_t block_operations; /* of all threads in one block, where a workload publishes them; else 0 */
    /* Its first turns, or the whole run, where race_options asked for them; else NULL. Free with race_results_clear. */
    struct race_turn *turns;
    size_t turn_count;
    char allocator[96]; /* "own: jemalloc 5.3.0": what most of the work was done with, where no library was asked for
                           and it is not the C library's malloc; else empty */
    char became[256];   /* the path of the program that its first process became after it had been another, where that
                           did most of the work; else empty */
    double beside_s;    /* processor seconds that were seen to go elsewhere than there */
    char message[256];  /* one line for people when status is not RACE_OK; else empty */
};

/* What lets all allocators but the C library's own crash, more often than all of them: for the words on a crash. */
#define RACE_DEEP_BIND \
    "a program that loads its extensions with RTLD_DEEPBIND, as PHP does, runs with no allocator but the C library's"

/* Whether it did the work, or as much of it as it was given time for. */
static inline bool race_took_part(const struct race_result *result)
{
    return result->status == RACE_OK || result->status == RACE_CUT || result->status == RACE_BEHIND;
}

#endif
