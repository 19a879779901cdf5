/* SPDX-License-Identifier: MIT */
#include "lib/space/pool_state.h"

#include "lib/base/lock.h"

static struct lock lock = LOCK_INITIALIZER;

struct pool pool = {
    .retentions = {{.footprint = &pool.footprint}, {.footprint = &pool.footprint}},
    .heaps = {{.retention = &pool.retentions[SLABS]}, {.retention = &pool.retentions[LARGE_BLOCKS]}},
    .mappings = {.retention = &pool.retentions[LARGE_BLOCKS]},
};

/* The earlier of two times, of which 0 is never. */
static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

uint64_t pool_next_purge(size_t kind)
{
    uint64_t next = page_heap_next_purge(&pool.heaps[kind]);
    return kind == LARGE_BLOCKS ? earlier(next, mapping_cache_next_purge(&pool.mappings)) : next;
}

/* What is noted at the end of everything that changes what is retained. */
static void note_retained(void)
{
    uint64_t next = earlier(pool_next_purge(SLABS), pool_next_purge(LARGE_BLOCKS));
    atomic_store_explicit(&pool.next_tick, earlier(next, pool.collapse_due), memory_order_relaxed);
    atomic_store_explicit(&pool.slab_retained_bytes, pool.retentions[SLABS].bytes, memory_order_relaxed);
    atomic_store_explicit(&pool.slab_bytes, count_read(&pool.heaps[SLABS].used_bytes), memory_order_relaxed);
    count_set(&pool.large_retained_bytes, pool.retentions[LARGE_BLOCKS].bytes);
}

/* Mappings that were dropped go without the lock: to unmap a GiB takes tens of milliseconds. */
void pool_leave(void)
{
    note_retained();
    struct list dropped = mapping_cache_dropped(&pool.mappings);
    lock_release(&lock);
    if (LIKELY(dropped.first == NULL))
        return;
    mapping_cache_unmap(&dropped);
    lock_take(&lock);
    mapping_cache_reuse(&pool.mappings, &dropped);
    lock_release(&lock);
}

void pool_lock(void)
{
    lock_take(&lock);
}

void pool_unlock(void)
{
    lock_release(&lock);
}

void pool_reset_lock(void)
{
    lock_reset(&lock);
}
