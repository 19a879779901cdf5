/* SPDX-License-Identifier: MIT */
/* cache-scratch and cache-thrash: each thread allocates a small block, works on it for a while and frees it, again and
 * again. When blocks of two threads lie on one cache line, the line travels between their processors at every write.
 *
 * Written from the description of active and passive false sharing in: E. Berger, K. McKinley, R. Blumofe, P. Wilson:
 * Hoard, ASPLOS 2000. Thrash: the allocator may hand one line to two threads (active). Scratch: the first block of each
 * thread comes from the main thread, side by side with those of the others, and may be handed to its thread again after
 * the free (passive). */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/workload.h"

#include <stdlib.h>

#define BLOCK_SIZE 8u
#define WRITES \
    200u /* to a block, before it is freed: about half a microsecond, against some 10 ns for malloc and free */

static void *small_block(void)
{
    void *block = malloc(BLOCK_SIZE);
    if (!block)
        bench_out_of_memory(BLOCK_SIZE);
    return block;
}

static void populate_scratch(const struct bench_plan *plan, struct bench_worker *workers)
{
    for (unsigned index = 0; index < plan->threads; index++)
        workers[index].state = small_block();
}

/* Each write depends on the one before, and none may be left out. */
static void work_on(volatile uint64_t *block)
{
    for (unsigned number = 0; number < WRITES; number++)
        *block = *block + number;
}

static void step(struct bench_worker *worker, uint64_t count)
{
    for (; count > 0; count--) {
        void *block = worker->state ? worker->state : small_block();
        worker->state = NULL;
        *(uint64_t *)block = 0;
        work_on(block);
        if (*(uint64_t *)block != (uint64_t)WRITES * (WRITES - 1) / 2)
            bench_block_overwritten(block);
        free(block);
    }
}

/* What the two have in common. A worker's state is the block that it has next, if it has one. */
#define FALSE_SHARING_WORKLOAD                                                                         \
    .operation = "a malloc, 200 writes and a free", .source = "Berger and others: Hoard, ASPLOS 2000", \
    .threads_step = 1, .every_core = true, .operations = 3000000, .warmup = 1000, .step = step

const struct workload workload_cache_scratch = {
    .name = "cache-scratch",
    .what = "each thread works on blocks of 8 bytes, the first of which lie side by side (passive false sharing)",
    .populate = populate_scratch,
    FALSE_SHARING_WORKLOAD,
};

const struct workload workload_cache_thrash = {
    .name = "cache-thrash",
    .what = "each thread works on blocks of 8 bytes that it allocates itself (active false sharing)",
    FALSE_SHARING_WORKLOAD,
};
