/* SPDX-License-Identifier: MIT */
/* How long one page-map lookup takes: what free() pays to learn a block's owner and class. Below: page_map,
 * thread. */
#include "lib/space/page_map.h"
#include "lib/thread/attach.h"

#include <hakmem/hakmem.h>

#include <time.h>

#define LOOKUPS 20000 /* a fifth of a millisecond in all: the program that asks may be racing against others */
#define REPETITIONS 5
#define SMALLEST_CLASS 0

static uint64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Hides a value from the optimiser, so that each step of a chain waits for the one before. */
static inline uintptr_t opaque(uintptr_t value)
{
    __asm__ volatile("" : "+r"(value));
    return value;
}

/* A chain of lookups in which each address depends on the entry before: the entry less itself is 0, which only the
 * processor has to wait for. */
static uintptr_t lookup_chain(const void *block)
{
    uintptr_t address = (uintptr_t)block;
    struct page_map_window *window = page_map_window();
    if (page_map_window_page(window, block) >= window->pages) {
        for (int i = 0; i < LOOKUPS; i++)
            address ^= opaque(page_map_entry((void *)address)) & 0;
        return address;
    }
    for (int i = 0; i < LOOKUPS; i++) {
        uintptr_t entry = page_map_window_entry(window, page_map_window_page(window, (void *)address));
        address += opaque(entry & opaque(0));
    }
    return address;
}

/* The links of that chain without the lookups, whose time is no part of theirs. */
static uintptr_t link_chain(uintptr_t value)
{
    for (int i = 0; i < LOOKUPS; i++)
        value += opaque(value & opaque(0));
    return value;
}

/* A chain of additions: on every processor of the last twenty years each takes one cycle, so their time is the length
 * of a cycle. What is added is in a register: where it is a constant newer processors add several at once (Golden Cove,
 * when it renames registers). */
static uintptr_t addition_chain(uintptr_t value)
{
    uintptr_t one = opaque(1);
    for (int i = 0; i < LOOKUPS; i++) {
        value = opaque(value + one);
        value = opaque(value + one);
        value = opaque(value + one);
        value = opaque(value + one);
    }
    return value;
}

static double lookup_cycles(const void *block)
{
    uint64_t lookup = UINT64_MAX, link = UINT64_MAX, addition = UINT64_MAX;
    for (int i = 0; i < REPETITIONS; i++) { /* the least of each: everything else is the machine's noise */
        uint64_t begin = nanoseconds();
        opaque(lookup_chain(block));
        uint64_t looked_up = nanoseconds();
        opaque(link_chain((uintptr_t)block));
        uint64_t linked = nanoseconds();
        opaque(addition_chain(0));
        uint64_t added = nanoseconds();
        lookup = size_minimum(lookup, looked_up - begin);
        link = size_minimum(link, linked - looked_up);
        addition = size_minimum(addition, added - linked);
    }
    return addition == 0 || lookup < link ? 0 : 4.0 * (double)(lookup - link) / (double)addition;
}

HAK_EXPORT double hak_stats_lookup_cycles(void)
{
    struct thread_cache *cache;
    void *block = attach_thread(&cache) == ATTACH_CACHED ? thread_cache_take(cache, SMALLEST_CLASS) : NULL;
    if (block == NULL)
        return 0;
    double cycles = lookup_cycles(block);
    thread_cache_push(cache, SMALLEST_CLASS, block);
    return cycles;
}
