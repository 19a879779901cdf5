/* SPDX-License-Identifier: MIT */
/* larson: a server. Every thread looks after many blocks and replaces random ones; after some rounds it dies and hands
 * them to a new thread, which goes on. So blocks are freed by other threads than allocated them, and memory of dead
 * threads must find its way back.
 *
 * Written from: P.-A. Larson, M. Krishnan: Memory allocation for long-running server applications, ISMM 1998, section
 * 4; with the parameters that mimalloc-bench made common (sizes 8 to 1000, 5000 blocks for each thread, 100 rounds).
 * Unlike there, work is a number of operations, not a time. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/workload.h"

#define BLOCKS 5000u /* each thread looks after so many */
#define ROUNDS 100u  /* in its life a thread replaces as many blocks as it has, so often */
#define MINIMUM_SIZE 8u
#define MAXIMUM_SIZE 1000u

struct state {
    char *blocks[BLOCKS];
};

/* A block of random size, both ends of which are written. */
static inline char *random_block(uint32_t random)
{
    size_t size = MINIMUM_SIZE + random % (MAXIMUM_SIZE - MINIMUM_SIZE + 1);
    char *block = block_new(size);
    block[size - 1] = 1;
    return block;
}

/* As in the original, the main thread allocates what the first generation of threads finds. */
static void populate(const struct bench_plan *plan, struct bench_worker *workers)
{
    for (unsigned index = 0; index < plan->threads; index++) {
        struct state *state = workers[index].state;
        for (unsigned slot = 0; slot < BLOCKS; slot++) {
            state->blocks[slot] = random_block(worker_next(&workers[index]));
        }
    }
}

static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    char **blocks = state->blocks;
    uint32_t random = worker->random;
    for (; count > 0; count--) {
        random = bench_random_next(random);
        char **slot = &blocks[random % BLOCKS];
        free(*slot);
        random = bench_random_next(random);
        *slot = random_block(random);
    }
    worker->random = random;
}

static void finish(struct bench_worker *worker)
{
    struct state *state = worker->state;
    for (unsigned slot = 0; slot < BLOCKS; slot++) {
        worker->live_requested_bytes += block_size(state->blocks[slot], MINIMUM_SIZE, MAXIMUM_SIZE);
        free(state->blocks[slot]);
    }
}

const struct workload workload_larson = {
    .name = "larson",
    .what = "a server: each thread replaces random ones of 5000 blocks of 8 to 1000 bytes, dies after a while and "
            "hands them on",
    .operation = "one free and one malloc",
    .source = "Larson and Krishnan: Memory allocation for long-running server applications, ISMM 1998",
    .generation = (uint64_t)BLOCKS * ROUNDS,
    .threads_step = 1,
    .every_core = true,
    .operations = 25000000,
    .warmup = 10 * BLOCKS, /* hardly a block is left that the main thread allocated */
    .state_bytes = sizeof(struct state),
    .populate = populate,
    .step = step,
    .finish = finish,
};
