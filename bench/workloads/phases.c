/* SPDX-License-Identifier: MIT */
/* phases: a program that works in phases, as a compiler does for each function: the tree is built of small nodes,
 * analysed with many short-lived helpers, turned into larger tables; then all of it goes, but for a twentieth that
 * stays until the end of the program's next rounds. Most blocks die young, and those that don't die together.
 *
 * Written from the description of such programs in: D. Barrett, B. Zorn: Using Lifetime Predictors to Improve Memory
 * Allocation Performance, PLDI 1993, and of the phases in: P. Wilson and others: Dynamic Storage Allocation, IWMM 1995.
 */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/workload.h"

#include <stdbool.h>

#define PHASES 3u
#define HELPERS 16u     /* short-lived blocks, of which the oldest goes when a new one comes */
#define SURVIVORS 8192u /* places for what outlives a round; the oldest goes when a new one comes */
#define SURVIVES_ONE_IN 20u
#define SMALLEST 16u
#define LARGEST 4095u

/* What is kept until the end of the round in each phase, and what is dropped after HELPERS more allocations. */
static const struct phase {
    uint32_t blocks;        /* allocated in the phase */
    uint32_t least, spread; /* sizes are least .. least + spread - 1; spread is a power of two */
    uint32_t kept_of_16;    /* so many of 16 are kept */
} phases[PHASES] = {
    {20000, 16, 64, 14},   /* nodes and names */
    {40000, 24, 256, 2},   /* helpers of the analysis */
    {2000, 256, 2048, 12}, /* tables and code */
};
#define MOST_KEPT 30000u /* more than are kept in a round */

struct state {
    void *kept[MOST_KEPT];
    void *helper[HELPERS];
    void *survivor[SURVIVORS];
    uint32_t kept_count, helpers, survivors;
    uint32_t phase, allocated;
    uint32_t freed; /* of the kept ones, at the end of a round */
    bool ending;
};

static void discard(void *block)
{
    block_size(block, SMALLEST, LARGEST);
    free(block);
}

/* Puts BLOCK in place of what was there before, which goes. */
static void replace(void **place, void *block)
{
    if (*place)
        discard(*place);
    *place = block;
}

static void allocate(struct state *state, uint32_t random)
{
    const struct phase *phase = &phases[state->phase];
    void *block = block_new(phase->least + (random >> 8 & (phase->spread - 1)));
    if ((random >> 24) % 16 < phase->kept_of_16)
        state->kept[state->kept_count++] = block;
    else
        replace(&state->helper[state->helpers++ % HELPERS], block);
    if (++state->allocated < phase->blocks)
        return;
    state->allocated = 0;
    state->phase = (state->phase + 1) % PHASES;
    state->ending = state->phase == 0;
}

static void end_round(struct state *state, uint32_t random)
{
    void *block = state->kept[state->freed++];
    if ((random >> 8) % SURVIVES_ONE_IN == 0)
        replace(&state->survivor[state->survivors++ % SURVIVORS], block);
    else
        discard(block);
    if (state->freed < state->kept_count)
        return;
    state->kept_count = state->freed = 0;
    state->ending = false;
}

static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    for (; count > 0; count--) {
        if (state->ending)
            end_round(state, worker_next(worker));
        else
            allocate(state, worker_next(worker));
    }
}

static uint64_t discard_all(void **blocks, uint32_t count)
{
    uint64_t bytes = 0;
    for (uint32_t index = 0; index < count; index++) {
        if (!blocks[index])
            continue;
        bytes += block_size(blocks[index], SMALLEST, LARGEST);
        discard(blocks[index]);
    }
    return bytes;
}

static void finish(struct bench_worker *worker)
{
    struct state *state = worker->state;
    worker->live_requested_bytes = discard_all(state->kept + state->freed, state->kept_count - state->freed) +
                                   discard_all(state->helper, HELPERS) + discard_all(state->survivor, SURVIVORS);
}

const struct workload workload_phases = {
    .name = "phases",
    .what = "a compiler's phases: small nodes, short-lived helpers, larger tables; at the end of a round all but a "
            "twentieth goes",
    .operation = "one malloc or one free, and those of short-lived blocks",
    .source = "Barrett and Zorn: Using Lifetime Predictors to Improve Memory Allocation Performance, PLDI 1993",
    .threads_step = 1,
    .operations = 30000000,
    .warmup = 1000000, /* the survivors' places are full */
    .state_bytes = sizeof(struct state),
    .step = step,
    .finish = finish,
};
