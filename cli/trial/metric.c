/* metric.c: see metric.h. */
#include "config.h"

#include "cli/trial/metric.h"

static uint32_t thread_count(const struct bench_progress *page)
{
    uint32_t threads = atomic_load_explicit(&page->threads, memory_order_acquire);
    return threads < BENCH_PROGRESS_THREADS ? threads : BENCH_PROGRESS_THREADS;
}

uint32_t metric_milestones(const struct bench_progress *page)
{
    uint32_t threads = thread_count(page), least = threads ? BENCH_PROGRESS_MILESTONES : 0;
    for (uint32_t i = 0; i < threads; i++) {
        uint32_t reached = atomic_load_explicit(&page->thread[i].reached, memory_order_acquire);
        if (reached < least)
            least = reached;
    }
    return least;
}

/* Mean over threads of the active time between two milestones, in nanoseconds; negative when a clock ran backwards. */
static double mean_active_ns(const struct bench_progress *page, uint32_t from, uint32_t to)
{
    uint32_t threads = thread_count(page);
    double sum = 0;
    for (uint32_t i = 0; i < threads; i++) {
        uint64_t begin = page->thread[i].active_ns[from], end = page->thread[i].active_ns[to];
        if (end < begin)
            return -1;
        sum += (double)(end - begin);
    }
    return threads ? sum / threads : 0;
}

uint64_t metric_time_ns(const struct bench_progress *page, uint32_t milestone)
{
    uint32_t threads = thread_count(page);
    double sum = 0;
    for (uint32_t i = 0; i < threads; i++)
        sum += (double)page->thread[i].active_ns[milestone];
    return threads ? (uint64_t)(sum / threads) : 0;
}

int metric_blocks(const struct bench_progress *page, uint32_t milestones, size_t count, double *block_s)
{
    for (size_t i = 0; i < count; i++) {
        double ns = mean_active_ns(page, (uint32_t)(i * milestones / count), (uint32_t)((i + 1) * milestones / count));
        if (ns <= 0)
            return -1;
        block_s[i] = ns / 1e9;
    }
    return 0;
}

size_t metric_block_count(uint32_t milestones, uint64_t shortest_ns, uint64_t slice_ns)
{
    uint64_t count = shortest_ns / (METRIC_SLICES_PER_BLOCK * slice_ns);
    if (count > METRIC_MAX_BLOCKS)
        count = METRIC_MAX_BLOCKS;
    if (count > milestones)
        count = milestones;
    return count ? (size_t)count : 1;
}
