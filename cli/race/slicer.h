/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A turn: lets one contender run for a few milliseconds and has its whole process tree stand still afterwards; and the
 * end: nothing is left.
 *
 * SIGSTOP and SIGKILL can be neither caught nor ignored. They go to the process group at once (no member forks its way
 * out: fork fails while a signal is pending), then to every member of the tree that has left the group. A stop counts
 * only when it is confirmed for every thread. One thread at a time; below are child and process_tree. */
#ifndef HAK_RACE_SLICER_H
#define HAK_RACE_SLICER_H

#include "cli/race/child.h"
#include "cli/race/process_tree.h"

#include <stdint.h>

enum slicer_outcome {
    SLICER_STOPPED, /* the turn is over, everything stands still */
    SLICER_EXITED,  /* the first process has ended; what it left behind may run on: slicer_kill() */
    SLICER_STUCK    /* it did not come to a standstill (it starts processes faster than they can be stopped) */
};

/* When a contender ran, CLOCK_MONOTONIC. */
struct slicer_times {
    uint64_t continued_ns; /* just before it was continued */
    uint64_t stopped_ns;   /* when the stop was confirmed, or the end was noticed */
    /* Of that, not executing although ready to: other programs held the processors, or this one came late to see the
     * stop. Known for a single thread alone, as several also wait for each other; else 0. */
    uint64_t waited_ns;
};

/* Continues CHILD and TREE at once and stops them after SLICE_NS, or returns earlier when CHILD ends or a signal
 * handler of this process has run and *INTERRUPTED (may be NULL) is set. */
enum slicer_outcome slicer_turn(struct child *child, struct process_tree *tree, uint64_t slice_ns,
                                const volatile int *interrupted, struct slicer_times *times);

/* Continues TREE and returns. */
void slicer_continue(struct process_tree *tree);

/* Waits until CHILD ends (true), END_NS, or *INTERRUPTED (false). */
bool slicer_wait(struct child *child, uint64_t end_ns, const volatile int *interrupted);

/* Freezes the tree, kills it and waits until it is gone. Returns 0, or -1 when something could not be killed within a
 * few seconds. */
int slicer_kill(struct child *child, struct process_tree *tree);

#endif
