/* SPDX-License-Identifier: MIT */
/* wsN: random mixed sizes over a working set of N slots, each worker its own. Below: working_set. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/working_set.h"
#include "bench/workloads/workload.h"

/* Larger sets are slower, because every step misses the caches: fewer operations take the same time. */
static uint64_t operations_of(const struct bench_plan *plan)
{
    return plan->parameter <= 8192 ? 50000000 : plan->parameter <= 65536 ? 30000000 : 15000000;
}

static uint64_t warmup_of(const struct bench_plan *plan)
{
    return working_set_warmup((uint32_t)plan->parameter);
}

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    working_set_prepare_workers(plan, workers, (uint32_t)plan->parameter);
}

static void step_timed(struct bench_worker *worker, uint64_t count)
{
    working_set_step_timed(worker->state, count, worker->latency);
}

const struct workload workload_ws = {
    .name = "wsN",
    .what = "N slots for each thread; a random one is freed if it is full, else filled with 16 to 1039 bytes",
    .operation = "one malloc or one free",
    .source = "HAKMEM's bench_random_mixed, after the random mixed tests of Hoard and mimalloc-bench",
    .threads_step = 1,
    .minimum_parameter = 1,
    .maximum_parameter = WORKING_SET_MAX,
    .operations_of = operations_of,
    .warmup_of = warmup_of,
    .state_bytes = sizeof(struct working_set),
    .prepare = prepare,
    .step = working_set_step_worker,
    .step_timed = step_timed,
    .finish = working_set_finish_worker,
};
