/* SPDX-License-Identifier: MIT */
/* What the pool counts, for the statistics. */
#include "lib/base/os.h"
#include "lib/space/pool_state.h"

static void count_heap(struct pool_counts *counts, const struct page_heap *heap)
{
    counts->mapped_bytes += heap->mapped_bytes;
    counts->used_bytes += heap->used_bytes;
    counts->purges += heap->purges;
    counts->purged_bytes += heap->purged_bytes;
}

void pool_count(struct pool_counts *counts, bool resident)
{
    pool_lock();
    *counts = (struct pool_counts){
        .superslabs = pool.heaps[SLABS].count,
        .peak_superslabs = pool.peak_superslabs,
        .superslabs_mapped = pool.heaps[SLABS].mapped,
        .superslabs_unmapped = pool.heaps[SLABS].unmapped,
        .peak_mapped_bytes = pool.peak_mapped_bytes,
        .purges = pool.mappings.purges,
        .purged_bytes = pool.mappings.purged_bytes,
        .large_retained_bytes = pool.retentions[LARGE_BLOCKS].bytes,
        .mapping_bytes = pool.mapping_bytes + pool.mappings.bytes,
        .purgeable_bytes = pool.mappings.bytes,
        .failures = pool.failures,
        .superslab = superslab_counts,
    };
    for (size_t kind = 0; kind < KINDS; kind++)
        count_heap(counts, &pool.heaps[kind]);
    struct pool_walk walk = {0};
    for (struct superslab *superslab; (superslab = pool_walk_on(&walk)) != NULL;) {
        counts->purgeable_bytes += superslab_purgeable(superslab);
        if (resident)
            counts->resident_bytes += os_resident(superslab->base, (size_t)superslab->pages << PAGE_SHIFT);
    }
    if (resident)
        counts->resident_bytes += mapping_cache_resident(&pool.mappings);
    pool_unlock();
}
