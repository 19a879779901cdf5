/* SPDX-License-Identifier: MIT */
/* short-threads: threads that live for 2000 operations in a small working set and then end, with nothing left; a new
 * one follows. What an allocator sets up for a thread, and what it does when one ends, is paid for by few operations.
 * Below: working_set. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/working_set.h"
#include "bench/workloads/workload.h"

#define SLOTS 128u
#define LIFE 2000u /* operations */

struct state {
    struct working_set set;
    uint64_t left; /* operations of the thread that plays the worker now */
};

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    for (unsigned index = 0; index < plan->threads; index++) {
        struct state *state = workers[index].state;
        working_set_prepare(&state->set, SLOTS, workers[index].random);
        state->left = LIFE;
    }
}

/* A thread's last operation is followed by the frees of what it holds, which are not counted: as many for every
 * allocator. */
static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    while (count > 0) {
        uint64_t part = count < state->left ? count : state->left;
        working_set_step(&state->set, part);
        count -= part;
        state->left -= part;
        if (state->left == 0) {
            working_set_finish(&state->set);
            state->left = LIFE;
        }
    }
}

static void finish(struct bench_worker *worker)
{
    struct state *state = worker->state;
    worker->live_requested_bytes = working_set_finish(&state->set);
}

const struct workload workload_short_threads = {
    .name = "short-threads",
    .what = "threads that do 2000 operations in 128 slots of 16 to 1039 bytes, free what they hold and end; a new one "
            "follows each",
    .operation = "one malloc or one free",
    .source = "servers that start a thread for each request",
    .generation = LIFE,
    .threads_step = 1,
    .every_core = true,
    .operations = 50000000,
    .warmup = 10 * LIFE,
    .state_bytes = sizeof(struct state),
    .prepare = prepare,
    .step = step,
    .finish = finish,
};
