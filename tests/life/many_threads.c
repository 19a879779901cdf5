/* SPDX-License-Identifier: MIT */
/* Thousands of threads: 10,000 over the process's life, 100 at a time, after which memory must not have grown with
 * their number; and 2,000 alive at once, which free each other's blocks.
 *
 * many_threads [ALIVE]: of those at once, and a tenth of the others, whose memory is then not looked at */
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define AT_A_TIME 100
#define GENERATIONS 100
/* Generations after which everything that can be reused has been made once. */
#define WARM_UP 10
#define ALIVE 2000
/* Stacks are small, so that thousands fit. */
#define STACK_SIZE (64 * KIB)

static size_t alive = ALIVE;
static bool few;
static atomic_int damaged;
static pthread_attr_t small_stack;
/* Opened when all threads of a generation are there: how many are alive at once must not be left to the scheduler, or
 * the memory that they need would be as well. */
static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_moved = PTHREAD_COND_INITIALIZER;
static size_t gate_opened; /* how often */

/* What must stay resident: memory that only waits for its purge is given back first, as how much that is depends on the
 * time. */
static size_t resident(void)
{
    under_test.trim(0);
    unsigned long total = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%lu %lu", &total, &pages) != 2)
        pages = 0;
    if (file)
        fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void open_gate(void)
{
    pthread_mutex_lock(&gate_lock);
    gate_opened++;
    pthread_cond_broadcast(&gate_moved);
    pthread_mutex_unlock(&gate_lock);
}

static void wait_for_gate(size_t generation)
{
    pthread_mutex_lock(&gate_lock);
    while (gate_opened <= generation)
        pthread_cond_wait(&gate_moved, &gate_lock);
    pthread_mutex_unlock(&gate_lock);
}

/* How often the gate was open when the threads that are being started were born; written while none of them lives. */
static size_t born_at;

static void *short_life(void *argument)
{
    enum { COUNT = 100 };
    char *blocks[COUNT];
    size_t number = (size_t)(uintptr_t)argument;
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = malloc(1 + i * (number % 37 + 1));
        pattern_fill(blocks[i], 1 + i * (number % 37 + 1), i);
    }
    wait_for_gate(born_at);
    for (size_t i = 0; i < COUNT; i++) {
        if (!pattern_holds(blocks[i], 1 + i * (number % 37 + 1), i))
            damaged++;
        free(blocks[i]);
    }
    return NULL;
}

/* Starts COUNT threads and waits for them all; returns how many there were. */
static size_t run_threads(size_t count, pthread_t *threads, void *(*life)(void *))
{
    size_t started = 0;
    born_at = gate_opened;
    while (started < count && pthread_create(&threads[started], &small_stack, life, (void *)(uintptr_t)started) == 0)
        started++;
    open_gate();
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    return started;
}

/* How many of a generation live at once, and so how much is resident after it, is the scheduler's doing: the most of a
 * few generations counts. */
#define SETTLED 10

static void test_over_life(void)
{
    static pthread_t threads[AT_A_TIME];
    size_t started = 0, warm = 0;
    size_t generations = few ? WARM_UP : GENERATIONS; /* threads begin slowly there, and memory is not looked at */
    for (size_t generation = 0; generation < generations; generation++) {
        started += run_threads(AT_A_TIME, threads, short_life);
        if (generation >= WARM_UP && generation < WARM_UP + SETTLED && resident() > warm)
            warm = resident();
    }
    size_t end = resident();
    tap_ok(started == AT_A_TIME * generations && damaged == 0,
           "%zu threads, %d at a time, come and go with their blocks intact", started, AT_A_TIME);
    if (few)
        tap_skip("resident memory is the emulator's or the sanitizer's as well");
    else if (warm == 0)
        tap_skip("/proc/self/statm cannot be read, so resident memory is not known");
    else
        tap_ok(end <= warm + 2 * MIB + MIB / 2, /* a huge page, where a SuperSlab is filled, and a little */
               "resident memory stays flat after the first 1,000 to 2,000 threads (%zu KiB, then %zu KiB)", warm / KIB,
               end / KIB);
}

static _Atomic(char *) passed[ALIVE];
static pthread_barrier_t everybody;

/* Makes a block, waits until all have, and frees another thread's. */
static void *crowded_life(void *argument)
{
    size_t number = (size_t)(uintptr_t)argument, other = (number * 7 + 3) % alive;
    char *own = malloc(500 + number);
    pattern_fill(own, 500 + number, number);
    atomic_store(&passed[number], own);
    pthread_barrier_wait(&everybody);
    char *taken = atomic_exchange(&passed[other], NULL);
    if (!taken || !pattern_holds(taken, 500 + other, other))
        damaged++;
    free(taken);
    pthread_barrier_wait(&everybody);
    free(malloc(500 + number));
    return NULL;
}

/* How many threads there can be at once is the system's decision: find out before a barrier waits for all of them. */
static void *wait_for_everybody(void *unused)
{
    pthread_barrier_wait(&everybody);
    return unused;
}

static void test_at_once(void)
{
    static pthread_t threads[ALIVE];
    size_t started = 0;
    pthread_barrier_init(&everybody, NULL, (unsigned)alive + 1);
    while (started < alive && pthread_create(&threads[started], &small_stack, wait_for_everybody, NULL) == 0)
        started++;
    if (started < alive) {
        tap_skip("the system allows %zu threads at once, not %zu", started, alive);
        return; /* they wait until the process ends */
    }
    pthread_barrier_wait(&everybody);
    for (size_t i = 0; i < alive; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&everybody);
    pthread_barrier_init(&everybody, NULL, (unsigned)alive);
    started = run_threads(alive, threads, crowded_life);
    tap_ok(started == alive && damaged == 0, "%zu threads alive at once free each other's blocks, all intact", started);
    size_t in_use = under_test.mallinfo2().uordblks;
    run_threads(AT_A_TIME, threads, short_life);
    tap_ok(under_test.mallinfo2().uordblks < in_use + MIB, "threads after them leave nothing in use");
}

int main(int argc, char **argv)
{
    if (allocator_load("") != NULL)
        return 99;
    few = argc > 1 || tap_in_emulator();
    if (argc > 1 && strtoul(argv[1], NULL, 10) < ALIVE)
        alive = strtoul(argv[1], NULL, 10);
    pthread_attr_init(&small_stack);
    pthread_attr_setstacksize(&small_stack, STACK_SIZE);
    test_over_life();
    test_at_once();
    return tap_done();
}
