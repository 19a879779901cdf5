/* SPDX-License-Identifier: MIT */
/* Life under RLIMIT_AS: with 200 MiB left, at least 50 MiB of 5,000-byte blocks are served, then NULL with ENOMEM;
 * every block is intact, and all of the memory can be used again after it was freed.
 *
 * limits [inside]: sets the limit itself, 200 MiB above what is mapped now; with "inside" it is under `ulimit -v`
 * already. */
#include "tests/harness/allocator.h"
#include "tests/harness/tap.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define BLOCK_SIZE 5000
#define LEFT (200 * MIB)
#define PROMISED (50 * MIB)
/* More blocks than LEFT can hold. */
#define MOST (2 * LEFT / BLOCK_SIZE)

static unsigned char *blocks[MOST];

static size_t mapped(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Allocates until there is no more; returns the number of blocks. */
static size_t fill(uint64_t seed)
{
    size_t count = 0;
    errno = 0;
    while (count < MOST && (blocks[count] = malloc(BLOCK_SIZE))) {
        pattern_fill(blocks[count], BLOCK_SIZE, seed + count);
        count++;
    }
    return count;
}

static bool intact(size_t count, uint64_t seed)
{
    bool good = true;
    for (size_t i = 0; i < count; i++)
        good = good && pattern_holds(blocks[i], BLOCK_SIZE, seed + i);
    return good;
}

/* Threads that all live at once, so that each has memory of its own, and of which what they free last lies in a slab
 * each. */
#define THREADS 4
#define THREAD_BLOCKS 3840
#define THREAD_BLOCK_SIZE 1024
static pthread_barrier_t all_have;

static void *scatter(void *nothing)
{
    static __thread void *own[THREAD_BLOCKS];
    for (size_t i = 0; i < THREAD_BLOCKS; i++)
        own[i] = malloc(THREAD_BLOCK_SIZE);
    pthread_barrier_wait(&all_have);
    for (size_t i = 0; i < THREAD_BLOCKS; i++)
        if (i % 64 != 0)
            free(own[i]);
    for (size_t i = 0; i < THREAD_BLOCKS; i += 64)
        free(own[i]);
    return nothing;
}

static bool live_and_scatter(void)
{
    pthread_t threads[THREADS];
    pthread_attr_t small_stack;
    pthread_attr_init(&small_stack);
    pthread_attr_setstacksize(&small_stack, 256 * KIB);
    pthread_barrier_init(&all_have, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], &small_stack, scatter, NULL) != 0)
            return false;
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return true;
}

static void test_until_refused(void)
{
    size_t first = fill(1);
    int error = errno;
    tap_ok(first < MOST, "malloc gives NULL in the end (after %zu MiB)", first * BLOCK_SIZE / MIB);
    tap_ok(error == ENOMEM, "errno is ENOMEM (%d)", error);
    tap_ok(first * BLOCK_SIZE >= PROMISED, "at least 50 MiB of 5,000-byte blocks are served (%zu MiB)",
           first * BLOCK_SIZE / MIB);
    errno = 0;
    tap_ok(malloc(64 * MIB) == NULL && errno == ENOMEM && calloc(1, 64 * MIB) == NULL &&
               realloc(blocks[0], 64 * MIB) == NULL,
           "large requests are refused too");
    tap_ok(intact(first, 1), "every block is intact");
    bool shrinks = true;
    for (size_t i = 0; i < first; i++) { /* into blocks of sizes for which there is no memory any more */
        unsigned char *less = realloc(blocks[i], BLOCK_SIZE / 2 + i % 1000);
        shrinks = shrinks && less != NULL && pattern_holds(less, BLOCK_SIZE / 2, 1 + i);
        blocks[i] = less != NULL ? less : blocks[i];
    }
    tap_ok(shrinks, "realloc to less is not refused");
    for (size_t i = 0; i < first; i++)
        free(blocks[i]);
    size_t second = fill(1000003);
    tap_ok(second + second / 50 >= first, "after all were freed, as much is served again (%zu, then %zu blocks)", first,
           second);
    tap_ok(intact(second, 1000003), "every block is intact again");
    for (size_t i = 0; i < second; i++)
        free(blocks[i]);
    under_test.trim(0); /* threads need room for their stacks */
    tap_ok(live_and_scatter(), "four threads live and end");
    size_t third = fill(7);
    tap_ok(third + third / 20 >= first, "what they had is served again (%zu, then %zu blocks)", first, third);
    for (size_t i = 0; i < third; i++)
        free(blocks[i]);
    void *other = malloc(PROMISED / 2);
    tap_ok(other != NULL, "what small blocks used serves a block of 25 MiB");
    free(other);
    void *usual = malloc(100);
    tap_ok(usual != NULL, "usual requests are served at the end");
    free(usual);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (allocator_load("") != NULL)
        return 99;
    size_t now = mapped();
    if (tap_in_emulator()) {
        tap_skip("an emulator heeds no limit of the address space");
        return tap_done();
    }
    if (argc == 1) {
        struct rlimit limit = {.rlim_cur = now + LEFT, .rlim_max = RLIM_INFINITY};
        if (now == 0 || setrlimit(RLIMIT_AS, &limit) != 0) {
            tap_skip("the address space cannot be limited here");
            return tap_done();
        }
    }
    test_until_refused();
    return tap_done();
}
