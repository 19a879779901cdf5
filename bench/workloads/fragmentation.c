/* SPDX-License-Identifier: MIT */
/* fragmentation: blocks of one range of sizes fill the memory, nine of ten are freed at random, and blocks of another
 * range follow, which do not fit into the holes. Round after round with ever changing ranges, with a tenth of each
 * round's blocks surviving the next two.
 *
 * After P. Wilson and others: Dynamic Storage Allocation, IWMM 1995, who argue that programs' phases, not random sizes
 * alone, make memory fragment. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/workload.h"

#define ROUND_BYTES (8u << 20) /* of blocks, in each round */
#define ROUNDS_KEPT 3u         /* what survives its own round lives for two more */
#define KEEP_ONE_IN 10u
#define RANGES 6u

/* A round's sizes are LEAST to 2 * LEAST - 1. Neighbours in time are far apart in size. */
static const uint32_t least_size[RANGES] = {24, 400, 72, 1600, 40, 160};
#define SMALLEST 24u
#define LARGEST 3199u

struct round {
    void **block;
    uint32_t count; /* blocks of which some are freed: NULL */
};

struct state {
    struct round round[ROUNDS_KEPT];
    uint32_t number;   /* of the round that is on */
    uint32_t position; /* blocks allocated, or looked at, in this phase of it */
    enum { FILLING, THINNING, CLEARING } phase;
    uint32_t bytes; /* allocated in this round */
};

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    for (unsigned index = 0; index < plan->threads; index++) {
        struct state *state = workers[index].state;
        for (unsigned number = 0; number < ROUNDS_KEPT; number++)
            state->round[number].block = bench_map(ROUND_BYTES / SMALLEST * sizeof(void *));
    }
}

static void discard(struct round *round, uint32_t position)
{
    void *block = round->block[position];
    block_size(block, SMALLEST, LARGEST);
    free(block);
    round->block[position] = NULL;
}

/* Allocates blocks until the round has its bytes. */
static uint64_t fill(struct bench_worker *worker, struct round *round, uint64_t count)
{
    struct state *state = worker->state;
    uint32_t least = least_size[state->number % RANGES];
    uint64_t done = 0;
    for (; done < count && state->bytes < ROUND_BYTES - LARGEST; done++) {
        uint32_t size = least + (worker_next(worker) >> 8) % least;
        round->block[round->count++] = block_new(size);
        state->bytes += size;
    }
    if (state->bytes >= ROUND_BYTES - LARGEST) {
        state->phase = THINNING;
        state->position = 0;
    }
    return done;
}

/* Goes through the round's blocks in their order and frees nine of ten. */
static uint64_t thin(struct bench_worker *worker, struct round *round, uint64_t count)
{
    struct state *state = worker->state;
    uint64_t done = 0;
    for (; done < count && state->position < round->count; state->position++) {
        if ((worker_next(worker) >> 8) % KEEP_ONE_IN != 0) {
            discard(round, state->position);
            done++;
        }
    }
    if (state->position == round->count) {
        state->phase = CLEARING;
        state->position = 0;
        state->number++;
    }
    return done;
}

/* Frees what is left of the oldest round, in whose place the next one comes. */
static uint64_t clear(struct state *state, struct round *round, uint64_t count)
{
    uint64_t done = 0;
    for (; done < count && state->position < round->count; state->position++) {
        if (round->block[state->position]) {
            discard(round, state->position);
            done++;
        }
    }
    if (state->position == round->count) {
        round->count = 0;
        state->bytes = 0;
        state->phase = FILLING;
    }
    return done;
}

static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    while (count > 0) {
        struct round *round = &state->round[state->number % ROUNDS_KEPT];
        count -= state->phase == FILLING    ? fill(worker, round, count)
                 : state->phase == THINNING ? thin(worker, round, count)
                                            : clear(state, round, count);
    }
}

static void finish(struct bench_worker *worker)
{
    struct state *state = worker->state;
    for (unsigned number = 0; number < ROUNDS_KEPT; number++) {
        struct round *round = &state->round[number];
        for (uint32_t position = 0; position < round->count; position++) {
            if (!round->block[position])
                continue;
            worker->live_requested_bytes += block_size(round->block[position], SMALLEST, LARGEST);
            discard(round, position);
        }
    }
}

const struct workload workload_fragmentation = {
    .name = "fragmentation",
    .what = "8 MiB of blocks of one range of sizes are allocated, nine of ten freed at random, then 8 MiB of another "
            "range, and so on",
    .operation = "one malloc or one free",
    .source = "Wilson and others: Dynamic Storage Allocation, IWMM 1995",
    .threads_step = 1,
    .operations = 30000000,
    .warmup = 2000000, /* all ranges once */
    .state_bytes = sizeof(struct state),
    .prepare = prepare,
    .step = step,
    .finish = finish,
};
