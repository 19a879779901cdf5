/* SPDX-License-Identifier: MIT */
#include "lib/observe/stats_counters.h"

#include <string.h>

#define COUNTER(field)                            \
    {                                             \
#field, offsetof(struct hak_stats, field) \
    }
const struct stats_counter stats_counters[] = {
    COUNTER(live_bytes),
    COUNTER(live_blocks),
    COUNTER(cached_bytes),
    COUNTER(mapped_bytes),
    COUNTER(peak_mapped_bytes),
    COUNTER(resident_bytes),
    COUNTER(metadata_bytes),
    COUNTER(large_cached_bytes),
    COUNTER(superslabs),
    COUNTER(peak_superslabs),
    COUNTER(superslabs_mapped),
    COUNTER(superslabs_unmapped),
    COUNTER(slabs),
    COUNTER(heaps),
    COUNTER(heaps_idle),
    COUNTER(large_blocks),
    COUNTER(refills),
    COUNTER(drains),
    COUNTER(refilled_objects),
    COUNTER(drained_objects),
    COUNTER(remote_flushes),
    COUNTER(remote_objects),
    COUNTER(slabs_adopted),
    COUNTER(purges),
    COUNTER(purged_bytes),
    COUNTER(zero_fills_spared),
    COUNTER(pool_failures),
    COUNTER(cache_corruptions),
    COUNTER(huge_page_requests),
    COUNTER(huge_page_refusals),
    COUNTER(prefaulted_bytes),
    COUNTER(heaps_kept),
    COUNTER(objects_borrowed),
    COUNTER(total_mapped_bytes),
    COUNTER(rounding_bytes),
    COUNTER(free_bytes),
    COUNTER(retained_bytes),
    COUNTER(purgeable_bytes),
    COUNTER(lazily_freed_bytes),
    COUNTER(large_bytes),
    COUNTER(heap_profile_stacks),
    COUNTER(heap_profile_bytes),
    COUNTER(guarded_blocks),
    COUNTER(guarded_allocations),
    COUNTER(guard_refusals),
};
const size_t stats_counter_count = sizeof stats_counters / sizeof stats_counters[0];
_Static_assert(sizeof stats_counters / sizeof stats_counters[0] == sizeof(struct hak_stats) / sizeof(uint64_t),
               "every field has its row");

uint64_t stats_counter_value(const struct hak_stats *stats, size_t index)
{
    uint64_t value;
    memcpy(&value, (const char *)stats + stats_counters[index].offset, sizeof value);
    return value;
}
