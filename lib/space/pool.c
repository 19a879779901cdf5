/* SPDX-License-Identifier: MIT */
#include "lib/space/pool.h"

#include "lib/base/lock.h"
#include "lib/base/os.h"
#include "lib/profile/active.h"
#include "lib/space/huge.h"
#include "lib/space/purge_clock.h"

#include <stdatomic.h>

enum { SLABS, LARGE_BLOCKS, SHELVES };

static struct lock lock = LOCK_INITIALIZER;
/* All below: under `lock`. */
static struct shelf shelves[SHELVES];
static uint64_t peak_superslabs, peak_mapped_bytes, failures;
/* When the first of the shelves has something to purge, 0 if none has: written under `lock`, read without (relaxed: a
 * hint, checked again under the lock). */
static _Atomic uint64_t next_purge;
/* Whether memory waits on the shelf for slabs: the same. */
static _Atomic bool has_waiting;

static struct shelf *shelf_of(enum superslab_kind kind)
{
    return &shelves[kind == SUPERSLAB_PLAIN ? SLABS : LARGE_BLOCKS];
}

/* What is noted at the end of everything that changes a shelf. */
static void note_waiting(void)
{
    uint64_t next = 0;
    for (size_t index = 0; index < SHELVES; index++) {
        uint64_t due = shelf_next_purge(&shelves[index]);
        if (due != 0 && (next == 0 || due < next))
            next = due;
    }
    atomic_store_explicit(&next_purge, next, memory_order_relaxed);
    atomic_store_explicit(&has_waiting, shelves[SLABS].waiting_bytes != 0, memory_order_relaxed);
}

static uint64_t mapped_bytes(void)
{
    return shelves[SLABS].mapped_bytes + shelves[LARGE_BLOCKS].mapped_bytes;
}

static void note_peaks(void)
{
    if (shelves[SLABS].count > peak_superslabs)
        peak_superslabs = shelves[SLABS].count;
    if (mapped_bytes() > peak_mapped_bytes)
        peak_mapped_bytes = mapped_bytes();
}

size_t pool_longest_run(void)
{
    return (size_t)512; /* 32 MiB */
}

/* Where all memory has huge pages, or none, the areas are of one kind. */
static enum superslab_kind area_for(size_t pages)
{
    uint64_t way = HAK_PROFILE(pages_huge);
    bool of_some = way == HAK_HUGE_LARGE || way == HAK_HUGE_AUTO;
    return of_some && huge_pages_for_large(pages << PAGE_SHIFT) ? SUPERSLAB_LONG_AREA : SUPERSLAB_AREA;
}

static bool take(enum superslab_kind kind, size_t pages, size_t alignment, bool large_user, struct page_run *run)
{
    lock_take(&lock);
    bool taken = shelf_take(shelf_of(kind), kind, pages, alignment, large_user, run);
    failures += !taken && kind == SUPERSLAB_PLAIN; /* large blocks have mappings of their own as another way */
    note_peaks();
    note_waiting();
    lock_release(&lock);
    return taken;
}

bool pool_take(size_t pages, struct page_run *run)
{
    return take(SUPERSLAB_PLAIN, pages, PAGE_BYTES, false, run);
}

bool pool_take_for_large_user(size_t pages, struct page_run *run)
{
    return take(SUPERSLAB_PLAIN, pages, PAGE_BYTES, true, run);
}

bool pool_take_for_large_block(size_t pages, size_t alignment, struct page_run *run)
{
    ASSERT(alignment <= POOL_ALIGNMENT_MOST);
    return take(area_for(pages), pages, alignment, false, run);
}

/* One call may copy so many SuperSlabs' memory into huge pages: a few milliseconds. */
#define MADE_HUGE_MOST 8

void pool_note_large_user(void)
{
    if (HAK_PROFILE(pages_huge) != HAK_HUGE_AUTO || !huge_pages_for_superslabs() || os_huge_pages_are_switched_off())
        return;
    lock_take(&lock);
    shelf_make_full_huge(&shelves[SLABS], MADE_HUGE_MOST);
    lock_release(&lock);
}

bool pool_extend(struct page_run *run, size_t more)
{
    size_t pages = run->pages + more;
    if (pages > pool_longest_run() || (run->superslab->kind == SUPERSLAB_AREA && area_for(pages) != SUPERSLAB_AREA))
        return false;
    lock_take(&lock);
    bool extended = shelf_extend(shelf_of(run->superslab->kind), run, more);
    lock_release(&lock);
    return extended;
}

bool pool_has_waiting(void)
{
    return atomic_load_explicit(&has_waiting, memory_order_relaxed);
}

void pool_give(const struct page_run *run)
{
    lock_take(&lock);
    shelf_give(shelf_of(run->superslab->kind), run);
    note_waiting();
    lock_release(&lock);
}

void pool_prefault(const struct page_run *run)
{
    os_prefault(run->base, run->pages << PAGE_SHIFT);
    lock_take(&lock);
    superslab_counts.prefaulted_bytes += run->pages << PAGE_SHIFT;
    lock_release(&lock);
}

void pool_purge_due(void)
{
    uint64_t due = atomic_load_explicit(&next_purge, memory_order_relaxed);
    if (LIKELY(due == 0))
        return;
    uint64_t now = purge_clock();
    if (now < due)
        return;
    lock_take(&lock);
    for (size_t index = 0; index < SHELVES; index++)
        shelf_purge_due(&shelves[index], now);
    note_waiting();
    lock_release(&lock);
}

/* Where a walk over all SuperSlabs is; {0} at first. The one that it has come to may be removed. */
struct walk {
    size_t shelf;
    unsigned list;
    struct superslab *next;
};

/* The next SuperSlab; NULL at the end. */
static struct superslab *walk_on(struct walk *walk)
{
    while (walk->next == NULL && walk->shelf < SHELVES) {
        walk->next = shelves[walk->shelf].lists[walk->list++];
        if (walk->list == SHELF_LISTS) {
            walk->list = 0;
            walk->shelf++;
        }
    }
    struct superslab *superslab = walk->next;
    walk->next = superslab != NULL ? superslab->next : NULL;
    return superslab;
}

size_t pool_purge_all(size_t keep)
{
    size_t given = 0, kept = 0;
    lock_take(&lock);
    struct walk walk = {0};
    for (struct superslab *superslab; (superslab = walk_on(&walk)) != NULL;) {
        size_t bytes = superslab_purgeable(superslab);
        if (kept + bytes <= keep)
            kept += bytes;
        else
            given += shelf_purge(shelf_of(superslab->kind), superslab);
    }
    note_waiting();
    lock_release(&lock);
    return given;
}

size_t pool_unmap_empty(void)
{
    size_t unmapped = 0;
    lock_take(&lock);
    struct walk walk = {0};
    for (struct superslab *superslab; (superslab = walk_on(&walk)) != NULL;)
        unmapped += superslab->used_pages == 0 ? shelf_unmap(shelf_of(superslab->kind), superslab)
                                               : shelf_trim(shelf_of(superslab->kind), superslab);
    note_waiting();
    lock_release(&lock);
    return unmapped;
}

static void count_shelf(struct pool_counts *counts, const struct shelf *shelf)
{
    counts->mapped_bytes += shelf->mapped_bytes;
    counts->used_bytes += shelf->used_bytes;
    counts->purges += shelf->purges;
    counts->purged_bytes += shelf->purged_bytes;
}

void pool_count(struct pool_counts *counts, bool resident)
{
    lock_take(&lock);
    *counts = (struct pool_counts){
        .superslabs = shelves[SLABS].count,
        .peak_superslabs = peak_superslabs,
        .superslabs_mapped = shelves[SLABS].mapped,
        .superslabs_unmapped = shelves[SLABS].unmapped,
        .peak_mapped_bytes = peak_mapped_bytes,
        .area_waiting_bytes = shelves[LARGE_BLOCKS].waiting_bytes,
        .failures = failures,
        .superslab = superslab_counts,
    };
    for (size_t index = 0; index < SHELVES; index++)
        count_shelf(counts, &shelves[index]);
    struct walk walk = {0};
    for (struct superslab *superslab; (superslab = walk_on(&walk)) != NULL;) {
        counts->purgeable_bytes += superslab_purgeable(superslab);
        if (resident)
            counts->resident_bytes += os_resident(superslab->base, (size_t)superslab->pages << PAGE_SHIFT);
    }
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
