/* SPDX-License-Identifier: MIT */
/* The runner. Worker 0 runs in the main thread, as a program with one thread does, unless the workload's threads are to
 * die.
 *
 * All workers meet four times: warmed up; started (between the two, worker 0 takes the first readings); done; and read
 * (between these two worker 0 takes the last readings, while every block is still held). The workers' clocks run from
 * the second to the third meeting. */
#include "config.h"

#include "bench/measure.h"

#include "bench/publish.h"
#include "bench/support.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

/* A worker and what the runner knows of it. Each on cache lines of its own; written by the thread that plays the
 * worker. */
struct runner {
    _Alignas(64) struct bench_worker worker;
    uint64_t start_ns, end_ns; /* active */
    uint64_t done;             /* measured operations */
    unsigned milestone;        /* the last one passed */
    struct session *session;
};

struct session {
    struct bench_plan *plan;
    const struct bench_processors *processors;
    struct bench_measurement *measurement;
    struct runner *runners;
    uint64_t per_milestone; /* operations; what is left over after the last milestone belongs to none */
    pthread_barrier_t meeting;
    sem_t finished; /* raised once by each worker, at its end */
};

static void begin_measuring(void)
{
    publish_phase(BENCH_MEASURING);
    counters_start();
}

static void end_measuring(struct session *session)
{
    counters_stop();
    uint64_t before = session->measurement->grown_resident_bytes, now = bench_resident_bytes();
    session->measurement->grown_resident_bytes = now > before ? now - before : 0;
    session->measurement->peak_resident_bytes = bench_peak_resident_bytes();
    allocator_read(&session->measurement->allocator);
    publish_peak_resident(session->measurement->peak_resident_bytes);
    publish_phase(BENCH_DONE);
}

static void meet(struct session *session)
{
    pthread_barrier_wait(&session->meeting);
}

static void pass_milestone(struct runner *runner, uint64_t active_ns)
{
    publish_milestone(runner->worker.index, runner->milestone, active_ns);
}

static void start_worker(struct runner *runner)
{
    struct session *session = runner->session;
    processors_pin(session->processors, runner->worker.index);
    session->plan->workload->step(&runner->worker, session->plan->warmup);
    meet(session);
    if (runner->worker.index == 0)
        begin_measuring();
    meet(session);
    runner->start_ns = publish_active_ns();
    pass_milestone(runner, runner->start_ns);
}

static void end_worker(struct runner *runner)
{
    struct session *session = runner->session;
    runner->end_ns = publish_active_ns();
    meet(session);
    if (runner->worker.index == 0)
        end_measuring(session);
    meet(session);
    if (session->plan->workload->finish)
        session->plan->workload->finish(&runner->worker);
    sem_post(&session->finished);
}

/* How many operations to the next milestone, the end of the thread's generation or of the work, whichever comes first.
 */
static uint64_t next_part(const struct runner *runner)
{
    const struct session *session = runner->session;
    uint64_t end = session->plan->operations, generation = session->plan->workload->generation;
    if (runner->milestone < BENCH_PROGRESS_MILESTONES) {
        uint64_t milestone = (runner->milestone + 1) * session->per_milestone;
        end = milestone < end ? milestone : end;
    }
    if (generation) {
        uint64_t death = (runner->done / generation + 1) * generation;
        end = death < end ? death : end;
    }
    return end - runner->done;
}

static bool is_over(const struct runner *runner)
{
    return runner->done >= runner->session->plan->operations;
}

static void do_part(struct runner *runner, uint64_t part)
{
    const struct bench_plan *plan = runner->session->plan;
    if (plan->latency)
        plan->workload->step_timed(&runner->worker, part);
    else
        plan->workload->step(&runner->worker, part);
}

/* Does operations until the work is done (true) or the thread's generation is at its end (false). */
static bool live(struct runner *runner)
{
    const struct session *session = runner->session;
    uint64_t generation = session->plan->workload->generation;
    while (!is_over(runner)) {
        uint64_t part = next_part(runner);
        do_part(runner, part);
        runner->done += part;
        if (runner->milestone < BENCH_PROGRESS_MILESTONES &&
            runner->done == (runner->milestone + 1) * session->per_milestone) {
            runner->milestone++;
            pass_milestone(runner, publish_active_ns());
        }
        if (generation && runner->done % generation == 0)
            return is_over(runner);
    }
    return true;
}

static void spawn(struct runner *runner);

/* The life of one thread of a worker: the first warms up, each but the last hands over to a new one. */
static void *play(void *argument)
{
    struct runner *runner = argument;
    if (runner->done == 0)
        start_worker(runner);
    if (live(runner))
        end_worker(runner);
    else
        spawn(runner);
    return NULL;
}

/* A new thread, on its creator's processor, takes the worker over. */
static void spawn(struct runner *runner)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, play, runner);
    if (error)
        bench_die(BENCH_EXIT_FAILED, "cannot start a thread: %s; nothing was measured", strerror(error));
    pthread_detach(thread);
}

static void run_workers(struct session *session)
{
    unsigned threads = session->plan->threads;
    bool main_thread_works = session->plan->workload->generation == 0;
    for (unsigned index = main_thread_works ? 1 : 0; index < threads; index++)
        spawn(&session->runners[index]);
    if (main_thread_works)
        play(&session->runners[0]);
    for (unsigned index = 0; index < threads; index++)
        while (sem_wait(&session->finished) != 0 && errno == EINTR)
            ;
}

static void add_up(const struct session *session, const struct bench_worker *workers)
{
    struct bench_measurement *measurement = session->measurement;
    uint64_t start = UINT64_MAX, end = 0;
    for (unsigned index = 0; index < session->plan->threads; index++) {
        const struct runner *runner = &session->runners[index];
        start = runner->start_ns < start ? runner->start_ns : start;
        end = runner->end_ns > end ? runner->end_ns : end;
        measurement->operations += runner->done;
        measurement->live_requested_bytes += workers[index].live_requested_bytes;
    }
    measurement->seconds = (double)(end - start) / 1e9;
}

/* Threads that wait for each other, or die and are followed by others, have no processor time that would say how long
 * the work took. */
static enum bench_clock clock_for(const struct bench_plan *plan)
{
    return plan->threads == 1 && plan->workload->generation == 0 ? BENCH_CLOCK_PROCESSOR : BENCH_CLOCK_ACTIVE;
}

static void report_latency(const struct latency *latency, unsigned workers, struct latency_report *report)
{
    double worse_ns[BENCH_LATENCIES];
    latency_read(latency, workers, report);
    latency_worse(report, worse_ns);
    publish_latency(worse_ns);
}

void bench_measure(struct bench_plan *plan, const struct bench_processors *processors,
                   struct bench_measurement *measurement)
{
    /* not on the stack: a thread may still be leaving sem_post when this function has returned */
    static struct session session;
    session = (struct session){.plan = plan, .processors = processors, .measurement = measurement};
    *measurement = (struct bench_measurement){.operations = 0};
    measurement->clock = clock_for(plan);
    session.runners = bench_map(plan->threads * sizeof(struct runner));
    struct bench_worker *workers = bench_map(plan->threads * sizeof(struct bench_worker));
    for (unsigned index = 0; index < plan->threads; index++)
        workers[index] = (struct bench_worker){
            .plan = plan,
            .index = index,
            .random = bench_random_start(plan->seed, index),
            .state = plan->workload->state_bytes > 0 ? bench_map(plan->workload->state_bytes) : NULL,
        };
    struct latency *latency = NULL;
    if (plan->latency) {
        latency = latency_open(plan->threads);
        for (unsigned index = 0; index < plan->threads; index++)
            workers[index].latency = &latency[index];
    }
    session.per_milestone = plan->operations / BENCH_PROGRESS_MILESTONES;
    if (session.per_milestone == 0)
        session.per_milestone = 1;
    publish_use_clock(measurement->clock);
    publish_work(plan->threads, session.per_milestone);
    counters_open();

    if (plan->workload->prepare)
        plan->workload->prepare(plan, workers);
    measurement->grown_resident_bytes = bench_resident_bytes();
    publish_phase(BENCH_WARMING_UP);
    if (plan->workload->populate)
        plan->workload->populate(plan, workers);
    for (unsigned index = 0; index < plan->threads; index++) {
        session.runners[index].worker = workers[index];
        session.runners[index].session = &session;
    }
    pthread_barrier_init(&session.meeting, NULL, plan->threads);
    sem_init(&session.finished, 0, 0);
    run_workers(&session);

    for (unsigned index = 0; index < plan->threads; index++)
        workers[index] = session.runners[index].worker;
    add_up(&session, workers);
    counters_read(measurement->rates);
    if (latency)
        report_latency(latency, plan->threads, &measurement->latency);
    if (plan->workload->figures)
        measurement->figure_count = plan->workload->figures(plan, workers, measurement->figures);
}
