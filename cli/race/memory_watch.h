/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much memory a tree of processes has: its peak, its mean over the active time, and what it has now.
 *
 * What is resident is read at every look from /proc/PID/stat, which counts a page in each process that has it. So now
 * and then a close look reads /proc/PID/smaps_rollup as well: of anonymous and shared memory each process has its share
 * (PSS), of files the tree has what all its shares amount to, or what one process has mapped, whichever is more, so
 * that others who run the same program make no difference; what was freed lazily (MADV_FREE) is set apart. What has
 * changed since the last close look is counted in full, but for a process that was forked since and has executed no
 * other program: that counts from the next one on. No tree has less than its largest process.
 *
 * The kernel walks page tables for a close look, so these take at most 1/32 of the active time. A process that may not
 * be read (it has changed its user), or whose kernel has no such file, counts in full. One thread at a time. Below:
 * process_tree and /proc. */
#ifndef HAK_RACE_MEMORY_WATCH_H
#define HAK_RACE_MEMORY_WATCH_H

#include "cli/race/process_tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory_member; /* what is known of one process since the last close look */

/* Zeroed: nothing has been seen. Fields are the watch's own; read them freely. */
struct memory_watch {
    uint64_t now;       /* bytes at the last look, without lazily freed ones; so the peak and the mean */
    uint64_t peak;      /* the most at any look */
    uint64_t lazy_peak; /* of lazily freed ones at a close look */
    double byte_ns;     /* bytes times active time, since memory_watch_begin() */
    double lazy_byte_ns;
    uint64_t measured_ns; /* that active time; 0: the mean is not known */

    /* Since the last close look: */
    struct memory_member *members; /* malloc'd */
    size_t count;
    uint64_t files;                           /* what the tree has of files; all else is the members' */
    uint64_t lazy;                            /* of all members */
    uint64_t plain;                           /* the sum that counts shared pages in each; 0: there was none */
    uint64_t last_took_ns, closely_looked_ns; /* how long it took; the active time at it */

    uint64_t looked_ns;   /* active time at the last look */
    uint64_t seen_ns;     /* at the last one that found any process */
    uint64_t interval_ns; /* active time from one close look to the next; 0: the shortest */
    uint64_t spent_ns;    /* on all of them */
};

/* The measured work begins now, at ACTIVE_NS: the mean is of what follows. */
void memory_watch_begin(struct memory_watch *watch, uint64_t active_ns);

/* Looks at TREE as it was at its last refresh, after ACTIVE_NS. */
void memory_watch_look(struct memory_watch *watch, const struct process_tree *tree, uint64_t active_ns);

/* The same between two of them, while it runs: for its peak alone. */
void memory_watch_glance(struct memory_watch *watch, const struct process_tree *tree);

/* A close look outside of the active time, whatever it takes. Returns what TREE has; its peak and its mean stay. */
uint64_t memory_watch_exact(struct memory_watch *watch, const struct process_tree *tree);

void memory_watch_release(struct memory_watch *watch);

#endif
