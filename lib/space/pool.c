/* SPDX-License-Identifier: MIT */
#include "lib/space/pool.h"

#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/profile/active.h"
#include "lib/space/huge.h"
#include "lib/space/mapping_cache.h"
#include "lib/space/purge_clock.h"

#include <stdatomic.h>

enum { SLABS, LARGE_BLOCKS, KINDS };

static struct lock lock = LOCK_INITIALIZER;
/* All below: under `lock`. */
static struct footprint footprint;
static struct retention retentions[KINDS] = {{.footprint = &footprint}, {.footprint = &footprint}};
static struct page_heap heaps[KINDS] = {{.retention = &retentions[SLABS]}, {.retention = &retentions[LARGE_BLOCKS]}};
static struct mapping_cache mappings = {.retention = &retentions[LARGE_BLOCKS]};
static uint64_t peak_superslabs, peak_mapped_bytes, failures, mapping_bytes;
/* When the next tick has something to do, 0: never. Written under `lock`, read without (relaxed: a hint,
 * checked again under the lock). */
static _Atomic uint64_t next_tick;
/* Whether memory is retained in the page heap for slabs, and how much the slabs have: the same. */
static _Atomic bool has_retained;
static _Atomic uint64_t slab_bytes;

static struct page_heap *heap_of(enum superslab_kind kind)
{
    return &heaps[superslab_is_for_slabs(kind) ? SLABS : LARGE_BLOCKS];
}

/* Filled SuperSlabs get huge pages one by one, so that the copying takes at most 2 % of the time: half a millisecond
 * each. A heap below COLLAPSE_FROM_BYTES lives well without. */
#define COLLAPSE_PERIOD_MS 32
#define COLLAPSE_FROM_BYTES ((uint64_t)8 << 20)
/* purge_clock of the next such one, 0: none. After so many refusals there is none any more. */
static uint64_t collapse_due;
static unsigned collapse_refusals;
#define COLLAPSE_REFUSALS_MOST 4

/* Not after a fork: pages that parent and child share would be copied. */
static bool may_collapse(void)
{
    return heaps[SLABS].used_bytes >= COLLAPSE_FROM_BYTES && HAK_PROFILE(pages_huge) == HAK_HUGE_AUTO &&
           collapse_refusals < COLLAPSE_REFUSALS_MOST && huge_pages_for_superslabs() &&
           !os_huge_pages_are_switched_off();
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static uint64_t next_purge_of(size_t kind)
{
    uint64_t next = page_heap_next_purge(&heaps[kind]);
    return kind == LARGE_BLOCKS ? earlier(next, mapping_cache_next_purge(&mappings)) : next;
}

/* What is noted at the end of everything that changes what is retained. */
static void note_retained(void)
{
    uint64_t next = earlier(next_purge_of(SLABS), next_purge_of(LARGE_BLOCKS));
    atomic_store_explicit(&next_tick, earlier(next, collapse_due), memory_order_relaxed);
    atomic_store_explicit(&has_retained, retentions[SLABS].bytes != 0, memory_order_relaxed);
    atomic_store_explicit(&slab_bytes, heaps[SLABS].used_bytes, memory_order_relaxed);
}

/* Ends what lock_take began. Mappings that were dropped go without the lock: to unmap a GiB takes tens of milliseconds.
 */
static void leave(void)
{
    note_retained();
    struct list dropped = mapping_cache_dropped(&mappings);
    lock_release(&lock);
    if (LIKELY(dropped.first == NULL))
        return;
    mapping_cache_unmap(&dropped);
    lock_take(&lock);
    mapping_cache_reuse(&mappings, &dropped);
    lock_release(&lock);
}

/* Releases BYTES of what is retained of KIND; returns how many it was. Mappings that are cached go first: they are the
 * longest, and serve few requests. */
static uint64_t release(size_t kind, uint64_t bytes)
{
    uint64_t released = kind == LARGE_BLOCKS ? mapping_cache_release(&mappings, bytes) : 0;
    return released < bytes ? released + page_heap_release(&heaps[kind], bytes - released) : released;
}

/* Above a limit an eighth more goes, so that not every block that is freed then takes its own pages back. */
#define RELEASE_MORE 8

static void release_above_keep(size_t kind, uint64_t keep)
{
    uint64_t excess = retention_excess(&retentions[kind], keep);
    if (LIKELY(excess == 0))
        return;
    uint64_t released = release(kind, excess + (retentions[kind].bytes - excess) / RELEASE_MORE);
    retention_released(&retentions[kind], released, purge_clock());
}

/* The kind whose retained memory has waited longest. */
static size_t oldest_kind(void)
{
    uint64_t slabs = next_purge_of(SLABS), large = next_purge_of(LARGE_BLOCKS);
    return large == 0 || (slabs != 0 && slabs < large) ? SLABS : LARGE_BLOCKS;
}

/* What is retained in huge pages of which parts are in use cannot go: then the ceiling gives way. */
static void release_above_ceiling(void)
{
    uint64_t excess = footprint_excess(&footprint);
    if (LIKELY(excess == 0) || HAK_PROFILE(purge_policy) == HAK_PURGE_NEVER)
        return;
    size_t kind = oldest_kind();
    uint64_t released = release(kind, excess);
    if (released < excess)
        released += release(1 - kind, excess - released);
    footprint_released(&footprint, released, purge_clock());
    if (released < excess)
        footprint_accept(&footprint);
}

static void release_excess(void)
{
    if (HAK_PROFILE(purge_policy) == HAK_PURGE_NEVER)
        return;
    release_above_keep(SLABS, HAK_PROFILE(purge_keep));
    release_above_keep(LARGE_BLOCKS, HAK_PROFILE(large_cache));
    release_above_ceiling();
}

static uint64_t mapped_bytes(void)
{
    return heaps[SLABS].mapped_bytes + heaps[LARGE_BLOCKS].mapped_bytes + mapping_bytes + mappings.bytes;
}

static void note_peaks(void)
{
    if (heaps[SLABS].count > peak_superslabs)
        peak_superslabs = heaps[SLABS].count;
    if (mapped_bytes() > peak_mapped_bytes)
        peak_mapped_bytes = mapped_bytes();
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

/* Under pages.huge: auto a slab that will be filled gets its pages from a SuperSlab with huge pages, if there is room
 * or nothing is retained elsewhere that would serve. */
static bool take_for_dense_slab(size_t pages, struct page_run *run)
{
    if (HAK_PROFILE(pages_huge) != HAK_HUGE_AUTO || !huge_pages_for_superslabs())
        return false;
    struct page_heap *heap = &heaps[SLABS];
    if (page_heap_take_mapped(heap, SUPERSLAB_DENSE, pages, run))
        return true;
    return retentions[SLABS].bytes == 0 && page_heap_take(heap, SUPERSLAB_DENSE, pages, PAGE_BYTES, run);
}

static void finish_take(const struct page_run *run)
{
    if (!run->resident)
        release_above_ceiling();
    note_peaks();
    leave();
}

bool pool_take(size_t pages, bool dense, struct page_run *run)
{
    lock_take(&lock);
    *run = (struct page_run){0};
    bool taken = page_heap_take_retained(&heaps[SLABS], false, pages, PAGE_BYTES, run) ||
                 (dense && take_for_dense_slab(pages, run)) ||
                 page_heap_take(&heaps[SLABS], SUPERSLAB_PLAIN, pages, PAGE_BYTES, run);
    failures += !taken;
    if (collapse_due == 0 && taken && may_collapse())
        collapse_due = purge_clock() + COLLAPSE_PERIOD_MS;
    finish_take(run);
    return taken;
}

bool pool_take_for_large_block(size_t pages, size_t alignment, bool huge, bool warm, struct page_run *run)
{
    ASSERT(alignment <= POOL_ALIGNMENT_MOST);
    lock_take(&lock);
    *run = (struct page_run){0};
    struct page_heap *heap = &heaps[LARGE_BLOCKS];
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
    lock_take(&lock);
    bool extended = page_heap_extend(heap_of(run->superslab->kind), run, more);
    if (extended)
        release_above_ceiling();
    leave();
    return extended;
}

bool pool_may_purge_parts(struct superslab *superslab, bool break_up)
{
    lock_take(&lock);
    if (superslab->huge && break_up)
        page_heap_break_up(&heaps[SLABS], superslab);
    bool may = !superslab->huge;
    leave();
    return may;
}

uint64_t pool_slab_bytes(void)
{
    return atomic_load_explicit(&slab_bytes, memory_order_relaxed);
}

bool pool_has_retained(void)
{
    return atomic_load_explicit(&has_retained, memory_order_relaxed);
}

void pool_give(const struct page_run *run)
{
    lock_take(&lock);
    page_heap_give(heap_of(run->superslab->kind), run);
    release_excess();
    leave();
}

void pool_give_moved(const struct page_run *run)
{
    lock_take(&lock);
    page_heap_give_moved(&heaps[LARGE_BLOCKS], run);
    mapping_bytes += run->pages << PAGE_SHIFT;
    footprint.used += run->pages << PAGE_SHIFT;
    leave();
}

bool pool_take_mapping(size_t bytes, size_t alignment, struct mapping *mapping)
{
    lock_take(&lock);
    bool taken = mapping_cache_take(&mappings, bytes, alignment, mapping);
    if (taken) {
        mapping_bytes += mapping->bytes;
        footprint.used += mapping->bytes;
    }
    leave();
    return taken;
}

void pool_note_mapping(int64_t bytes)
{
    lock_take(&lock);
    mapping_bytes += (uint64_t)bytes;
    footprint.used += (uint64_t)bytes;
    if (bytes > 0)
        release_above_ceiling();
    note_peaks();
    leave();
}

void pool_give_mapping(struct mapping mapping)
{
    lock_take(&lock);
    mapping_bytes -= mapping.bytes;
    footprint.used -= mapping.bytes;
    bool cached = HAK_PROFILE(large_cache) != 0 && mapping_cache_add(&mappings, mapping);
    release_excess();
    leave();
    if (!cached)
        os_unmap(mapping.base, mapping.bytes);
}

void pool_prefault(const struct page_run *run)
{
    os_prefault(run->base, run->pages << PAGE_SHIFT);
    lock_take(&lock);
    superslab_counts.prefaulted_bytes += run->pages << PAGE_SHIFT;
    lock_release(&lock);
}

static void purge_due(uint64_t now)
{
    if (HAK_PROFILE(purge_policy) == HAK_PURGE_NEVER)
        return;
    for (size_t kind = 0; kind < KINDS; kind++)
        page_heap_purge_due(&heaps[kind], now);
    if (mapping_cache_purge_due(&mappings, now) != 0)
        footprint_settle(&footprint);
}

/* Where no filled SuperSlab was found, the next is looked for when another slab has been taken. */
static void collapse_one(uint64_t now)
{
    bool refused = false, found = may_collapse() && page_heap_make_filled_huge(&heaps[SLABS], &refused);
    collapse_refusals += refused;
    collapse_due = found ? now + COLLAPSE_PERIOD_MS : 0;
}

void pool_tick(void)
{
    uint64_t due = atomic_load_explicit(&next_tick, memory_order_relaxed);
    if (LIKELY(due == 0))
        return;
    uint64_t now = purge_clock();
    if (LIKELY(now < due))
        return;
    lock_take(&lock);
    purge_due(now);
    if (collapse_due != 0 && now >= collapse_due)
        collapse_one(now);
    leave();
}

void pool_note_fork(void)
{
    collapse_refusals = COLLAPSE_REFUSALS_MOST;
}

/* Where a walk over all SuperSlabs is; {0} at first. The one that it has come to may be removed. */
struct walk {
    size_t kind;
    unsigned list;
    struct list_link *next;
};

/* The next SuperSlab; NULL at the end. */
static struct superslab *walk_on(struct walk *walk)
{
    while (walk->next == NULL && walk->kind < KINDS) {
        walk->next = heaps[walk->kind].lists[walk->list++].first;
        if (walk->list == PAGE_HEAP_LISTS) {
            walk->list = 0;
            walk->kind++;
        }
    }
    if (walk->next == NULL)
        return NULL;
    struct superslab *superslab = LIST_MEMBER(walk->next, struct superslab, link);
    walk->next = walk->next->next;
    return superslab;
}

size_t pool_purge_all(size_t keep)
{
    lock_take(&lock);
    uint64_t mapped = mappings.bytes, kept = mapped <= keep ? mapped : 0;
    size_t given = kept == 0 ? mapping_cache_release(&mappings, mapped) : 0;
    struct walk walk = {0};
    for (struct superslab *superslab; (superslab = walk_on(&walk)) != NULL;) {
        size_t bytes = superslab_purgeable(superslab);
        if (kept + bytes <= keep)
            kept += bytes;
        else
            given += page_heap_purge(heap_of(superslab->kind), superslab);
    }
    footprint_settle(&footprint);
    leave();
    return given;
}

size_t pool_reclaim(void)
{
    lock_take(&lock);
    size_t unmapped = mapping_cache_release(&mappings, mappings.bytes);
    struct walk walk = {0};
    for (struct superslab *superslab; (superslab = walk_on(&walk)) != NULL;)
        unmapped += superslab->used_pages == 0 ? page_heap_unmap(heap_of(superslab->kind), superslab)
                                               : page_heap_trim(heap_of(superslab->kind), superslab);
    leave();
    return unmapped;
}

static void count_heap(struct pool_counts *counts, const struct page_heap *heap)
{
    counts->mapped_bytes += heap->mapped_bytes;
    counts->used_bytes += heap->used_bytes;
    counts->purges += heap->purges;
    counts->purged_bytes += heap->purged_bytes;
}

void pool_count(struct pool_counts *counts, bool resident)
{
    lock_take(&lock);
    *counts = (struct pool_counts){
        .superslabs = heaps[SLABS].count,
        .peak_superslabs = peak_superslabs,
        .superslabs_mapped = heaps[SLABS].mapped,
        .superslabs_unmapped = heaps[SLABS].unmapped,
        .peak_mapped_bytes = peak_mapped_bytes,
        .purges = mappings.purges,
        .purged_bytes = mappings.purged_bytes,
        .large_retained_bytes = retentions[LARGE_BLOCKS].bytes,
        .mapping_bytes = mapping_bytes + mappings.bytes,
        .purgeable_bytes = mappings.bytes,
        .failures = failures,
        .superslab = superslab_counts,
    };
    for (size_t kind = 0; kind < KINDS; kind++)
        count_heap(counts, &heaps[kind]);
    struct walk walk = {0};
    for (struct superslab *superslab; (superslab = walk_on(&walk)) != NULL;) {
        counts->purgeable_bytes += superslab_purgeable(superslab);
        if (resident)
            counts->resident_bytes += os_resident(superslab->base, (size_t)superslab->pages << PAGE_SHIFT);
    }
    if (resident)
        counts->resident_bytes += mapping_cache_resident(&mappings);
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
