/* SPDX-License-Identifier: MIT */
/* Measures hakmem-bench from outside, as the engine does: makes a progress page, stops and continues the workload, and
 * checks what it publishes. Prints TAP. No time is held against a clock of its own choosing: only against the parent's
 * readings of the same clock. */
#include "config.h"

#include "bench/progress.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int tests;

static void check(bool passed, const char *what)
{
    tests++;
    printf("%s %d - %s\n", passed ? "ok" : "not ok", tests, what);
    fflush(stdout);
}

_Noreturn static void give_up(const char *what)
{
    printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(99);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void pause_ms(long milliseconds)
{
    struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    while (nanosleep(&time, &time) != 0 && errno == EINTR)
        ;
}

struct child {
    pid_t pid;
    int descriptor;
    struct bench_progress *page;
    uint64_t start_ns, end_ns;
    int status; /* as waitpid gives it; -1: still running */
};

/* A page of BYTES, and so of a version, whose parent WANTS the latency of calls. */
static void start_with(struct child *child, size_t bytes, bool wants, const char *program, const char *workload,
                       const char *operations, const char *threads)
{
    char number[16];
    child->descriptor = memfd_create("progress", 0);
    if (child->descriptor < 0 || ftruncate(child->descriptor, (off_t)bytes) != 0)
        give_up("memfd_create");
    child->page = mmap(NULL, sizeof(struct bench_progress), PROT_READ | PROT_WRITE, MAP_SHARED, child->descriptor, 0);
    if (child->page == MAP_FAILED)
        give_up("mmap");
    child->page->magic = BENCH_PROGRESS_MAGIC;
    if (bytes == sizeof(struct bench_progress)) {
        child->page->version = BENCH_PROGRESS_VERSION;
        child->page->wants_latency = wants;
    }
    snprintf(number, sizeof(number), "%d", child->descriptor);
    setenv(BENCH_PROGRESS_ENV, number, 1);
    child->status = -1;
    child->start_ns = now_ns();
    child->pid = fork();
    if (child->pid < 0)
        give_up("fork");
    if (child->pid == 0) {
        setpgid(0, 0);
        execl(program, program, workload, "--ops", operations, "--threads", threads, "--format", "none", (char *)NULL);
        _exit(127);
    }
    setpgid(child->pid, child->pid);
}

static void start(struct child *child, const char *program, const char *workload, const char *operations,
                  const char *threads)
{
    start_with(child, sizeof(struct bench_progress), false, program, workload, operations, threads);
}

/* Waits for a change of state; true while the child lives. */
static bool wait_change(struct child *child, int options)
{
    int status;
    pid_t changed = waitpid(child->pid, &status, options);
    if (changed < 0)
        give_up("waitpid");
    if (changed > 0 && !WIFSTOPPED(status) && !WIFCONTINUED(status)) {
        child->status = status;
        child->end_ns = now_ns();
    }
    return child->status == -1;
}

static void finish(struct child *child)
{
    while (wait_change(child, 0))
        ;
}

static void forget(struct child *child)
{
    munmap(child->page, sizeof(struct bench_progress));
    close(child->descriptor);
}

static bool all_milestones_rise(const struct bench_progress *page, unsigned row, unsigned count)
{
    const struct bench_progress_thread *thread = &page->thread[row];
    if (atomic_load_explicit(&thread->reached, memory_order_acquire) != count)
        return false;
    for (unsigned milestone = 1; milestone <= count; milestone++)
        if (thread->active_ns[milestone] < thread->active_ns[milestone - 1])
            return false;
    return thread->active_ns[0] > 0;
}

static bool succeeded(const struct child *child)
{
    return WIFEXITED(child->status) && WEXITSTATUS(child->status) == 0;
}

/* Stopped for most of the time. One thread's times are processor time, which has an origin of its own; several threads'
 * are on the parent's clock, less the stops. */
static void test_stopped(const char *program, const char *threads, enum bench_clock kind)
{
    struct child child;
    uint64_t stopped_ns = 0, last = 0;
    unsigned turns = 0;
    bool monotonic = true, stands_still = true;
    start(&child, program, "ws256", "40000000", threads);
    for (;;) {
        pause_ms(10);
        uint64_t reached = atomic_load_explicit(&child.page->thread[0].reached, memory_order_acquire);
        monotonic = monotonic && reached >= last;
        last = reached;
        kill(-child.pid, SIGSTOP);
        if (!wait_change(&child, WUNTRACED))
            break;
        uint64_t stop = now_ns();
        uint32_t before = atomic_load(&child.page->thread[0].reached);
        pause_ms(20);
        stands_still = stands_still && atomic_load(&child.page->thread[0].reached) == before;
        stopped_ns += now_ns() - stop;
        atomic_store(&child.page->stopped_ns, stopped_ns);
        kill(-child.pid, SIGCONT);
        turns++;
        if (!wait_change(&child, WNOHANG))
            break;
    }
    const struct bench_progress_thread *row = &child.page->thread[0];
    check(succeeded(&child), "a run that is stopped again and again ends well");
    check(turns >= 3 && monotonic && stands_still, "milestones rise while it runs and stand still while it is stopped");
    check(all_milestones_rise(child.page, 0, BENCH_PROGRESS_MILESTONES),
          "all milestones are passed, at times that rise");
    check(atomic_load(&child.page->ops_per_milestone) == 40000000 / BENCH_PROGRESS_MILESTONES,
          "milestones are equal parts of the work");
    check(atomic_load(&child.page->threads) == strtoul(threads, NULL, 10),
          "as many rows are in use as there are threads");
    check(atomic_load(&child.page->clock) == kind, "the clock is the one that this number of threads has");
    check(atomic_load(&child.page->phase) == BENCH_DONE, "the phase is done");
    check(atomic_load(&child.page->peak_resident_bytes) > 4096, "the peak of resident memory is given");
    if (kind == BENCH_CLOCK_ACTIVE)
        check(row->active_ns[0] >= child.start_ns &&
                  row->active_ns[BENCH_PROGRESS_MILESTONES] + stopped_ns <= child.end_ns,
              "the time for which it was stopped is not counted as active");
    check(row->active_ns[BENCH_PROGRESS_MILESTONES] - row->active_ns[0] + stopped_ns <= child.end_ns - child.start_ns,
          "active and stopped time are no more than the time that passed");
    forget(&child);
}

static void test_threads(const char *program, const char *workload, const char *what)
{
    struct child child;
    char text[128];
    bool complete = true;
    start(&child, program, workload, "1200000", "4");
    finish(&child);
    for (unsigned row = 0; row < 4; row++)
        complete = complete && all_milestones_rise(child.page, row, BENCH_PROGRESS_MILESTONES);
    snprintf(text, sizeof(text), "%s: each of four threads fills its own row", what);
    check(succeeded(&child) && complete && atomic_load(&child.page->threads) == 4, text);
    check(atomic_load(&child.page->thread[4].reached) == 0 && child.page->thread[4].active_ns[0] == 0,
          "  and no other");
    forget(&child);
}

static void test_many_threads(const char *program)
{
    struct child child;
    start(&child, program, "ws16", "4000", "70");
    finish(&child);
    check(succeeded(&child) && atomic_load(&child.page->threads) == BENCH_PROGRESS_THREADS &&
              all_milestones_rise(child.page, BENCH_PROGRESS_THREADS - 1, BENCH_PROGRESS_MILESTONES),
          "of more threads than rows the first publish");
    forget(&child);
}

static void test_short_work(const char *program)
{
    struct child child;
    start(&child, program, "ws16", "7", "1");
    finish(&child);
    check(succeeded(&child) && atomic_load(&child.page->ops_per_milestone) == 1 &&
              all_milestones_rise(child.page, 0, 7),
          "work that is too short for all milestones passes as many as it can");
    forget(&child);
}

/* Whether a run of WORKLOAD publishes the latency of its calls, and each percentile at least what the one before is. */
static bool publishes_latency(const char *program, const char *workload, bool wants)
{
    struct child child;
    start_with(&child, sizeof(struct bench_progress), wants, program, workload, "200000", "1");
    finish(&child);
    const double *latency_ns = child.page->latency_ns;
    bool known = succeeded(&child) && atomic_load(&child.page->latency_known) && latency_ns[BENCH_LATENCY_P50] > 0 &&
                 latency_ns[BENCH_LATENCY_P50] <= latency_ns[BENCH_LATENCY_P99] &&
                 latency_ns[BENCH_LATENCY_P999] <= latency_ns[BENCH_LATENCY_P9999];
    forget(&child);
    return known;
}

static void test_latency(const char *program)
{
    check(publishes_latency(program, "ws64", true), "the latency of calls, where the parent wants it");
    check(!publishes_latency(program, "ws64", false), "not where it does not");
    check(!publishes_latency(program, "phases", true), "nor of a workload whose calls cannot be timed");
}

static void test_first_version(const char *program)
{
    struct child child;
    start_with(&child, BENCH_PROGRESS_BYTES_OF_VERSION_1, false, program, "ws64", "4000", "1");
    finish(&child);
    check(succeeded(&child) && all_milestones_rise(child.page, 0, BENCH_PROGRESS_MILESTONES),
          "a page of the first version is published to");
    forget(&child);
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: progress_parent HAKMEM-BENCH\n");
        return 2;
    }
    test_stopped(arguments[1], "1", BENCH_CLOCK_PROCESSOR);
    test_stopped(arguments[1], "2", BENCH_CLOCK_ACTIVE);
    test_threads(arguments[1], "ws256", "ws256");
    test_threads(arguments[1], "larson", "larson, whose threads die");
    test_threads(arguments[1], "producer-consumer", "producer-consumer");
    test_many_threads(arguments[1]);
    test_short_work(arguments[1]);
    test_latency(arguments[1]);
    test_first_version(arguments[1]);
    printf("1..%d\n", tests);
    return 0; /* whoever reads TAP counts failures itself */
}
