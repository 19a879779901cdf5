/* SPDX-License-Identifier: MIT */
/* idle-threads: a hundred threads have worked and now wait, as in a server at night, while one goes on in a working set
 * of 8192. What the allocator keeps for the waiting ones shows in resident memory. Below: working_set. */
#include "config.h"

#include "bench/support.h"
#include "bench/workloads/working_set.h"
#include "bench/workloads/workload.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#define SLOTS 8192u
#define IDLE_THREADS 100u
#define IDLE_SLOTS 1000u
#define IDLE_WORK 100000u /* operations of each before it frees everything and waits */

/* One thread that is going to be idle. */
struct idle {
    struct working_set set;
    sem_t done;
    sem_t never; /* nobody raises it */
};

static void prepare(struct bench_plan *plan, struct bench_worker *workers)
{
    struct idle *idle = plan->shared = bench_map(IDLE_THREADS * sizeof(*idle));
    for (unsigned number = 0; number < IDLE_THREADS; number++) {
        working_set_prepare(&idle[number].set, IDLE_SLOTS, bench_random_start(plan->seed, plan->threads + number));
        sem_init(&idle[number].done, 0, 0);
        sem_init(&idle[number].never, 0, 0);
    }
    for (unsigned index = 0; index < plan->threads; index++)
        working_set_prepare(workers[index].state, SLOTS, workers[index].random);
}

static void *work_and_wait(void *argument)
{
    struct idle *idle = argument;
    working_set_step(&idle->set, IDLE_WORK);
    working_set_finish(&idle->set);
    sem_post(&idle->done);
    for (;;)
        sem_wait(&idle->never);
    return NULL;
}

/* The threads stay until the process ends. */
static void populate(const struct bench_plan *plan, struct bench_worker *workers)
{
    struct idle *idle = plan->shared;
    (void)workers;
    for (unsigned number = 0; number < IDLE_THREADS; number++) {
        pthread_t thread;
        int error = pthread_create(&thread, NULL, work_and_wait, &idle[number]);
        if (error)
            bench_die(BENCH_EXIT_FAILED, "cannot start a thread: %s; nothing was measured", strerror(error));
        pthread_detach(thread);
        while (sem_wait(&idle[number].done) != 0)
            ;
    }
}

static void step(struct bench_worker *worker, uint64_t count)
{
    working_set_step(worker->state, count);
}

static void finish(struct bench_worker *worker)
{
    worker->live_requested_bytes = working_set_finish(worker->state);
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
    .step = step,
    .finish = finish,
};
