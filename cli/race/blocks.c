/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See blocks.h. */
#include "config.h"

#include "cli/race/blocks.h"

#include <stdbool.h>
#include <stdlib.h>

static uint32_t thread_count(const struct bench_progress *page)
{
    uint32_t threads = atomic_load_explicit(&page->threads, memory_order_acquire);
    return threads < BENCH_PROGRESS_THREADS ? threads : BENCH_PROGRESS_THREADS;
}

uint32_t blocks_milestones(const struct bench_progress *page)
{
    uint32_t threads = thread_count(page), least = threads ? BENCH_PROGRESS_MILESTONES : 0;
    for (uint32_t i = 0; i < threads; i++) {
        uint32_t reached = atomic_load_explicit(&page->thread[i].reached, memory_order_acquire);
        if (reached < least)
            least = reached;
    }
    return least;
}

int blocks_turns_add(struct blocks_turns *turns, uint64_t end_ns, uint64_t waited_ns)
{
    if (turns->count == turns->capacity) {
        size_t capacity = turns->capacity ? 2 * turns->capacity : 128;
        struct blocks_turn *list = reallocarray(turns->list, capacity, sizeof *list);
        if (!list)
            return -1;
        turns->list = list;
        turns->capacity = capacity;
    }
    uint64_t before = turns->count ? turns->list[turns->count - 1].waited_ns : 0;
    turns->list[turns->count++] = (struct blocks_turn){.end_ns = end_ns, .waited_ns = before + waited_ns};
    return 0;
}

/* What had been waited up to TIME_NS of the page's time. */
static double waited_until(const struct blocks_turns *turns, uint64_t time_ns)
{
    size_t low = 0, high = turns->count; /* the first turn that ended after it lies in low..high */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (turns->list[middle].end_ns < time_ns)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) /* no turns, or the first: when it began is not known, nothing of the measured work happens in it */
        return 0;
    const struct blocks_turn *before = &turns->list[low - 1];
    if (low == turns->count)
        return (double)before->waited_ns;
    const struct blocks_turn *within = &turns->list[low];
    double part = (double)(time_ns - before->end_ns) / (double)(within->end_ns - before->end_ns);
    return (double)before->waited_ns + part * (double)(within->waited_ns - before->waited_ns);
}

static double active_ns(const struct bench_progress *page, const struct blocks_turns *turns, uint32_t thread,
                        uint32_t milestone)
{
    uint64_t time_ns = page->thread[thread].active_ns[milestone];
    bool counts_waits = atomic_load(&page->clock) != BENCH_CLOCK_PROCESSOR;
    return (double)time_ns - (counts_waits ? waited_until(turns, time_ns) : 0);
}

/* Mean over threads of the active time between two milestones, in nanoseconds; negative when a clock ran backwards. */
static double mean_active_ns(const struct bench_progress *page, const struct blocks_turns *turns, uint32_t from,
                             uint32_t to)
{
    uint32_t threads = thread_count(page);
    double sum = 0;
    for (uint32_t i = 0; i < threads; i++) {
        double taken = active_ns(page, turns, i, to) - active_ns(page, turns, i, from);
        if (taken < 0)
            return -1;
        sum += taken;
    }
    return threads ? sum / threads : 0;
}

uint64_t blocks_time_ns(const struct bench_progress *page, const struct blocks_turns *turns, uint32_t milestone)
{
    uint32_t threads = thread_count(page);
    double sum = 0;
    for (uint32_t i = 0; i < threads; i++)
        sum += active_ns(page, turns, i, milestone);
    return threads ? (uint64_t)(sum / threads) : 0;
}

int blocks_fill(const struct bench_progress *page, const struct blocks_turns *turns, uint32_t milestones, size_t count,
                double *block_s)
{
    for (size_t i = 0; i < count; i++) {
        double ns =
            mean_active_ns(page, turns, (uint32_t)(i * milestones / count), (uint32_t)((i + 1) * milestones / count));
        if (ns <= 0)
            return -1;
        block_s[i] = ns / 1e9;
    }
    return 0;
}

size_t blocks_count(uint32_t milestones, uint64_t shortest_ns, uint64_t slice_ns)
{
    uint64_t count = shortest_ns / (BLOCKS_SLICES_PER_BLOCK * slice_ns);
    if (count > BLOCKS_MAX)
        count = BLOCKS_MAX;
    if (count > milestones)
        count = milestones;
    return count ? (size_t)count : 1;
}

uint64_t blocks_operations(const struct bench_progress *page, uint32_t milestones)
{
    uint32_t threads = atomic_load(&page->threads);
    if (threads > BENCH_PROGRESS_THREADS)
        threads = BENCH_PROGRESS_THREADS;
    return (uint64_t)milestones * threads * atomic_load(&page->ops_per_milestone);
}
