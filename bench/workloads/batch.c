/* SPDX-License-Identifier: MIT */
/* batch-fifoN and batch-lifoN: N equal blocks are allocated, then all of them freed, in the same order or in the
 * reverse one; and so on. Caches that hold fewer blocks than a batch pass each of them on twice. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/workload.h"

#define BLOCK_SIZE 64u
#define MAXIMUM_BATCH 100000u

struct state {
    void **block;
    uint64_t count;    /* blocks of a batch */
    uint64_t position; /* the next block to allocate, or to free */
    bool freeing;
};

static uint64_t warmup_of(const struct bench_plan *plan)
{
    return 200 * plan->parameter; /* a hundred batches */
}

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    for (unsigned index = 0; index < plan->threads; index++) {
        struct state *state = workers[index].state;
        state->count = plan->parameter;
        state->block = bench_map(state->count * sizeof(void *));
    }
}

static inline void give_back(void *block)
{
    block_size(block, BLOCK_SIZE, BLOCK_SIZE);
    free(block);
}

/* Up to COUNT operations of the half of a batch that it is in; returns how many. */
static inline uint64_t take_part(struct state *state, uint64_t count, bool reverse)
{
    uint64_t left = state->count - state->position, part = count < left ? count : left, end = state->position + part;
    void **block = state->block;
    if (!state->freeing)
        for (uint64_t position = state->position; position < end; position++)
            block[position] = block_new(BLOCK_SIZE);
    else if (reverse)
        for (uint64_t position = state->position; position < end; position++)
            give_back(block[state->count - 1 - position]);
    else
        for (uint64_t position = state->position; position < end; position++)
            give_back(block[position]);
    state->position = end;
    if (end == state->count) {
        state->position = 0;
        state->freeing = !state->freeing;
    }
    return part;
}

static void step_fifo(struct bench_worker *worker, uint64_t count)
{
    while (count > 0)
        count -= take_part(worker->state, count, false);
}

static void step_lifo(struct bench_worker *worker, uint64_t count)
{
    while (count > 0)
        count -= take_part(worker->state, count, true);
}

static void finish_at(struct bench_worker *worker, uint64_t first, uint64_t end)
{
    struct state *state = worker->state;
    for (uint64_t position = first; position < end; position++) {
        worker->live_requested_bytes += BLOCK_SIZE;
        give_back(state->block[position]);
    }
}

static void finish_fifo(struct bench_worker *worker)
{
    struct state *state = worker->state;
    finish_at(worker, state->freeing ? state->position : 0, state->freeing ? state->count : state->position);
}

static void finish_lifo(struct bench_worker *worker)
{
    struct state *state = worker->state;
    finish_at(worker, 0, state->freeing ? state->count - state->position : state->position);
}

/* What the two have in common. */
#define BATCH_WORKLOAD                                                                                      \
    .operation = "one malloc or one free", .source = "the batches of rpmalloc's benchmark, with one size",  \
    .threads_step = 1, .minimum_parameter = 1, .maximum_parameter = MAXIMUM_BATCH, .operations = 150000000, \
    .warmup_of = warmup_of, .state_bytes = sizeof(struct state), .prepare = prepare

const struct workload workload_batch_fifo = {
    .name = "batch-fifoN",
    .what = "N blocks of 64 bytes are allocated, then freed in the same order, and so on",
    .step = step_fifo,
    .finish = finish_fifo,
    BATCH_WORKLOAD,
};

const struct workload workload_batch_lifo = {
    .name = "batch-lifoN",
    .what = "N blocks of 64 bytes are allocated, then freed in the reverse order, and so on",
    .step = step_lifo,
    .finish = finish_lifo,
    BATCH_WORKLOAD,
};
