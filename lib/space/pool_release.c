/* SPDX-License-Identifier: MIT */
/* What the pool gives back to the kernel, and when: above a limit, after the delay, on demand. */
#include "lib/profile/active.h"
#include "lib/space/pool_state.h"
#include "lib/space/purge_clock.h"

/* Releases BYTES of what is retained of KIND; returns how many it was. Mappings that are cached go first: they are the
 * longest, and serve few requests. */
static uint64_t release(size_t kind, uint64_t bytes)
{
    uint64_t released = kind == LARGE_BLOCKS ? mapping_cache_release(&pool.mappings, bytes) : 0;
    return released < bytes ? released + page_heap_release(&pool.heaps[kind], bytes - released) : released;
}

/* Above a limit an eighth more goes, so that not every block that is freed then takes its own pages back. */
#define RELEASE_MORE 8

static void release_above_keep(size_t kind, uint64_t keep)
{
    uint64_t excess = retention_excess(&pool.retentions[kind], keep);
    if (LIKELY(excess == 0))
        return;
    uint64_t released = release(kind, excess + (pool.retentions[kind].bytes - excess) / RELEASE_MORE);
    retention_released(&pool.retentions[kind], released, purge_clock());
}

/* The kind whose retained memory has waited longest. */
static size_t oldest_kind(void)
{
    uint64_t slabs = pool_next_purge(SLABS), large = pool_next_purge(LARGE_BLOCKS);
    return large == 0 || (slabs != 0 && slabs < large) ? SLABS : LARGE_BLOCKS;
}

/* What is retained in huge pages of which parts are in use cannot go: then the ceiling gives way. */
void pool_release_above_ceiling(void)
{
    uint64_t excess = footprint_excess(&pool.footprint);
    if (LIKELY(excess == 0) || HAK_PROFILE(purge_policy) == HAK_PURGE_NEVER)
        return;
    size_t kind = oldest_kind();
    uint64_t released = release(kind, excess);
    if (released < excess)
        released += release(1 - kind, excess - released);
    footprint_released(&pool.footprint, released, purge_clock());
    if (released < excess)
        footprint_accept(&pool.footprint);
}

void pool_release_excess(void)
{
    if (HAK_PROFILE(purge_policy) == HAK_PURGE_NEVER)
        return;
    release_above_keep(SLABS, HAK_PROFILE(purge_keep));
    release_above_keep(LARGE_BLOCKS, HAK_PROFILE(large_cache));
    pool_release_above_ceiling();
}

void pool_purge_due(uint64_t now)
{
    if (HAK_PROFILE(purge_policy) == HAK_PURGE_NEVER)
        return;
    for (size_t kind = 0; kind < KINDS; kind++)
        page_heap_purge_due(&pool.heaps[kind], now);
    if (mapping_cache_purge_due(&pool.mappings, now) != 0)
        footprint_settle(&pool.footprint);
}

size_t pool_purge_all(size_t keep)
{
    pool_lock();
    uint64_t mapped = count_read(&pool.mappings.bytes), kept = mapped <= keep ? mapped : 0;
    size_t given = kept == 0 ? mapping_cache_release(&pool.mappings, mapped) : 0;
    struct pool_walk walk = {0};
    for (struct superslab *superslab; (superslab = pool_walk_on(&walk)) != NULL;) {
        size_t bytes = superslab_purgeable(superslab);
        if (kept + bytes <= keep)
            kept += bytes;
        else
            given += page_heap_purge(pool_heap_of(superslab->kind), superslab);
    }
    footprint_settle(&pool.footprint);
    pool_leave();
    return given;
}

size_t pool_reclaim(void)
{
    pool_lock();
    size_t unmapped = mapping_cache_release(&pool.mappings, count_read(&pool.mappings.bytes));
    struct pool_walk walk = {0};
    for (struct superslab *superslab; (superslab = pool_walk_on(&walk)) != NULL;)
        unmapped += superslab->used_pages == 0 ? page_heap_unmap(pool_heap_of(superslab->kind), superslab)
                                               : page_heap_trim(pool_heap_of(superslab->kind), superslab);
    pool_leave();
    return unmapped;
}
