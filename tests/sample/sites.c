/* SPDX-License-Identifier: MIT */
/* A program that knows where its memory is: functions that allocate blocks of a length each, and keep one in so many.
 * It prints what a heap profile should say, for tests/sample/truth.tap: a line for each function, its name and three
 * numbers: bytes of a block, blocks in all, blocks that are kept.
 *
 *   sites MIB THREADS     about so many MiB by each function, in so many threads at once */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* name, bytes, one in so many is kept */
#define SITES(site)                                                                                        \
    site(names, 24, 8) site(lines, 100, 8) site(rows, 700, 8) site(pages, 4096, 8) site(buffers, 20000, 8) \
        site(images, 300000, 8) site(nothing_of_it, 200, 0)

#define THREADS_MOST 16

struct site {
    const char *name;
    size_t bytes;
    unsigned keep;
    void *(*allocate)(size_t bytes);
};

#define FUNCTION(name, bytes, keep)                                       \
    static __attribute__((noinline)) void *allocate_##name(size_t length) \
    {                                                                     \
        void *volatile block = malloc(length);                            \
        return block;                                                     \
    }
SITES(FUNCTION)

#define ROW(name, bytes, keep) {"allocate_" #name, bytes, keep, allocate_##name},
static const struct site sites[] = {SITES(ROW)};
#define SITE_COUNT (sizeof sites / sizeof *sites)

/* Those freed take turns of 100, as blocks of programs live for a while. */
#define HELD 100

struct work {
    pthread_t thread;
    size_t megabytes;
    void *kept; /* a list through the blocks' first words: nothing else is allocated */
    uint64_t taken[SITE_COUNT], live[SITE_COUNT];
};

static struct work works[THREADS_MOST];

static void keep(struct work *work, void *block)
{
    *(void **)block = work->kept;
    work->kept = block;
}

static void use(struct work *work, size_t number)
{
    const struct site *site = &sites[number];
    void *held[HELD] = {NULL};
    uint64_t count = (work->megabytes << 20) / site->bytes;
    for (uint64_t i = 0; i < count; i++) {
        void *block = site->allocate(site->bytes);
        if (block == NULL)
            abort();
        if (site->keep != 0 && i % site->keep == 0) {
            keep(work, block);
            work->live[number]++;
            continue;
        }
        free(held[i % HELD]);
        held[i % HELD] = block;
    }
    for (size_t i = 0; i < HELD; i++)
        free(held[i]);
    work->taken[number] = count;
}

static void *run(void *argument)
{
    for (size_t number = 0; number < SITE_COUNT; number++)
        use(argument, number);
    return NULL;
}

/* Of one that is lent by a longer class more may be used; not all are. These are allocated too. */
#define PROBES 100

static size_t usable(const struct site *site)
{
    static void *blocks[PROBES];
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < PROBES; i++) {
        blocks[i] = site->allocate(site->bytes);
        size_t may_be_used = malloc_usable_size(blocks[i]);
        least = may_be_used < least ? may_be_used : least;
    }
    for (size_t i = 0; i < PROBES; i++)
        free(blocks[i]);
    return least;
}

static void print(size_t number, size_t threads)
{
    uint64_t taken = PROBES, live = 0;
    for (size_t i = 0; i < threads; i++) {
        taken += works[i].taken[number];
        live += works[i].live[number];
    }
    printf("%s %zu %llu %llu\n", sites[number].name, usable(&sites[number]), (unsigned long long)taken,
           (unsigned long long)live);
}

int main(int arguments, char **argument)
{
    size_t threads = arguments > 2 ? (size_t)atoi(argument[2]) : 0;
    if (threads == 0 || threads > THREADS_MOST)
        return 2;
    for (size_t i = 0; i < threads; i++) {
        works[i].megabytes = (size_t)atoi(argument[1]) / threads;
        if (pthread_create(&works[i].thread, NULL, run, &works[i]) != 0)
            return 2;
    }
    for (size_t i = 0; i < threads; i++)
        pthread_join(works[i].thread, NULL);
    for (size_t number = 0; number < SITE_COUNT; number++)
        print(number, threads);
    return 0;
}
