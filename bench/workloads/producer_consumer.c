/* SPDX-License-Identifier: MIT */
/* producer-consumer: half of the threads only allocate, the other half only free what those allocated: every free is
 * remote. Below: ring.
 *
 * Written from the description of xmalloc-test in: C. Lever, D. Boreham: malloc() Performance in a Multithreaded Linux
 * Environment, USENIX 2000. Workers come in pairs, an even one produces for the odd one after it. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/ring.h"
#include "bench/workloads/workload.h"

#define MINIMUM_SIZE 8u
#define SIZE_MASK 511u /* sizes are 8 to 519 bytes */

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    for (unsigned index = 0; index < plan->threads; index += 2)
        ring_prepare(workers[index].state, workers[index + 1].state);
}

static void produce(struct bench_worker *worker, uint64_t count)
{
    struct ring_end *end = worker->state;
    uint32_t random = worker->random;
    while (count > 0) {
        unsigned part = count < RING_BATCH ? (unsigned)count : RING_BATCH;
        struct ring_batch *batch = ring_slot(end);
        for (unsigned index = 0; index < part; index++) {
            random = bench_random_next(random);
            batch->block[index] = block_new(MINIMUM_SIZE + (random >> 7 & SIZE_MASK));
        }
        ring_hand_over(end, part);
        count -= part;
    }
    worker->random = random;
}

static void consume(struct ring_end *end, uint64_t count)
{
    while (count > 0) {
        struct ring_batch *batch = ring_read(end);
        unsigned stop = batch->count - end->position <= count ? batch->count : end->position + (unsigned)count;
        count -= stop - end->position;
        for (; end->position < stop; end->position++) {
            void *block = batch->block[end->position];
            block_size(block, MINIMUM_SIZE, MINIMUM_SIZE + SIZE_MASK);
            free(block);
        }
        if (stop == batch->count)
            ring_give_back(end);
    }
}

static void step(struct bench_worker *worker, uint64_t count)
{
    if (worker->index % 2 == 0)
        produce(worker, count);
    else
        consume(worker->state, count);
}

const struct workload workload_producer_consumer = {
    .name = "producer-consumer",
    .what = "pairs of threads: one allocates blocks of 8 to 519 bytes, the other frees them, so every free is remote",
    .operation = "one malloc or one free",
    .source =
        "xmalloc-test of Lever and Boreham: malloc() Performance in a Multithreaded Linux Environment, USENIX 2000",
    .threads_step = 2,
    .operations = 30000000,
    .warmup = 4 * RING_BATCH * RING_SLOTS, /* four times round the ring */
    .state_bytes = sizeof(struct ring_end),
    .prepare = prepare,
    .step = step,
};
