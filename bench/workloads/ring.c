/* SPDX-License-Identifier: MIT */
/* See ring.h. */
#include "config.h"

#include "bench/workloads/ring.h"

#include "bench/support.h"

#include <sched.h>

#define SPINS 200u /* looks at the ring before the processor is offered to others; a few microseconds */

/* Waits until COUNTER is at least VALUE. */
static void wait_for(_Atomic uint64_t *counter, uint64_t value)
{
    unsigned spins = 0;
    while (atomic_load_explicit(counter, memory_order_acquire) < value)
        if (++spins > SPINS)
            sched_yield();
}

void ring_prepare(struct ring_end *writer, struct ring_end *reader)
{
    struct ring *ring = bench_map(sizeof(*ring));
    *writer = *reader = (struct ring_end){.ring = ring};
}

struct ring_batch *ring_slot(struct ring_end *writer)
{
    if (writer->batches >= RING_SLOTS)
        wait_for(&writer->ring->taken, writer->batches - RING_SLOTS + 1);
    return &writer->ring->slot[writer->batches % RING_SLOTS];
}

void ring_hand_over(struct ring_end *writer, unsigned count)
{
    writer->ring->slot[writer->batches % RING_SLOTS].count = count;
    writer->position = 0;
    atomic_store_explicit(&writer->ring->written, ++writer->batches, memory_order_release);
}

struct ring_batch *ring_read(struct ring_end *reader)
{
    wait_for(&reader->ring->written, reader->batches + 1);
    return &reader->ring->slot[reader->batches % RING_SLOTS];
}

void ring_give_back(struct ring_end *reader)
{
    reader->position = 0;
    atomic_store_explicit(&reader->ring->taken, ++reader->batches, memory_order_release);
}
