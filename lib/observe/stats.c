/* SPDX-License-Identifier: MIT */
#include "lib/observe/stats.h"

#include "lib/base/bootstrap_arena.h"
#include "lib/base/count.h"
#include "lib/base/guard_refusal.h"
#include "lib/heap/registry.h"
#include "lib/heap/sampled.h"
#include "lib/heap/shared.h"
#include "lib/sample/records.h"
#include "lib/sample/stack_memo.h"
#include "lib/space/fork_arena.h"
#include "lib/space/guarded_slots.h"
#include "lib/space/large.h"
#include "lib/space/metadata.h"
#include "lib/space/pool.h"
#include "lib/thread/start.h"
#include "lib/thread/thread_cache.h"

#include <string.h>

/* --- heaps and thread caches -------------------------------------------------------------------------------------- */

static void add_events(struct hak_stats *total, const struct heap_counts *counts)
{
    total->refills += count_read(&counts->refills);
    total->refilled_objects += count_read(&counts->refilled_blocks);
    total->drains += count_read(&counts->drains);
    total->drained_objects += count_read(&counts->drained_blocks);
    total->remote_flushes += count_read(&counts->remote_flushes);
    total->remote_objects += count_read(&counts->remote_blocks);
    total->slabs_adopted += count_read(&counts->slabs_adopted);
    total->zero_fills_spared += count_read(&counts->zero_fills_spared);
    total->objects_borrowed += count_read(&counts->blocks_borrowed);
}

/* The slabs of HEAP, and what was taken out of them. */
static void add_slabs(struct stats_class *of, const struct heap *heap, unsigned class)
{
    of->taken += heap_allocated(heap, class);
    of->slabs += atomic_load_explicit(&heap->counts.slabs[class], memory_order_relaxed);
}

/* Blocks that wait to be handed back to other heaps. One that has been meanwhile may be no block any more. */
static void add_buffer(struct stats_all *all, const struct remote_buffer *buffer)
{
    uint32_t count = atomic_load_explicit(&buffer->count, memory_order_relaxed);
    for (uint32_t i = 0; i < count && i < REMOTE_BUFFER_MAX; i++) {
        uint32_t entry = page_map_entry(remote_free_block(buffer->block, i));
        if (entry > PAGE_SPECIAL_MOST)
            all->class[page_map_class(entry)].cached++;
    }
}

static void add_heap(struct heap *heap, void *context)
{
    struct stats_all *all = context;
    const struct thread_cache *cache = thread_cache_of_heap(heap);
    all->total.heaps++;
    all->total.heaps_idle += atomic_load_explicit(&heap->idle, memory_order_relaxed);
    all->total.metadata_bytes += thread_cache_bytes(cache);
    add_events(&all->total, &heap->counts);
    add_buffer(all, &cache->remote);
    for (unsigned class = 0; class < size_class_count; class ++) {
        struct stats_class *of = &all->class[class];
        of->cached += thread_cache_blocks(cache, class);
        if (heap_for_class(heap, class) == heap)
            add_slabs(of, heap, class);
        all->total.cache_corruptions += !thread_cache_is_sound(cache, class);
    }
}

/* What other threads have freed into slabs of a SuperSlab and their owners have not taken back. The page map tells of
 * the slabs; of their descriptors nothing but an atomic count is read, so it does not matter if one has gone. */
static void add_returned(struct census_range range, void *context)
{
    struct stats_all *all = context;
    const struct slab *last = NULL;
    for (char *page = range.base; page < range.base + range.bytes && !range.marked; page += PAGE_BYTES) {
        uint32_t entry = page_map_entry(page);
        if (entry <= PAGE_SPECIAL_MOST || entry >> PAGE_MAP_CLASS_BITS == HEAP_ID_SHARED)
            continue;
        const struct slab *slab = page_map_descriptor(page);
        if (slab != last && slab != NULL)
            all->class[page_map_class(entry)].returned +=
                atomic_load_explicit(&slab->remote_count, memory_order_relaxed);
        last = slab;
    }
}

struct hak_class_figures stats_class_figures(const struct stats_all *all, unsigned class)
{
    const struct stats_class *of = &all->class[class];
    return hak_class_figures(&(struct hak_class_counts){
        .size = size_classes[class].size,
        .blocks = size_classes[class].blocks,
        .slab_size = (uint64_t)size_classes[class].pages << PAGE_SHIFT,
        .slabs = of->slabs,
        .taken = of->taken,
        .cached = of->cached,
        .returned = of->returned,
    });
}

static void add_classes(struct stats_all *all)
{
    for (unsigned class = 0; class < size_class_count; class ++) {
        add_slabs(&all->class[class], &shared_heap, class); /* nothing, where the class is not shared */
        add_slabs(&all->class[class], &sampled_heap, class);
        struct hak_class_figures figures = stats_class_figures(all, class);
        all->total.live_blocks += figures.allocated;
        all->total.live_bytes += figures.allocated_bytes;
        all->total.cached_bytes += figures.cached_bytes;
        all->total.free_bytes += figures.free_bytes;
        all->total.rounding_bytes += figures.rounding_bytes;
        all->total.slabs += all->class[class].slabs;
    }
}

/* --- space -------------------------------------------------------------------------------------------------------- */

static void add_superslabs(struct hak_stats *total, const struct pool_counts *pool)
{
    total->superslabs = pool->superslabs;
    total->peak_superslabs = pool->peak_superslabs;
    total->superslabs_mapped = pool->superslabs_mapped;
    total->superslabs_unmapped = pool->superslabs_unmapped;
    total->purges = pool->purges;
    total->purged_bytes = pool->purged_bytes;
    total->pool_failures = pool->failures;
    total->huge_page_requests = pool->huge_page_requests;
    total->huge_page_refusals = pool->huge_page_refusals;
    total->prefaulted_bytes = pool->prefaulted_bytes;
}

static void add_pool(struct stats_all *all, bool resident)
{
    struct pool_counts pool;
    struct hak_stats *total = &all->total;
    pool_count(&pool, resident);
    all->superslab_bytes = pool.mapped_bytes;
    all->slab_bytes = pool.slab_bytes;
    total->large_cached_bytes = pool.large_retained_bytes;
    total->mapped_bytes = pool.mapped_bytes + pool.mapping_bytes;
    total->peak_mapped_bytes = pool.peak_mapped_bytes;
    total->resident_bytes = pool.resident_bytes;
    total->retained_bytes = hak_retained_bytes(pool.mapped_bytes, pool.used_bytes, pool.retained_mapping_bytes);
    total->purgeable_bytes = pool.purgeable_bytes;
    /* A huge page that is purgeable is so as a whole, lazily freed parts of it too: such a part counts once. */
    total->lazily_freed_bytes = size_minimum(
        pool.lazily_freed_bytes, total->retained_bytes - size_minimum(total->purgeable_bytes, total->retained_bytes));
    add_superslabs(total, &pool);
}

static void add_large_block(struct census_range range, void *context)
{
    struct stats_all *all = context;
    unsigned k = 0;
    while (k + 1 < STATS_LARGE_CLASSES && range.bytes > stats_large_most(k))
        k++;
    all->large[k].blocks++;
    all->large[k].bytes += range.bytes;
    all->large[k].mappings += range.marked;
}

static void add_large(struct stats_all *all, bool resident)
{
    struct large_counts large;
    struct hak_stats *total = &all->total;
    large_count(&large, resident);
    all->mappings = large.mappings;
    all->mapping_bytes = large.mapping_bytes;
    total->large_blocks = large.blocks;
    total->large_bytes = large.block_bytes;
    total->live_blocks += large.blocks;
    total->live_bytes += large.block_bytes;
    total->resident_bytes += large.resident_bytes;
    census_each(&large_census, add_large_block, all);
}

/* What is mapped beside the blocks. Those of the fork arena lie there as well. */
static void add_metadata(struct hak_stats *total)
{
    struct fork_arena_counts arena;
    fork_arena_count(&arena);
    total->live_blocks += arena.blocks;
    total->live_bytes += arena.block_bytes;
    total->mapped_bytes += arena.block_bytes;
    total->metadata_bytes += arena.mapped_bytes - arena.block_bytes;
    total->metadata_bytes += metadata_mapped_bytes() + page_map_bytes() + bootstrap_bytes();
    total->total_mapped_bytes = total->mapped_bytes + total->metadata_bytes;
}

static void add_heap_profile(struct hak_stats *total)
{
    struct records_size size = records_size();
    total->heap_profile_stacks = size.records;
    total->heap_profile_bytes = size.bytes + stack_memo_bytes() + sampled_owner_bytes();
}

/* A page for each block: what was not asked for of it is rounding. */
static void add_guarded(struct hak_stats *total)
{
    uint64_t page_bytes = count_read(&guarded_counts.page_bytes), block_bytes = count_read(&guarded_counts.block_bytes);
    total->guarded_blocks = count_read(&guarded_counts.blocks);
    total->guarded_allocations = count_read(&guarded_counts.taken);
    total->guard_refusals = count_read(&guard_refusals);
    total->live_blocks += total->guarded_blocks;
    total->live_bytes += block_bytes;
    total->mapped_bytes += page_bytes;
    total->total_mapped_bytes += page_bytes;
    total->rounding_bytes += page_bytes - size_minimum(block_bytes, page_bytes);
}

void stats_collect(struct stats_all *all, bool resident)
{
    memset(all, 0, sizeof *all);
    if (!start_process())
        return;
    registry_each(add_heap, all);
    add_events(&all->total, &shared_heap.counts); /* those of threads without a heap */
    all->total.heaps_kept = registry_kept();
    if (all->total.remote_objects != 0)
        census_each(&superslab_census, add_returned, all);
    add_classes(all);
    add_pool(all, resident);
    add_large(all, resident);
    add_metadata(&all->total);
    add_heap_profile(&all->total);
    add_guarded(&all->total);
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
