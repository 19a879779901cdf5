/* SPDX-License-Identifier: MIT */
/* A thousand threads that have allocated a little, freed nearly all of it, and wait, as with one thread for each
 * connection: what each takes beside its stack; that huge pages do not multiply it; and what is left of them. */
#include "tests/harness/allocator.h"
#include "tests/harness/pattern.h"
#include "tests/harness/tap.h"
#include "tests/life/resident.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

#define THREADS 1000
#define BLOCKS 100
#define STACK_BYTES ((size_t)64 << 10)
#define HUGE_BYTES ((size_t)2 << 20)
#define PAGE_BYTES 4096

/* What a thread may take while it waits, and what may be left when all have ended: the two pages of its cache, and its
 * part of what the default profile retains, 16 MiB. */
#define WAITING_MOST ((size_t)32 << 10)
#define ENDED_MOST ((size_t)32 << 10)
/* Before it has allocated, when it has freed one block of another thread's; and when it has freed many. */
#define FREED_MOST ((size_t)1 << 10)
#define FREED_MANY 100
#define FREED_MANY_MOST ((size_t)14 << 10)

static char *stacks; /* of all threads */
static pthread_barrier_t everybody;
static atomic_int damaged;
static void *passed[THREADS][FREED_MANY];
static size_t passed_each;

static bool lies_in_stacks(const char *address)
{
    return address >= stacks && address < stacks + THREADS * STACK_BYTES;
}

/* Resident bytes but for the stacks. */
static size_t resident_beside_stacks(void)
{
    static unsigned char page[THREADS * STACK_BYTES / PAGE_BYTES];
    size_t bytes = resident_now();
    if (mincore(stacks, THREADS * STACK_BYTES, page) != 0)
        exit(99);
    for (size_t i = 0; i < sizeof page; i++)
        bytes -= (page[i] & 1) != 0 ? PAGE_BYTES : 0;
    return bytes;
}

/* Lengths from 16 bytes to 4 KiB, each as likely as twice that. */
static size_t next_length(unsigned *random)
{
    *random = *random * 1664525u + 1013904223u;
    size_t least = (size_t)16 << (*random >> 29);
    return least + (*random >> 8) % least;
}

/* All are freed but one, which the thread keeps while it waits. */
static void *little_work(void *argument)
{
    char *block[BLOCKS], *kept = malloc(1000);
    unsigned random = (unsigned)(uintptr_t)argument * 2654435761u + 1;
    pattern_fill(kept, 1000, 1);
    for (size_t i = 0; i < BLOCKS; i++) {
        size_t length = next_length(&random);
        block[i] = malloc(length);
        pattern_fill(block[i], length, i);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        free(block[i]);
    pthread_barrier_wait(&everybody);
    pthread_barrier_wait(&everybody);
    damaged += !pattern_holds(kept, 1000, 1);
    free(kept);
    return NULL;
}

static void *free_others(void *argument)
{
    for (size_t i = 0; i < passed_each; i++)
        free(passed[(size_t)argument][i]);
    pthread_barrier_wait(&everybody);
    pthread_barrier_wait(&everybody);
    return NULL;
}

static pthread_t threads[THREADS];

/* Returns when all threads wait; exits where the system does not let them be. */
static void start_all(void *(*life)(void *))
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_barrier_init(&everybody, NULL, THREADS + 1);
    for (size_t i = 0; i < THREADS; i++) {
        if (pthread_attr_setstack(&attributes, stacks + i * STACK_BYTES, STACK_BYTES) != 0 ||
            pthread_create(&threads[i], &attributes, life, (void *)i) != 0) {
            tap_skip("the system allows %zu threads at once, not %d", i, THREADS);
            _exit(tap_done());
        }
    }
    pthread_attr_destroy(&attributes);
    pthread_barrier_wait(&everybody);
}

static void end_all(void)
{
    pthread_barrier_wait(&everybody);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&everybody);
}

/* Has huge pages made in all memory of the process, as the kernel would by itself where the system's setting is
 * "always". False where it cannot. */
static bool collapse_all(void)
{
    static char line[512];
    char *one = mmap(NULL, 2 * HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *aligned = (char *)(((uintptr_t)one + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1));
    *aligned = 1;
    bool can = madvise(aligned, HUGE_BYTES, MADV_COLLAPSE) == 0;
    munmap(one, 2 * HUGE_BYTES);
    FILE *maps = fopen("/proc/self/maps", "r");
    uintptr_t first, end;
    char write;
    while (can && maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%lx-%lx %*c%c", (unsigned long *)&first, (unsigned long *)&end, &write) != 3 || write != 'w')
            continue;
        for (first = (first + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1); first + HUGE_BYTES <= end; first += HUGE_BYTES)
            if (!lies_in_stacks((const char *)first))
                madvise((void *)first, HUGE_BYTES, MADV_COLLAPSE);
    }
    if (maps != NULL)
        fclose(maps);
    return can;
}

static size_t each_since(size_t before)
{
    size_t now = resident_beside_stacks();
    return now > before ? (now - before) / THREADS : 0;
}

static void test_freeing(size_t blocks, size_t most)
{
    passed_each = blocks;
    for (size_t i = 0; i < THREADS; i++)
        for (size_t j = 0; j < blocks; j++)
            passed[i][j] = malloc(24);
    size_t before = resident_beside_stacks();
    start_all(free_others);
    size_t each = each_since(before);
    tap_ok(each <= most, "a thread that has freed %zu blocks and allocated none takes at most %zu KiB (%zu)", blocks,
           most >> 10, each >> 10);
    end_all();
}

static void test_waiting(void)
{
    size_t before = resident_beside_stacks();
    start_all(little_work);
    size_t each = each_since(before);
    tap_ok(each <= WAITING_MOST, "one that has freed nearly all of %d blocks takes at most %zu KiB (%zu)", BLOCKS,
           WAITING_MOST >> 10, each >> 10);
    if (!collapse_all())
        tap_skip("this kernel makes no huge pages on request");
    else
        tap_ok(each_since(before) <= WAITING_MOST, "as much where the kernel makes huge pages of what it can (%zu)",
               each_since(before) >> 10);
    end_all();
    each = each_since(before);
    tap_ok(each <= ENDED_MOST && damaged == 0, "at most %zu KiB are left of it when all have ended (%zu)",
           ENDED_MOST >> 10, each >> 10);
}

/* Each in a process of its own, as threads find what those before them have left. */
int main(int argc, char **argv)
{
    if (allocator_load("") != NULL || argc != 2)
        return 99;
    if (tap_in_emulator() || sysconf(_SC_PAGESIZE) != PAGE_BYTES) {
        tap_skip("resident memory is the emulator's as well, or the kernel's pages are long");
        return tap_done();
    }
    stacks = mmap(NULL, THREADS * STACK_BYTES, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (stacks == MAP_FAILED)
        return 99;
    madvise(stacks, THREADS * STACK_BYTES, MADV_NOHUGEPAGE);
    if (strcmp(argv[1], "freeing") == 0) {
        test_freeing(1, FREED_MOST);
        test_freeing(FREED_MANY, FREED_MANY_MOST);
    } else
        test_waiting();
    return tap_done();
}
