/* SPDX-License-Identifier: MIT */
/* idle-threads: a hundred threads have worked and now wait, as in a server at night, while one goes on in a working set
 * of 8192. What the allocator keeps for the waiting ones shows in resident memory. Below: working_set, crowd.
 */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/crowd.h"
#include "bench/workloads/working_set.h"
#include "bench/workloads/workload.h"

#define SLOTS 8192u
#define IDLE_THREADS 100u
#define IDLE_SLOTS 1000u
#define IDLE_WORK 100000u /* operations of each before it frees everything and waits */

/* One thread that is going to be idle. */
struct idle {
    struct crowd *crowd;
    struct working_set set;
};

/* All of them. */
struct pool {
    struct crowd crowd;
    struct idle threads[IDLE_THREADS];
};

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    struct pool *pool = plan->shared = bench_map(sizeof(*pool));
    crowd_prepare(&pool->crowd);
    for (unsigned number = 0; number < IDLE_THREADS; number++) {
        struct idle *idle = &pool->threads[number];
        idle->crowd = &pool->crowd;
        working_set_prepare(&idle->set, IDLE_SLOTS, bench_random_start(plan->seed, plan->threads + number));
    }
    working_set_prepare_workers(plan, workers, SLOTS);
}

static void *work_and_wait(void *argument)
{
    struct idle *idle = argument;
    working_set_step(&idle->set, IDLE_WORK);
    working_set_finish(&idle->set);
    crowd_wait(idle->crowd);
}

/* The threads stay until the process ends. */
static void populate(const struct bench_plan *plan, struct bench_worker *workers)
{
    struct pool *pool = plan->shared;
    (void)workers;
    crowd_start(&pool->crowd, IDLE_THREADS, NULL, work_and_wait, pool->threads, sizeof(pool->threads[0]));
}

const struct workload workload_idle_threads = {
    .name = "idle-threads",
    .what = "ws8192 beside a hundred threads that have worked, freed everything and now wait",
    .operation = "one malloc or one free",
    .source = "servers with a pool of threads",
    .threads_step = 1,
    .operations = 50000000,
    .warmup = WORKING_SET_LEAST_WARMUP,
    .state_bytes = sizeof(struct working_set),
    .prepare = prepare,
    .populate = populate,
    .step = working_set_step_worker,
    .finish = working_set_finish_worker,
};
