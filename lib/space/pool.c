/* SPDX-License-Identifier: MIT */
#include "lib/space/pool.h"

#include "lib/base/os.h"
#include "lib/profile/active.h"
#include "lib/space/huge.h"
#include "lib/space/pool_state.h"
#include "lib/space/purge_clock.h"

static uint64_t mapped_bytes(void)
{
    return count_read(&pool.heaps[SLABS].mapped_bytes) + count_read(&pool.heaps[LARGE_BLOCKS].mapped_bytes) +
           count_read(&pool.mapping_bytes) + count_read(&pool.mappings.bytes);
}

static void note_peak(_Atomic uint64_t *peak, uint64_t value)
{
    if (value > count_read(peak))
        count_set(peak, value);
}

static void note_peaks(void)
{
    note_peak(&pool.peak_superslabs, count_read(&pool.heaps[SLABS].count));
    note_peak(&pool.peak_mapped_bytes, mapped_bytes());
}

size_t pool_longest_run(void)
{
    return (size_t)512; /* 32 MiB */
}

/* Where all memory has huge pages, or none, the areas are of one kind. */
static enum superslab_kind area_for(bool huge)
{
    uint64_t way = HAK_PROFILE(pages_huge);
    return huge && (way == HAK_HUGE_LARGE || way == HAK_HUGE_AUTO) ? SUPERSLAB_LONG_AREA : SUPERSLAB_AREA;
}

/* Under pages.huge: auto a slab that will be filled gets its pages from a SuperSlab with huge pages, if there is room;
 * or nothing is retained elsewhere that would serve, and a new one is cheap. */
static bool take_for_dense_slab(size_t pages, struct page_run *run)
{
    if (HAK_PROFILE(pages_huge) != HAK_HUGE_AUTO || !huge_pages_for_superslabs())
        return false;
    struct page_heap *heap = &pool.heaps[SLABS];
    if (page_heap_take_mapped(heap, SUPERSLAB_DENSE, pages, run))
        return true;
    return pool.retentions[SLABS].bytes == 0 && huge_pages_are_cheap() &&
           page_heap_take(heap, SUPERSLAB_DENSE, pages, PAGE_BYTES, run);
}

static void finish_take(const struct page_run *run)
{
    if (!run->resident)
        pool_release_above_ceiling();
    note_peaks();
    pool_leave();
}

bool pool_take(size_t pages, bool dense, struct page_run *run)
{
    pool_lock();
    *run = (struct page_run){0};
    bool taken = page_heap_take_retained(&pool.heaps[SLABS], false, pages, PAGE_BYTES, run) ||
                 (dense && take_for_dense_slab(pages, run)) ||
                 page_heap_take(&pool.heaps[SLABS], SUPERSLAB_PLAIN, pages, PAGE_BYTES, run);
    count_add(&pool.failures, !taken);
    if (taken)
        pool_collapse_later();
    finish_take(run);
    return taken;
}

bool pool_take_for_large_block(size_t pages, size_t alignment, bool huge, bool warm, struct page_run *run)
{
    ASSERT(alignment <= POOL_ALIGNMENT_MOST);
    pool_lock();
    *run = (struct page_run){0};
    struct page_heap *heap = &pool.heaps[LARGE_BLOCKS];
    bool taken =
        (warm && page_heap_take_retained(heap, area_for(huge) == SUPERSLAB_LONG_AREA, pages, alignment, run)) ||
        page_heap_take(heap, area_for(huge), pages, alignment, run);
    finish_take(run);
    return taken;
}

bool pool_extend(struct page_run *run, size_t more)
{
    if (run->pages + more > pool_longest_run())
        return false;
    pool_lock();
    bool extended = page_heap_extend(pool_heap_of(run->superslab->kind), run, more);
    if (extended)
        pool_release_above_ceiling();
    pool_leave();
    return extended;
}

bool pool_may_purge_parts(struct superslab *superslab, bool break_up)
{
    pool_lock();
    if (superslab->huge && break_up) {
        page_heap_break_up(&pool.heaps[SLABS], superslab);
        pool_collapse_rest();
    }
    bool may = !superslab->huge;
    pool_leave();
    return may;
}

uint64_t pool_slab_bytes(void)
{
    return atomic_load_explicit(&pool.slab_bytes, memory_order_relaxed);
}

uint64_t pool_slab_retained_bytes(void)
{
    return atomic_load_explicit(&pool.slab_retained_bytes, memory_order_relaxed);
}

void pool_give(const struct page_run *run)
{
    pool_lock();
    page_heap_give(pool_heap_of(run->superslab->kind), run);
    pool_release_excess();
    pool_leave();
}

void pool_give_moved(const struct page_run *run)
{
    pool_lock();
    page_heap_give_moved(&pool.heaps[LARGE_BLOCKS], run);
    count_add(&pool.mapping_bytes, run->pages << PAGE_SHIFT);
    pool.footprint.used += run->pages << PAGE_SHIFT;
    pool_leave();
}

bool pool_take_mapping(size_t bytes, size_t alignment, bool cheap_anew, struct mapping *mapping)
{
    pool_lock();
    bool taken = mapping_cache_take(&pool.mappings, bytes, alignment, cheap_anew, mapping);
    if (taken) {
        count_add(&pool.mapping_bytes, mapping->bytes);
        pool.footprint.used += mapping->bytes;
    }
    pool_leave();
    return taken;
}

void pool_note_mapping(int64_t bytes)
{
    pool_lock();
    count_add(&pool.mapping_bytes, (uint64_t)bytes);
    pool.footprint.used += (uint64_t)bytes;
    if (bytes > 0)
        pool_release_above_ceiling();
    note_peaks();
    pool_leave();
}

void pool_give_mapping(struct mapping mapping)
{
    pool_lock();
    count_add(&pool.mapping_bytes, -(uint64_t)mapping.bytes);
    pool.footprint.used -= mapping.bytes;
    bool cached = HAK_PROFILE(large_cache) != 0 && mapping_cache_add(&pool.mappings, mapping);
    pool_release_excess();
    pool_leave();
    if (!cached)
        os_unmap(mapping.base, mapping.bytes);
}

/* The first run in a huge page has all of it made. */
static void note_cost(const struct page_run *run, uint64_t microseconds)
{
    size_t huge = os_huge_page_bytes();
    if (huge == 0)
        return;
    if (!run->superslab->huge)
        huge_pages_note_cost(false, run->pages << PAGE_SHIFT, microseconds);
    else if ((uintptr_t)run->base % huge == 0)
        huge_pages_note_cost(true, huge, microseconds);
}

void pool_prefault(const struct page_run *run)
{
    uint64_t begun = os_microseconds();
    os_prefault(run->base, run->pages << PAGE_SHIFT);
    uint64_t took = os_microseconds() - begun;
    pool_lock();
    count_add(&superslab_counts.prefaulted_bytes, run->pages << PAGE_SHIFT);
    note_cost(run, took);
    pool_unlock();
}

void pool_tick(void)
{
    uint64_t due = atomic_load_explicit(&pool.next_tick, memory_order_relaxed);
    if (LIKELY(due == 0))
        return;
    uint64_t now = purge_clock();
    if (LIKELY(now < due))
        return;
    pool_lock();
    pool_purge_due(now);
    pool_collapse_due(now);
    pool_leave();
}
