/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A turn: lets one contender run for a few milliseconds and has its whole group of process trees stand still
 * afterwards; and the end: nothing is left.
 *
 * The end comes to control groups first. SIGSTOP and SIGKILL can be neither caught nor ignored. They go to the process
 * group at once (no member forks its way out: fork fails while a signal is pending), then to every member of a tree
 * that has left its group. A stop counts only when it is confirmed for every thread. One thread at a time; below:
 * group. */
#ifndef HAK_RACE_SLICER_H
#define HAK_RACE_SLICER_H

#include "cli/race/group.h"

#include <stdbool.h>
#include <stdint.h>

enum slicer_outcome {
    SLICER_STOPPED, /* the turn is over, everything stands still */
    /* The first process of one of its parts has ended; what it left behind, and the other parts, may run on:
     * slicer_kill(), slicer_stop(). */
    SLICER_EXITED,
    SLICER_STUCK,      /* it starts processes faster than they can be stopped */
    SLICER_STARVED,    /* it got no processor on which it could stop, for longer than anybody waits */
    SLICER_INTERRUPTED /* nobody waits any more for it to stop: it is to be killed */
};

/* What is in-between two looks at a group that runs. Zeroed: nobody looks. */
struct slicer_looks {
    void (*look)(void *who); /* returns soon */
    void *who;
    uint64_t every_ns;
};

/* When a contender ran, CLOCK_MONOTONIC. */
struct slicer_times {
    uint64_t continued_ns; /* just before it was continued */
    uint64_t stopped_ns;   /* when the stop was confirmed, or the end was noticed */
    /* Of that, not executing although ready to: other programs held the processors, or this one came late to see the
     * stop. Known for a single thread alone, as several also wait for each other; else 0. */
    uint64_t waited_ns;
};

/* Continues all of GROUP at once and stops it after SLICE_NS, or returns earlier when a part's first process ends or a
 * signal handler of this process has run and *INTERRUPTED (may be NULL) is set, which it need not stand still after.
 * While it runs, LOOKS are taken. */
enum slicer_outcome slicer_turn(struct group *group, uint64_t slice_ns, const struct slicer_looks *looks,
                                const volatile int *interrupted, struct slicer_times *times);

/* Continues GROUP and returns. */
void slicer_continue(struct group *group);

/* Stops GROUP: SLICER_STOPPED, also where a part's first process has ended; or why it did not come to a standstill. */
enum slicer_outcome slicer_stop(struct group *group);

/* Why a contender that did not come to a standstill is killed, for people. */
const char *slicer_reason(enum slicer_outcome outcome);

/* Waits until a part's first process ends (true), END_NS, or *INTERRUPTED (false). */
bool slicer_wait(struct group *group, uint64_t end_ns, const volatile int *interrupted);

/* Freezes the group, kills it and waits until it is gone. Returns 0, or -1 when something could not be killed within a
 * few seconds. */
int slicer_kill(struct group *group);

/* Kills PART alone, while the others may run. */
int slicer_kill_part(struct group *group, enum group_part part);

#endif
