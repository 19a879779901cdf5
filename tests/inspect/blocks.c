/* SPDX-License-Identifier: MIT */
/* A program whose heap is known, for inspect.tap: says its number when all is there, and stays until its standard input
 * ends.
 *
 *   blocks SIZE:COUNT...       that many blocks of each size
 *   blocks --threads NUMBER    threads that allocate and free all the time, some of which end and are begun anew
 *   blocks --fork              a child of a program with threads: says the child's number */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHARED 4096
#define OWN 200
#define STACK_BYTES ((size_t)128 << 10)
#define SHORT_LIFE 20000 /* steps of the threads that end */
#define SHORT_LIVED 10   /* one of so many is */

static void say_ready(pid_t pid)
{
    printf("%d\n", (int)pid);
    fflush(stdout);
}

static void wait_for_end_of_input(void)
{
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
}

/* --- known blocks ------------------------------------------------------------------------------------------------- */

/* Where the compiler cannot see that nobody needs them. */
static void **volatile kept;

static void allocate(const char *request)
{
    unsigned long size = 0, count = 0;
    if (sscanf(request, "%lu:%lu", &size, &count) != 2)
        exit(2);
    void **blocks = malloc(count * sizeof *blocks);
    for (unsigned long i = 0; i < count; i++)
        blocks[i] = malloc(size);
    kept = blocks;
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

static void *shared[SHARED];
static volatile bool must_end;

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void *work(void *context)
{
    uintptr_t number = (uintptr_t)context;
    uint64_t seed = number * 0x9E3779B97F4A7C15u + 1;
    void *own[OWN] = {NULL};
    for (long step = 0; !must_end && (number % SHORT_LIVED != 0 || step < SHORT_LIFE); step++) {
        size_t slot = next(&seed) % OWN, size = next(&seed) % 100 < 95 ? next(&seed) % 2000 : next(&seed) % 300000;
        free(own[slot]);
        own[slot] = malloc(size);
        if (own[slot] != NULL && size > 0)
            memset(own[slot], 1, size < 64 ? size : 64);
        free(__atomic_exchange_n(&shared[next(&seed) % SHARED], malloc(next(&seed) % 60), __ATOMIC_ACQ_REL));
    }
    for (size_t i = 0; i < OWN; i++)
        free(own[i]);
    return NULL;
}

static void *begin_anew(void *context)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    while (!must_end) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, work, context) == 0)
            pthread_join(thread, NULL);
    }
    return NULL;
}

static void run_threads(int count)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    for (int i = 1; i <= count; i++) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, i % SHORT_LIVED ? work : begin_anew, (void *)(uintptr_t)i) != 0)
            exit(3);
    }
}

/* --- a fork ------------------------------------------------------------------------------------------------------- */

static void *wait_with_blocks(void *context)
{
    for (size_t size = 0; size < 1000; size++)
        free(malloc(size));
    pthread_barrier_wait(context);
    for (;;)
        pause();
    return NULL;
}

static void fork_with_threads(void)
{
    pthread_barrier_t ready;
    pthread_t thread;
    pthread_barrier_init(&ready, NULL, 4);
    for (int i = 0; i < 3; i++)
        if (pthread_create(&thread, NULL, wait_with_blocks, &ready) != 0)
            exit(3);
    pthread_barrier_wait(&ready);
    pid_t child = fork();
    if (child == 0) {
        allocate("5000:77");
        say_ready(getpid());
        wait_for_end_of_input();
        _exit(0);
    }
    waitpid(child, NULL, 0);
    _exit(0);
}

int main(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : "";
    if (strcmp(first, "--fork") == 0)
        fork_with_threads();
    if (strcmp(first, "--threads") == 0 && argc > 2)
        run_threads(atoi(argv[2]));
    else
        for (int i = 1; i < argc; i++)
            allocate(argv[i]);
    say_ready(getpid());
    wait_for_end_of_input();
    _exit(0);
}
