/* SPDX-License-Identifier: MIT */
/* The inner loop of the ws workloads. It costs about 25 instructions for each step, calls of malloc and free apart:
 * what it costs hides what the allocators cost. */
#include "config.h"

#include "bench/workloads/working_set.h"

#include "bench/call_latency.h"
#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/workload.h"

#include <stdbool.h>

/* Blocks have 16 bytes and as many more as the 10 highest bits of the random number say: 16 to 1039. */
#define MINIMUM_SIZE 16u
#define SIZE_BITS 10
#define MAXIMUM_SIZE (MINIMUM_SIZE + (1u << SIZE_BITS) - 1)

void working_set_prepare(struct working_set *set, uint32_t count, uint32_t random_start)
{
    set->slots = bench_map(count * sizeof(void *));
    set->count = count;
    set->random = random_start;
}

static inline __attribute__((always_inline)) void *new_block(size_t size, struct latency *latency)
{
    if (!latency)
        return block_new(size);
    uint64_t start = ticks_start();
    void *memory = malloc(size);
    uint64_t stop = ticks_stop();
    uint64_t write_start = ticks_start();
    void *block = block_mark(memory, size);
    uint64_t write_stop = ticks_stop();
    latency_note_malloc(latency, start, stop, write_start, write_stop);
    return block;
}

static inline __attribute__((always_inline)) void free_block(void *block, struct latency *latency)
{
    if (!latency) {
        free(block);
        return;
    }
    uint64_t start = ticks_start();
    free(block);
    uint64_t stop = ticks_stop();
    latency_note_free(latency, start, stop);
}

/* Inlined for each kind of count, because a division costs as much as the allocators do: where the count is a power of
 * two, r % N is one AND. And inlined with and without the timing of each call (LATENCY), so that there is no trace of
 * it where nothing is timed. */
static inline __attribute__((always_inline)) void steps(struct working_set *set, uint64_t operations, bool power_of_two,
                                                        struct latency *latency)
{
    void **slots = set->slots;
    uint32_t random = set->random, count = set->count;
    for (; operations > 0; operations--) {
        random = bench_random_next(random);
        void **slot = &slots[power_of_two ? random & (count - 1) : random % count];
        void *block = *slot;
        if (block) {
            *slot = NULL;
            free_block(block, latency);
        } else {
            *slot = new_block(MINIMUM_SIZE + (random >> (32 - SIZE_BITS)), latency);
        }
    }
    set->random = random;
}

static bool has_power_of_two(const struct working_set *set)
{
    return (set->count & (set->count - 1)) == 0;
}

void working_set_step(struct working_set *set, uint64_t operations)
{
    if (has_power_of_two(set))
        steps(set, operations, true, NULL);
    else
        steps(set, operations, false, NULL);
}

void working_set_step_timed(struct working_set *set, uint64_t operations, struct latency *latency)
{
    latency_begin(latency);
    if (has_power_of_two(set))
        steps(set, operations, true, latency);
    else
        steps(set, operations, false, latency);
}

uint64_t working_set_finish(struct working_set *set)
{
    uint64_t bytes = 0;
    for (uint32_t slot = 0; slot < set->count; slot++) {
        void *block = set->slots[slot];
        if (!block)
            continue;
        bytes += block_size(block, MINIMUM_SIZE, MAXIMUM_SIZE);
        set->slots[slot] = NULL;
        free(block);
    }
    return bytes;
}

uint64_t working_set_warmup(uint32_t count)
{
    uint64_t twice = 2 * (uint64_t)count;
    return twice > WORKING_SET_LEAST_WARMUP ? twice : WORKING_SET_LEAST_WARMUP;
}

void working_set_prepare_workers(const struct bench_plan *plan, struct bench_worker *workers, uint32_t count)
{
    for (unsigned index = 0; index < plan->threads; index++)
        working_set_prepare(workers[index].state, count, workers[index].random);
}

void working_set_step_worker(struct bench_worker *worker, uint64_t operations)
{
    working_set_step(worker->state, operations);
}

void working_set_finish_worker(struct bench_worker *worker)
{
    worker->live_requested_bytes = working_set_finish(worker->state);
}
