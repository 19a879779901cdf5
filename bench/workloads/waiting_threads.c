/* SPDX-License-Identifier: MIT */
/* idle-threads:N: N threads have allocated little, keep a tenth of it and wait, as with one thread for each connection,
 * while the workers go on in a working set of 8192. What an allocator takes for a thread shows in resident memory.
 * Below: working_set, crowd. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/block.h"
#include "bench/workloads/crowd.h"
#include "bench/workloads/working_set.h"
#include "bench/workloads/workload.h"

#include <pthread.h>
#include <unistd.h>

#define SLOTS 8192u
#define BLOCKS 100u /* that each waiting thread allocates */
#define KEPT 10u    /* of these, while it waits */
#define LEAST_SIZE 16u
#define LARGEST_SIZE 1039u
#define STACK_BYTES 65536u
#define LARGEST_COUNT 100000u

/* One waiting thread. */
struct waiting {
    struct crowd *crowd;
    uint32_t random; /* its start */
    void *kept[KEPT];
};

/* All of them. */
struct connections {
    struct crowd crowd;
    uint64_t grown_bytes;
    struct waiting threads[];
};

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    struct connections *all = plan->shared = bench_map(sizeof(*all) + plan->parameter * sizeof(*all->threads));
    crowd_prepare(&all->crowd);
    for (uint64_t number = 0; number < plan->parameter; number++)
        all->threads[number] =
            (struct waiting){.crowd = &all->crowd, .random = bench_random_start(plan->seed, plan->threads + number)};
    working_set_prepare_workers(plan, workers, SLOTS);
}

static void *work_and_wait(void *argument)
{
    struct waiting *thread = argument;
    void *block[BLOCKS];
    uint32_t random = thread->random;
    for (unsigned index = 0; index < BLOCKS; index++) {
        random = bench_random_next(random);
        block[index] = block_new(LEAST_SIZE + (random >> 22));
    }
    for (unsigned index = 0; index < BLOCKS; index++) {
        if (index % (BLOCKS / KEPT) == 0)
            thread->kept[index / (BLOCKS / KEPT)] = block[index];
        else
            free(block[index]);
    }
    crowd_wait(thread->crowd);
}

/* Small stacks, so that ten thousand threads take no more addresses than a program has. */
static void set_stack(pthread_attr_t *attributes)
{
    long least = sysconf(_SC_THREAD_STACK_MIN);
    pthread_attr_init(attributes);
    pthread_attr_setstacksize(attributes, least > (long)STACK_BYTES ? (size_t)least : STACK_BYTES);
}

/* The threads stay until the process ends. */
static void populate(const struct bench_plan *plan, struct bench_worker *workers)
{
    struct connections *all = plan->shared;
    pthread_attr_t attributes;
    uint64_t before = bench_resident_bytes();
    (void)workers;
    set_stack(&attributes);
    crowd_start(&all->crowd, plan->parameter, &attributes, work_and_wait, all->threads, sizeof(all->threads[0]));
    pthread_attr_destroy(&attributes);
    uint64_t after = bench_resident_bytes();
    all->grown_bytes = after > before ? after - before : 0;
}

static uint64_t drop_kept(const struct bench_plan *plan)
{
    struct connections *all = plan->shared;
    uint64_t bytes = 0;
    for (uint64_t number = 0; number < plan->parameter; number++) {
        for (unsigned index = 0; index < KEPT; index++) {
            bytes += block_size(all->threads[number].kept[index], LEAST_SIZE, LARGEST_SIZE);
            free(all->threads[number].kept[index]);
        }
    }
    return bytes;
}

static void finish(struct bench_worker *worker)
{
    working_set_finish_worker(worker);
    if (worker->index == 0)
        worker->live_requested_bytes += drop_kept(worker->plan);
}

static size_t figures(const struct bench_plan *plan, const struct bench_worker *workers, struct bench_figure *figures)
{
    const struct connections *all = plan->shared;
    (void)workers;
    figures[0] = (struct bench_figure){"resident_bytes_per_waiting_thread", "resident bytes per waiting thread",
                                       (double)all->grown_bytes / (double)plan->parameter};
    return 1;
}

const struct workload workload_waiting_threads = {
    .name = "idle-threads:N",
    .what = "ws8192 beside N threads that have each allocated 100 blocks of 16 to 1039 bytes, keep 10 of them and wait",
    .operation = "one malloc or one free",
    .source = "servers with a thread for each connection",
    .threads_step = 1,
    .minimum_parameter = 1,
    .maximum_parameter = LARGEST_COUNT,
    .operations = 20000000,
    .warmup = WORKING_SET_LEAST_WARMUP,
    .state_bytes = sizeof(struct working_set),
    .prepare = prepare,
    .populate = populate,
    .step = working_set_step_worker,
    .finish = finish,
    .figures = figures,
};
