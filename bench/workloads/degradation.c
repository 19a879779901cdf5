/* SPDX-License-Identifier: MIT */
/* degradation: how much slower an operation is in a working set of 8192 than in one of 256. Both run in one process in
 * turns of milliseconds, so that a machine that drifts hits both alike. Below: working_set, publish (the active clock).
 */
#include "config.h"

#include "bench/publish.h"
#include "bench/support.h"
#include "bench/workloads/working_set.h"
#include "bench/workloads/workload.h"

enum { SMALL, LARGE, SETS };
static const uint32_t set_size[SETS] = {256, 8192};

/* A turn of 1,000,000 operations takes about 10 ms: long against refilling the second-level cache, short against a
 * machine's drift. */
#define TURN 1000000u

struct state {
    struct working_set set[SETS];
    uint64_t operations[SETS]; /* done since the warm-up */
    uint64_t active_ns[SETS];  /* spent on them, by the clock in use */
    uint64_t turn_left;
    int turn;             /* whose it is */
    uint64_t warmup_left; /* operations that do not count yet */
};

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    for (unsigned index = 0; index < plan->threads; index++) {
        struct state *state = workers[index].state;
        for (int which = 0; which < SETS; which++)
            working_set_prepare(&state->set[which], set_size[which],
                                bench_random_start(plan->seed, index * SETS + (unsigned)which));
        state->turn_left = TURN;
        state->warmup_left = plan->warmup;
    }
}

/* COUNT operations of the set whose turn it is. */
static void take_turn(struct state *state, uint64_t count)
{
    uint64_t start = publish_active_ns();
    working_set_step(&state->set[state->turn], count);
    if (state->warmup_left > 0) {
        state->warmup_left -= count;
    } else {
        state->active_ns[state->turn] += publish_active_ns() - start;
        state->operations[state->turn] += count;
    }
    state->turn_left -= count;
    if (state->turn_left == 0) {
        state->turn = !state->turn;
        state->turn_left = TURN;
    }
}

static void step(struct bench_worker *worker, uint64_t count)
{
    struct state *state = worker->state;
    while (count > 0) {
        uint64_t part = count < state->turn_left ? count : state->turn_left;
        take_turn(state, part);
        count -= part;
    }
}

static void finish(struct bench_worker *worker)
{
    struct state *state = worker->state;
    worker->live_requested_bytes = working_set_finish(&state->set[SMALL]) + working_set_finish(&state->set[LARGE]);
}

static size_t figures(const struct bench_plan *plan, const struct bench_worker *workers, struct bench_figure *figures)
{
    double active_ns[SETS] = {0}, operations[SETS] = {0};
    for (unsigned index = 0; index < plan->threads; index++) {
        const struct state *state = workers[index].state;
        for (int which = 0; which < SETS; which++) {
            active_ns[which] += (double)state->active_ns[which];
            operations[which] += (double)state->operations[which];
        }
    }
    if (operations[SMALL] <= 0 || operations[LARGE] <= 0)
        return 0; /* too few operations for one turn of each */
    double small = active_ns[SMALL] / operations[SMALL], large = active_ns[LARGE] / operations[LARGE];
    figures[0] = (struct bench_figure){"ws256_ns_per_operation", "ws256, ns per operation", small};
    figures[1] = (struct bench_figure){"ws8192_ns_per_operation", "ws8192, ns per operation", large};
    figures[2] = (struct bench_figure){"degradation", "degradation ws256 -> ws8192", large / small};
    return 3;
}

const struct workload workload_degradation = {
    .name = "degradation",
    .what = "ws256 and ws8192 in turns of 10 ms in one process, and how much slower the second is",
    .operation = "one malloc or one free",
    .source = "HAKMEM's Phase 8 report compares these two working sets",
    .threads_step = 1,
    .operations = 100000000,
    .warmup = 2 * TURN, /* one turn each */
    .state_bytes = sizeof(struct state),
    .prepare = prepare,
    .step = step,
    .finish = finish,
    .figures = figures,
};
