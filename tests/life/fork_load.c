/* SPDX-License-Identifier: MIT */
/* 1,000 forks, or FORKS, of a process whose other threads allocate all the time. Each child allocates, frees and
 * resizes, its parent's blocks among them, and must end well in time: a lock that another thread held at the fork, or a
 * heap caught half-way, shows as a hang or a crash.
 *
 * fork_load [FORKS] */
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define FORKS 1000
/* Seconds after which a child is taken for hung; it needs a millisecond or so. */
#define CHILD_SECONDS 60
#define KEPT 64 /* blocks of the parent that each child frees */
#define SHARED                                                                                                        \
    256 /* slots through which the threads pass blocks to each other, so that remote frees are under way at each fork \
         */

static atomic_bool stop, damaged;
static _Atomic(unsigned char *) shared[SHARED];
static unsigned char *kept[KEPT];

/* Mostly small: what is live is copied page by page after each fork. */
static size_t size_of(size_t i)
{
    static const size_t sizes[] = {16, 40, 100, 333, 1000, 24, 64, 500};
    static const size_t larger[] = {3000, 9000, 30 * KIB, 70 * KIB, 300 * KIB};
    return i % 32 ? sizes[i % (sizeof sizes / sizeof *sizes)] : larger[i / 32 % (sizeof larger / sizeof *larger)];
}

/* Every block starts with the index that its size and content come from. */
static unsigned char *make(size_t i)
{
    unsigned char *block = malloc(size_of(i));
    if (!block)
        return NULL;
    pattern_fill(block, size_of(i), i);
    memcpy(block, &i, sizeof i);
    return block;
}

static bool destroy(unsigned char *block)
{
    size_t i;
    if (!block)
        return true;
    memcpy(&i, block, sizeof i);
    uint64_t word = pattern_word(i, 0);
    memcpy(block, &word, sizeof word);
    bool good = pattern_holds(block, size_of(i), i);
    free(block);
    return good;
}

/* Works most of the time, but leaves some to the forking thread where there are fewer cores than threads. */
static void *allocate_until_stopped(void *argument)
{
    for (size_t i = (size_t)(uintptr_t)argument; !atomic_load(&stop); i += THREADS) {
        if (!destroy(atomic_exchange(&shared[i * 7 % SHARED], make(i))))
            atomic_store(&damaged, true);
        if (i / THREADS % 64 == 0)
            usleep(200);
    }
    return NULL;
}

/* A child may have threads and children of its own. (ThreadSanitizer lets it start no thread.) */
static bool lives_on(size_t round)
{
    atomic_store(&stop, true);
#ifndef __SANITIZE_THREAD__
    pthread_t thread;
    if (pthread_create(&thread, NULL, allocate_until_stopped, NULL) != 0 || pthread_join(thread, NULL) != 0)
        return false;
#endif
    pid_t grandchild = fork();
    if (grandchild == 0)
        _exit(destroy(make(round)) ? 0 : 1);
    int status;
    return waitpid(grandchild, &status, 0) == grandchild && status == 0;
}

/* The child's life: exit status 0 if all went well. */
static int child(size_t round)
{
    alarm(CHILD_SECONDS);
    unsigned char *own[100];
    bool good = true;
    for (size_t i = 0; i < 100; i++)
        own[i] = make(i + round);
    for (size_t i = 0; i < KEPT; i++)
        good = destroy(kept[i]) && good;
    for (size_t i = 0; i < SHARED; i += 4) /* blocks of threads that are no more */
        good = destroy(atomic_exchange(&shared[i], NULL)) && good;
    unsigned char *grown = NULL;
    for (size_t size = 1; size < MIB; size *= 4)
        grown = realloc(grown, size);
    free(grown);
    for (size_t i = 0; i < 100; i++)
        good = destroy(own[i]) && good;
    if (round % 50 == 0 && !lives_on(round))
        return 3;
    return good ? 0 : 1;
}

/* Forks a child and waits for it; half of them end through exit() and its handlers, half do not. */
static bool fork_once(size_t round)
{
    pid_t process = fork();
    if (process < 0) {
        tap_note("round %zu: fork is refused", round);
        return false;
    }
    if (process == 0) {
        int status = child(round);
        if (round % 2)
            _exit(status);
        exit(status);
    }
    int status;
    if (waitpid(process, &status, 0) < 0 || status != 0) {
        tap_note("round %zu: the child %s %d", round,
                 WIFSIGNALED(status) ? "was ended by signal" : "exited with status",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    size_t forks = argc > 1 ? strtoul(argv[1], NULL, 10) : FORKS;
    for (size_t i = 0; i < KEPT; i++)
        kept[i] = make(i * 3);
    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, allocate_until_stopped, (void *)(uintptr_t)i) != 0)
            return 99;
    size_t good = 0;
    for (size_t round = 0; round < forks && good == round; round++)
        good += fork_once(round);
    tap_ok(good == forks, "%zu of %zu children of a process under load end well", good, forks);
    atomic_store(&stop, true);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    bool intact = true;
    for (size_t i = 0; i < KEPT; i++)
        intact = destroy(kept[i]) && intact;
    for (size_t i = 0; i < SHARED; i++)
        intact = destroy(atomic_exchange(&shared[i], NULL)) && intact;
    tap_ok(intact && !atomic_load(&damaged), "the parent's blocks are intact after all forks");
    return tap_done();
}
