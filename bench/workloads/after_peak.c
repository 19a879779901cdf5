/* SPDX-License-Identifier: MIT */
/* after-peak: a program needs 64 MiB for a moment, and then goes on in a working set of 8192 for the rest of its life.
 * The share of the peak that is still resident at the end shows whether its memory has come back. Below: working_set.
 */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/working_set.h"
#include "bench/workloads/workload.h"

#define SLOTS 8192u
#define PEAK_BYTES (UINT64_C(64) << 20) /* asked for, over all workers */
#define LEAST_SIZE 16u
#define LARGEST_SIZE 1039u
#define MEAN_SIZE ((LEAST_SIZE + LARGEST_SIZE) / 2)

struct state {
    struct working_set set;   /* first */
    uint64_t at_peak, at_end; /* resident bytes */
};

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    plan->shared = bench_map(PEAK_BYTES / MEAN_SIZE * sizeof(void *));
    working_set_prepare_workers(plan, workers, SLOTS);
}

static void populate(const struct bench_plan *plan, struct bench_worker *workers)
{
    void **block = plan->shared;
    struct state *state = workers[0].state;
    uint64_t before = bench_resident_bytes(), count = PEAK_BYTES / MEAN_SIZE;
    uint32_t random = bench_random_start(plan->seed, plan->threads);
    for (uint64_t index = 0; index < count; index++) {
        random = bench_random_next(random);
        block[index] = block_new(LEAST_SIZE + (random >> 22));
    }
    state->at_peak = bench_resident_bytes() - before;
    for (uint64_t index = 0; index < count; index++) {
        block_size(block[index], LEAST_SIZE, LARGEST_SIZE);
        free(block[index]);
    }
}

/* The memory of the list of blocks is no longer read, but stays resident: it is not the allocator's. */
static void finish(struct bench_worker *worker)
{
    struct state *state = worker->state;
    if (worker->index == 0)
        state->at_end = bench_resident_bytes();
    working_set_finish_worker(worker);
}

static size_t figures(const struct bench_plan *plan, const struct bench_worker *workers, struct bench_figure *figures)
{
    const struct state *state = workers[0].state;
    uint64_t list = PEAK_BYTES / MEAN_SIZE * sizeof(void *);
    (void)plan;
    figures[0] = (struct bench_figure){"peak_mib", "at the peak, MiB", (double)state->at_peak / (1 << 20)};
    figures[1] = (struct bench_figure){"left_mib", "resident at the end, MiB",
                                       ((double)state->at_end - (double)list) / (1 << 20)};
    return 2;
}

const struct workload workload_after_peak = {
    .name = "after-peak",
    .what = "64 MiB of small blocks are allocated and freed; then ws8192 goes on for the rest of the program's life",
    .operation = "one malloc or one free",
    .source = "servers after a rush hour",
    .threads_step = 1,
    .operations = 50000000,
    .warmup = WORKING_SET_LEAST_WARMUP,
    .state_bytes = sizeof(struct state),
    .prepare = prepare,
    .populate = populate,
    .step = working_set_step_worker,
    .finish = finish,
    .figures = figures,
};
