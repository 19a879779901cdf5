/* SPDX-License-Identifier: MIT */
/* Blocks that change hands between two threads: a ring that one thread writes and one reads, without a lock. They go in
 * batches, so that for each block the handing over costs less than an instruction.
 *
 * `written` batches were handed over, `taken` of them are read. The writer fills slot written % RING_SLOTS while
 * written - taken is below RING_SLOTS, and then raises `written` (release; pairs with the reader's acquire in
 * ring_read); the reader raises `taken` (release; pairs with the writer's acquire in ring_slot) when it no longer needs
 * the slot. */
#ifndef BENCH_RING_H
#define BENCH_RING_H

#include <stdatomic.h>
#include <stdint.h>

#define RING_BATCH 256u /* blocks: large against the cost of handing over, small against the caches */
#define RING_SLOTS \
    64u /* batches: a few milliseconds of work, so that a short halt of one side does not halt the other */

struct ring_batch {
    unsigned count;
    void *block[RING_BATCH];
};

struct ring {
    _Alignas(64) _Atomic uint64_t written; /* writer */
    _Alignas(64) _Atomic uint64_t taken;   /* reader */
    _Alignas(64) struct ring_batch slot[RING_SLOTS];
};

/* One thread's end of a ring. */
struct ring_end {
    struct ring *ring;
    uint64_t batches;  /* handed over, or taken and given back */
    unsigned position; /* blocks put into the batch that is being filled, or taken from the one that is being read */
};

/* Makes the two ends of a new ring, mapped and touched. */
void ring_prepare(struct ring_end *writer, struct ring_end *reader);

/* The writer's next batch, when there is room for it; the position is 0. It is handed over by ring_hand_over. */
struct ring_batch *ring_slot(struct ring_end *writer);
/* Hands the first COUNT blocks of the batch over. */
void ring_hand_over(struct ring_end *writer, unsigned count);

/* The reader's batch, when there is one. */
struct ring_batch *ring_read(struct ring_end *reader);
/* The batch has been read to its end. */
void ring_give_back(struct ring_end *reader);

#endif
