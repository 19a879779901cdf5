/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From progress pages to figures that can be compared: the active time of equal parts of the work.
 *
 * The pages are written by the workloads at the same time; a figure is read only after the acquire of `reached` that
 * announces it. Whatever a broken workload writes there is bounded before use. Knows nothing of processes. */
#ifndef HAK_RACE_BLOCKS_H
#define HAK_RACE_BLOCKS_H

#include "bench/progress.h"

#include <stddef.h>
#include <stdint.h>

/* Blocks are means over many milestones: neighbouring milestones are correlated and a slice sees two or three of them,
 * so that they say little one by one. 40 are plenty for an error. */
#define BLOCKS_MAX 40
/* A block must hold several turns of each contender, or the place of the turns' borders in it is what gets measured. */
#define BLOCKS_SLICES_PER_BLOCK 4
/* A contender that got less than this part as far as the one that got furthest is not waited for, and does not cut
 * short the comparison of the others. */
#define BLOCKS_FAR_BEHIND 4
/* Of such a one so many are waited for, if the others are done: 1 % of the work says how far behind it is. */
#define BLOCKS_FEWEST_MILESTONES 4

/* What is known of one contender at the end of one of its turns. */
struct blocks_turn {
    uint64_t end_ns;    /* the time that its page counts */
    uint64_t waited_ns; /* of that, waited for a processor that other programs held, from the start on */
};

/* The turns of one contender, in order. Zeroed: none. */
struct blocks_turns {
    struct blocks_turn *list; /* malloc'd */
    size_t count;
    size_t capacity;
};

/* Appends a turn that ended at END_NS and waited WAITED_NS. Returns 0, or -1 with errno ENOMEM. */
int blocks_turns_add(struct blocks_turns *turns, uint64_t end_ns, uint64_t waited_ns);

/* The milestones that every thread of the workload has passed. 0: the measured work has not begun, or has just begun.
 */
uint32_t blocks_milestones(const struct bench_progress *page);

/* The active time at which the threads passed MILESTONE, mean over threads, nanoseconds: what the page says less what
 * was waited up to then. How long it had waited in the middle of a turn is taken to be in proportion. */
uint64_t blocks_time_ns(const struct bench_progress *page, const struct blocks_turns *turns, uint32_t milestone);

/* Writes the seconds of each of COUNT equal parts of the first MILESTONES milestones into BLOCK_S. Returns 0, or -1
 * when the page's times run backwards or a part took no time at all: then they are of no use. */
int blocks_fill(const struct bench_progress *page, const struct blocks_turns *turns, uint32_t milestones, size_t count,
                double *block_s);

/* Into how many blocks MILESTONES milestones are to be merged when the quickest contender took SHORTEST_NS for them in
 * turns of SLICE_NS.
 * */
size_t blocks_count(uint32_t milestones, uint64_t shortest_ns, uint64_t slice_ns);

/* The operations that all publishing threads together do in MILESTONES milestones; 0 when the workload does not count
 * them. */
uint64_t blocks_operations(const struct bench_progress *page, uint32_t milestones);

#endif
