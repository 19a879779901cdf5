/* SPDX-License-Identifier: MIT */
/* What the pool counts, for the statistics. Nothing here locks: a signal handler may have interrupted whoever has the
 * lock, and to ask the kernel what is resident takes long. */
#include "lib/base/os.h"
#include "lib/space/pool_state.h"

static void count_heap(struct pool_counts *counts, const struct page_heap *heap)
{
    counts->mapped_bytes += count_read(&heap->mapped_bytes);
    counts->used_bytes += count_read(&heap->used_bytes);
    counts->purges += count_read(&heap->purges);
    counts->purged_bytes += count_read(&heap->purged_bytes);
}

static void count_mappings(struct pool_counts *counts)
{
    counts->retained_mapping_bytes = count_read(&pool.mappings.bytes);
    counts->mapping_bytes = count_read(&pool.mapping_bytes) + counts->retained_mapping_bytes;
    counts->purges += count_read(&pool.mappings.purges);
    counts->purged_bytes += count_read(&pool.mappings.purged_bytes);
}

static void count_retained(struct pool_counts *counts)
{
    counts->large_retained_bytes = count_read(&pool.large_retained_bytes);
    counts->purgeable_bytes = pool_slab_retained_bytes() + counts->large_retained_bytes;
    counts->lazily_freed_bytes = count_read(&superslab_counts.lazy_pages) << PAGE_SHIFT;
}

static void add_resident(struct census_range range, void *bytes)
{
    *(uint64_t *)bytes += os_resident(range.base, range.bytes);
}

void pool_count(struct pool_counts *counts, bool resident)
{
    *counts = (struct pool_counts){
        .superslabs = count_read(&pool.heaps[SLABS].count),
        .peak_superslabs = count_read(&pool.peak_superslabs),
        .superslabs_mapped = count_read(&pool.heaps[SLABS].mapped),
        .superslabs_unmapped = count_read(&pool.heaps[SLABS].unmapped),
        .slab_bytes = count_read(&pool.heaps[SLABS].used_bytes),
        .peak_mapped_bytes = count_read(&pool.peak_mapped_bytes),
        .failures = count_read(&pool.failures),
        .huge_page_requests = count_read(&superslab_counts.huge_page_requests),
        .huge_page_refusals = count_read(&superslab_counts.huge_page_refusals),
        .prefaulted_bytes = count_read(&superslab_counts.prefaulted_bytes),
    };
    for (size_t kind = 0; kind < KINDS; kind++)
        count_heap(counts, &pool.heaps[kind]);
    count_mappings(counts);
    count_retained(counts);
    if (!resident)
        return;
    census_each(&superslab_census, add_resident, &counts->resident_bytes);
    census_each(&mapping_cache_census, add_resident, &counts->resident_bytes);
}
