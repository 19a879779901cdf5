/* SPDX-License-Identifier: MIT */
/* A workload for the engine's tests: spins for a fixed number of steps and publishes its progress, or misbehaves in one
 * way.
 *
 *     spinner NAME [--ops N] [--threads N] [--seed N]
 *
 * stands in for hakmem-bench. How it behaves is the last part of the path in HAKMEM_PROFILE, since that is how
 * contenders differ. */
#include "config.h"

#include "bench/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEPS_PER_OP 1000
#define DEFAULT_OPS 300000 /* some tenths of a second */
#define BIG_BLOCK (64u << 20)
#define COMET_LIFE_S 20 /* after this the restless ones end by themselves, should the engine fail to end them */
#define HEADS 64        /* processes of a bomb that live at once */

static struct bench_progress *page; /* NULL: nobody listens */
static uint64_t ops = DEFAULT_OPS;
static unsigned threads = 1;
static unsigned percent = 100; /* steps for each op, in percent of STEPS_PER_OP */

static uint64_t active_ns(void)
{
    if (page->clock == BENCH_CLOCK_PROCESSOR) {
        struct timespec used;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
        return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
    }
    uint64_t stopped, again = atomic_load(&page->stopped_ns);
    struct timespec now;
    do {
        stopped = again;
        clock_gettime(CLOCK_MONOTONIC, &now);
        again = atomic_load(&page->stopped_ns);
    } while (again != stopped); /* stood still in between */
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec - stopped;
}

static void spin(uint64_t count)
{
    uint64_t x = 1;
    for (uint64_t i = 0; i < count * STEPS_PER_OP / 100 * percent; i++)
        __asm__ volatile("" : "+r"(x) : : "memory");
}

static void pass(struct bench_progress_thread *row, uint32_t milestone)
{
    if (!page)
        return;
    row->active_ns[milestone] = active_ns();
    atomic_store_explicit(&row->reached, milestone, memory_order_release);
}

/* As hakmem-bench does: each thread on a core of its own. */
static void pin(unsigned index)
{
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return;
    unsigned nth = index % (unsigned)CPU_COUNT(&allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && nth-- == 0) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            sched_setaffinity(0, sizeof one, &one);
            return;
        }
}

static void *work(void *argument)
{
    unsigned index = *(unsigned *)argument;
    struct bench_progress_thread *row = page ? &page->thread[index] : NULL;
    pin(index);
    spin(ops / 10); /* warm-up */
    pass(row, 0);
    for (uint32_t milestone = 1; milestone <= BENCH_PROGRESS_MILESTONES; milestone++) {
        spin(ops / BENCH_PROGRESS_MILESTONES);
        pass(row, milestone);
    }
    return NULL;
}

static void work_in_threads(void)
{
    pthread_t thread[BENCH_PROGRESS_THREADS];
    unsigned index[BENCH_PROGRESS_THREADS];
    for (unsigned i = 0; i < threads; i++)
        index[i] = i;
    if (threads == 1) {
        work(&index[0]);
        return;
    }
    for (unsigned i = 0; i < threads; i++)
        pthread_create(&thread[i], NULL, work, &index[i]);
    for (unsigned i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
}

static _Noreturn void spin_for_ever(void)
{
    for (;;)
        spin(ops);
}

static void ignore_everything(void)
{
    sigset_t all;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
}

/* Three children that share the work, and spin. */
static void fork_children(void)
{
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            spin(ops / 4);
            _exit(0);
        }
    spin(ops / 4);
    while (wait(NULL) > 0)
        continue;
}

/* A grandchild in a session of its own, without a parent: what a daemon does. */
static void start_daemon(void)
{
    pid_t child = fork();
    if (child == 0) {
        setsid();
        if (fork() == 0) {
            ignore_everything();
            spin_for_ever();
        }
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

/* A process that forks and dies, and so does its child, each in a session of its own. */
static void start_comet(void)
{
    time_t end = time(NULL) + COMET_LIFE_S;
    if (fork() != 0)
        return;
    while (time(NULL) < end) {
        setsid();
        pid_t child = fork();
        if (child > 0)
            _exit(0);
    }
    _exit(0);
}

/* One of many processes that have nothing in common, a session least of all, ignore all signals, and of which each
 * starts all others again that it does not see. */
static _Noreturn void be_a_head(_Atomic pid_t *heads, size_t own, time_t end)
{
    setsid();
    ignore_everything();
    atomic_store_explicit(&heads[own], getpid(), memory_order_relaxed);
    for (; time(NULL) < end; usleep(200))
        for (size_t i = 0; i < HEADS; i++) {
            pid_t pid = atomic_load_explicit(&heads[i], memory_order_relaxed);
            if (pid != 0 && kill(pid, 0) == 0)
                continue;
            if (atomic_compare_exchange_strong(&heads[i], &pid, getpid()) && fork() == 0) {
                own = i;
                setsid();
                atomic_store_explicit(&heads[own], getpid(), memory_order_relaxed);
            }
        }
    _exit(0);
}

static void start_bomb(void)
{
    time_t end = time(NULL) + COMET_LIFE_S;
    _Atomic pid_t *heads = mmap(NULL, HEADS * sizeof *heads, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (heads != MAP_FAILED && fork() == 0)
        be_a_head(heads, 0, end);
}

/* The main thread ends while another works on: the process lives, with a zombie for a leader. */
static void lose_main_thread(void)
{
    static unsigned index;
    pthread_t thread;
    pthread_create(&thread, NULL, work, &index);
    pthread_exit(NULL);
}

/* Two processes with 64 MiB each at the same time, for long enough to be seen. */
static void hold_memory(void)
{
    pid_t child = fork();
    char *block = malloc(BIG_BLOCK);
    if (!block)
        exit(1);
    memset(block, 1, BIG_BLOCK);
    __asm__ volatile("" : : "r"(block) : "memory"); /* else a compiler may leave the writes out */
    spin(ops);
    free(block);
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
}

/* A parent that vfork()s and sleeps in the kernel until the child execs, which takes its time. */
static void wait_in_vfork(void)
{
    for (int i = 0; i < 5; i++) {
        pid_t child = vfork();
        if (child == 0) {
            spin(ops / 5);
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
}

static void clock_of_page(enum bench_clock kind)
{
    if (page)
        atomic_store(&page->clock, kind);
}

static void misbehave(const char *how)
{
    if (strcmp(how, "slow3") == 0)
        percent = 103;
    else if (strcmp(how, "half") == 0)
        percent = 200;
    else if (strcmp(how, "twentieth") == 0)
        percent = 2000;
    else if (strcmp(how, "monotonic") == 0)
        clock_of_page(BENCH_CLOCK_ACTIVE);
    else if (strcmp(how, "crash") == 0)
        spin(ops / 3), abort();
    else if (strcmp(how, "status") == 0)
        spin(ops / 3), fputs("first line\nthe reason\n", stderr), exit(7);
    else if (strcmp(how, "hang") == 0)
        spin_for_ever();
    else if (strcmp(how, "deaf") == 0)
        ignore_everything(), spin_for_ever();
    else if (strcmp(how, "asleep") == 0)
        raise(SIGSTOP), pause();
    else if (strcmp(how, "children") == 0)
        fork_children(), exit(0);
    else if (strcmp(how, "daemon") == 0)
        start_daemon();
    else if (strcmp(how, "comet") == 0)
        start_comet();
    else if (strcmp(how, "bomb") == 0)
        start_bomb();
    else if (strcmp(how, "headless") == 0)
        lose_main_thread();
    else if (strcmp(how, "memory") == 0)
        hold_memory(), exit(0);
    else if (strcmp(how, "vfork") == 0)
        wait_in_vfork(), exit(0);
}

static void open_page(void)
{
    const char *number = getenv(BENCH_PROGRESS_ENV);
    if (!number)
        return;
    page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(number), 0);
    if (page == MAP_FAILED || page->magic != BENCH_PROGRESS_MAGIC)
        exit(99);
}

int main(int argc, char **argv)
{
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--ops") == 0)
            ops = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--threads") == 0)
            threads = (unsigned)atoi(argv[i + 1]);
    }
    open_page();
    if (page)
        atomic_store(&page->threads, threads);
    clock_of_page(threads == 1 ? BENCH_CLOCK_PROCESSOR : BENCH_CLOCK_ACTIVE);
    const char *profile = getenv("HAKMEM_PROFILE");
    if (profile && strrchr(profile, '/'))
        misbehave(strrchr(profile, '/') + 1);
    work_in_threads();
    if (page)
        atomic_store(&page->phase, BENCH_DONE);
    return 0;
}
