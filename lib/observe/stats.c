/* SPDX-License-Identifier: MIT */
#include "lib/observe/stats.h"

#include "lib/heap/registry.h"
#include "lib/heap/shared.h"
#include "lib/space/large.h"
#include "lib/space/metadata.h"
#include "lib/space/pool.h"
#include "lib/thread/attach.h"

#include <string.h>

static uint64_t read_count(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void add_events(struct hak_stats *total, const struct heap_counts *counts)
{
    total->refills += read_count(&counts->refills);
    total->refilled_objects += read_count(&counts->refilled_blocks);
    total->drains += read_count(&counts->drains);
    total->drained_objects += read_count(&counts->drained_blocks);
    total->remote_flushes += read_count(&counts->remote_flushes);
    total->remote_objects += read_count(&counts->remote_blocks);
    total->slabs_adopted += read_count(&counts->slabs_adopted);
    total->zero_fills_spared += read_count(&counts->zero_fills_spared);
    total->objects_borrowed += read_count(&counts->blocks_borrowed);
}

/* The slabs of HEAP, and its allocated blocks. */
static void add_slabs(struct stats_class *of, const struct heap *heap, unsigned class)
{
    of->live += atomic_load_explicit(&heap->counts.allocated[class], memory_order_relaxed);
    of->slabs += atomic_load_explicit(&heap->counts.slabs[class], memory_order_relaxed);
}

static void add_heap(struct heap *heap, void *context)
{
    struct stats_all *all = context;
    const struct thread_cache *cache = thread_cache_of_heap(heap);
    all->total.heaps++;
    all->total.heaps_idle += atomic_load_explicit(&heap->idle, memory_order_relaxed);
    all->total.metadata_bytes += thread_cache_bytes(cache);
    add_events(&all->total, &heap->counts);
    for (unsigned class = 0; class < size_class_count; class ++) {
        struct stats_class *of = &all->class[class];
        size_t cached = thread_cache_height(cache, class);
        of->cached += cached;
        of->live -= (int64_t)cached;
        if (heap_for_class(heap, class) == heap)
            add_slabs(of, heap, class);
        all->total.cache_corruptions += !thread_cache_is_sound(cache, class);
    }
}

static void add_classes(struct stats_all *all)
{
    for (unsigned class = 0; class < size_class_count; class ++) {
        struct stats_class *of = &all->class[class];
        add_slabs(of, &shared_heap, class); /* nothing, where the class is not shared */
        if (of->live < 0)
            of->live = 0; /* read while a thread was moving blocks */
        all->total.live_blocks += (uint64_t)of->live;
        all->total.live_bytes += (uint64_t)of->live * size_classes[class].size;
        all->total.cached_bytes += of->cached * size_classes[class].size;
        all->total.slabs += of->slabs;
    }
}

static void add_pool(struct stats_all *all, bool resident)
{
    struct pool_counts pool;
    struct hak_stats *total = &all->total;
    pool_count(&pool, resident);
    all->superslab_bytes = pool.mapped_bytes;
    all->superslab_used_bytes = pool.used_bytes;
    all->purgeable_bytes = pool.purgeable_bytes;
    total->large_cached_bytes = pool.large_retained_bytes;
    total->mapped_bytes = pool.mapped_bytes + pool.mapping_bytes;
    total->peak_mapped_bytes = pool.peak_mapped_bytes;
    total->resident_bytes = pool.resident_bytes;
    total->superslabs = pool.superslabs;
    total->peak_superslabs = pool.peak_superslabs;
    total->superslabs_mapped = pool.superslabs_mapped;
    total->superslabs_unmapped = pool.superslabs_unmapped;
    total->purges = pool.purges;
    total->purged_bytes = pool.purged_bytes;
    total->pool_failures = pool.failures;
    total->huge_page_requests = pool.superslab.huge_page_requests;
    total->huge_page_refusals = pool.superslab.huge_page_refusals;
    total->prefaulted_bytes = pool.superslab.prefaulted_bytes;
}

static void add_large(struct stats_all *all, bool resident)
{
    struct large_counts large;
    struct hak_stats *total = &all->total;
    large_count(&large, resident);
    all->run_bytes = large.block_bytes - large.mapping_bytes;
    all->mappings = large.mappings;
    all->mapping_bytes = large.mapping_bytes;
    total->large_blocks = large.blocks;
    total->live_blocks += large.blocks;
    total->live_bytes += large.block_bytes;
    total->resident_bytes += large.resident_bytes;
}

void stats_collect(struct stats_all *all, bool resident)
{
    struct thread_cache *cache;
    memset(all, 0, sizeof *all);
    enum attach_stage stage = attach_thread(&cache);
    if (stage == ATTACH_STARTING || stage == ATTACH_ASIDE)
        return;
    registry_each(add_heap, all);
    add_events(&all->total, &shared_heap.counts); /* those of threads without a heap */
    all->total.heaps_kept = registry_kept();
    add_classes(all);
    add_pool(all, resident);
    add_large(all, resident);
    all->total.metadata_bytes += metadata_bytes();
}

HAK_EXPORT COLD bool hak_stats_get(struct hak_stats *stats, size_t size)
{
    if (size == 0)
        return false;
    struct stats_all all;
    stats_collect(&all, true);
    memset(stats, 0, size);
    memcpy(stats, &all.total, size_minimum(size, sizeof all.total));
    return true;
}
