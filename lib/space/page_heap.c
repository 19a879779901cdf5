/* SPDX-License-Identifier: MIT */
#include "lib/space/page_heap.h"

#include "lib/profile/active.h"
#include "lib/space/huge.h"
#include "lib/space/purge_clock.h"

#define FULL_LIST (PAGE_HEAP_LISTS - 1)

/* An area holds several of the runs that it was mapped for, and each is twice as large as the one before: what was
 * freed serves blocks of any size the better, the longer the addresses go on. The first one is small. */
#define AREA_RUNS 8
#define AREA_PAGES_FIRST 256 /* 16 MiB */
#define AREA_PAGES_MOST PAGE_HEAP_PAGES_MOST
#define AREA_BYTES_LEAST ((size_t)1 << 20)
_Static_assert(PAGE_HEAP_PAGES_MOST < 1 << (PAGE_HEAP_LISTS - 1), "each length has a list");

/* Under pages.huge: auto a SuperSlab loses its huge pages when three quarters of it are empty. */
#define AUTO_BREAK_SHARE 4

/* --- lists by longest run: a run is found without looking at SuperSlabs that cannot hold it, and the shorter rooms are
 * filled first -------- */

#define OF_LINK(pointer) LIST_MEMBER(pointer, struct superslab, link)
#define OF_PURGE_LINK(pointer) LIST_MEMBER(pointer, struct superslab, purge_link)

static unsigned list_of(const struct superslab *superslab)
{
    return superslab->longest_run == 0 ? FULL_LIST : 31 - (unsigned)__builtin_clz(superslab->longest_run);
}

/* Puts it where its longest run now belongs; it is in list WAS. */
static void list_move(struct page_heap *heap, struct superslab *superslab, unsigned was)
{
    if (list_of(superslab) == was)
        return;
    list_remove(&heap->lists[was], &superslab->link);
    list_add_first(&heap->lists[list_of(superslab)], &superslab->link);
}

/* --- the queue of those whose retained pages wait ------------------------------------------------------------------
 */

/* Its retained pages are looked at twice within the delay: those that were unused both times go back. */
static void queue_add(struct page_heap *heap, struct superslab *superslab)
{
    uint64_t delay = HAK_PROFILE(purge_delay) << heap->retention->delay_shift;
    superslab->purge_due = purge_clock() + delay / 2 + 1; /* never 0, which says "none" */
    list_add_last(&heap->purge_queue, &superslab->purge_link);
}

static void queue_remove(struct page_heap *heap, struct superslab *superslab)
{
    if (superslab->purge_due == 0)
        return;
    list_remove(&heap->purge_queue, &superslab->purge_link);
    superslab->purge_due = 0;
}

static struct superslab *queue_oldest(const struct page_heap *heap)
{
    return heap->purge_queue.first != NULL ? OF_PURGE_LINK(heap->purge_queue.first) : NULL;
}

uint64_t page_heap_next_purge(const struct page_heap *heap)
{
    struct superslab *oldest = queue_oldest(heap);
    return oldest != NULL ? oldest->purge_due : 0;
}

/* --- mapping and unmapping ---------------------------------------------------------------------------------------- */

/* What cannot go back is not retained: reserved huge pages, and the unused part of one that is in use. */
static uint64_t retained_bytes(const struct superslab *superslab)
{
    return superslab->huge ? superslab_purgeable(superslab) : (uint64_t)superslab->retained_pages << PAGE_SHIFT;
}

/* Whether a SuperSlab of KIND is to have huge pages. */
static bool wants_huge_pages(enum superslab_kind kind)
{
    uint64_t way = HAK_PROFILE(pages_huge);
    if (way != HAK_HUGE_LARGE && way != HAK_HUGE_AUTO)
        return way != HAK_HUGE_NEVER;
    return kind == SUPERSLAB_DENSE || kind == SUPERSLAB_LONG_AREA;
}

/* How large the next SuperSlab is, which is to hold a run of PAGES. */
static size_t next_bytes(const struct page_heap *heap, enum superslab_kind kind, size_t pages)
{
    if (superslab_is_for_slabs(kind))
        return HAK_PROFILE(superslab_size);
    size_t area = AREA_PAGES_FIRST, most = AREA_PAGES_MOST;
    size_t doublings = size_minimum(heap->count, 16); /* more than it takes to the longest */
    while (area < most && (area < AREA_RUNS * pages || area >> doublings < AREA_PAGES_FIRST))
        area *= 2;
    return area << PAGE_SHIFT;
}

/* The least that one which is to hold a run of PAGES may have. Where no long area is to be had a shorter one is better
 * than none, if it holds more than the run; a large block may also be mapped by itself. */
static size_t least_bytes(enum superslab_kind kind, size_t pages, size_t alignment)
{
    if (superslab_is_for_slabs(kind))
        return pages << PAGE_SHIFT;
    return size_maximum((pages << PAGE_SHIFT) + alignment, AREA_BYTES_LEAST);
}

/* Maps one of *BYTES, or of the half, and so on, down to LEAST. After a refusal the next ones are short as well: what
 * is left of a limit is not spent on room that waits for blocks of one kind. Each that is granted lets the next be
 * twice as long. */
static struct superslab *map_shorter(struct page_heap *heap, enum superslab_kind kind, size_t least, size_t *bytes)
{
    size_t usual = *bytes;
    bool huge = wants_huge_pages(kind);
    while (heap->most_bytes != 0 && *bytes > heap->most_bytes && *bytes / 2 >= least)
        *bytes /= 2;
    struct superslab *superslab = superslab_map(*bytes, kind, huge);
    if (superslab != NULL && *bytes < usual)
        heap->most_bytes = 2 * *bytes;
    while (superslab == NULL && *bytes / 2 >= least) {
        superslab = superslab_map(*bytes /= 2, kind, huge);
        heap->most_bytes = *bytes;
    }
    return superslab;
}

/* Where the process locks its memory, a SuperSlab is resident from the beginning: short ones for slabs, and none for
 * large blocks, which are mapped by themselves. */
#define LOCKED_BYTES ((size_t)256 << 10)

static bool add_superslab(struct page_heap *heap, enum superslab_kind kind, size_t pages, size_t alignment)
{
    if (!superslab_is_for_slabs(kind) && os_locks_mappings())
        return false;
    size_t bytes = next_bytes(heap, kind, pages);
    struct superslab *superslab = map_shorter(heap, kind, least_bytes(kind, pages, alignment), &bytes);
    if (superslab == NULL)
        return false;
    if (UNLIKELY(superslab->locked))
        heap->most_bytes = LOCKED_BYTES;
    list_add_first(&heap->lists[list_of(superslab)], &superslab->link);
    heap->ghost_pages -= superslab_mark_released(superslab, heap->ghost_pages);
    heap->count++;
    heap->empty++;
    heap->mapped++;
    heap->mapped_bytes += bytes;
    retention_add(heap->retention, (int64_t)retained_bytes(superslab));
    return true;
}

/* Pages that were unmapped are refaults when so many are mapped again: the next SuperSlab takes them for pages of its
 * own that were released. */
#define GHOST_PAGES_MOST ((size_t)RETENTION_EARNED_MOST >> PAGE_SHIFT)

static void remove_superslab(struct page_heap *heap, struct superslab *superslab)
{
    heap->ghost_pages = size_minimum(heap->ghost_pages + superslab_released(superslab), GHOST_PAGES_MOST);
    queue_remove(heap, superslab);
    list_remove(&heap->lists[list_of(superslab)], &superslab->link);
    heap->count--;
    heap->empty--;
    heap->unmapped++;
    heap->mapped_bytes -= (uint64_t)superslab->pages << PAGE_SHIFT;
    retention_add(heap->retention, -(int64_t)retained_bytes(superslab));
    superslab_unmap(superslab);
}

static void count_purge(struct page_heap *heap, size_t bytes)
{
    heap->purges += bytes != 0;
    heap->purged_bytes += bytes;
}

/* SUPERSLAB, which retained BEFORE, retains more or less now. */
static void note_retained(struct page_heap *heap, const struct superslab *superslab, uint64_t before)
{
    retention_add(heap->retention, (int64_t)(retained_bytes(superslab) - before));
}

size_t page_heap_unmap(struct page_heap *heap, struct superslab *superslab)
{
    size_t bytes = (size_t)superslab->pages << PAGE_SHIFT;
    count_purge(heap, superslab_purgeable(superslab));
    remove_superslab(heap, superslab);
    return bytes;
}

size_t page_heap_trim(struct page_heap *heap, struct superslab *superslab)
{
    uint64_t retained = retained_bytes(superslab);
    unsigned was = list_of(superslab);
    size_t bytes = superslab_trim(superslab);
    list_move(heap, superslab, was);
    heap->mapped_bytes -= bytes;
    note_retained(heap, superslab, retained);
    count_purge(heap, retained - retained_bytes(superslab));
    return bytes;
}

void page_heap_break_up(struct page_heap *heap, struct superslab *superslab)
{
    uint64_t retained = retained_bytes(superslab);
    superslab_break_up(superslab);
    note_retained(heap, superslab, retained);
}

/* --- purging ------------------------------------------------------------------------------------------------------ */

static bool is_superfluous(const struct page_heap *heap, const struct superslab *superslab)
{
    return superslab->used_pages == 0 && heap->empty > HAK_PROFILE(superslab_keep_empty);
}

static bool is_better_broken_up(const struct superslab *superslab)
{
    return HAK_PROFILE(pages_huge) == HAK_HUGE_AUTO && superslab->huge &&
           superslab_is_for_slabs((enum superslab_kind)superslab->kind) && superslab->used_pages != 0 &&
           superslab->used_pages <= superslab->pages / AUTO_BREAK_SHARE;
}

/* Pages are handed out, or come back if negative. */
static void note_used(struct page_heap *heap, int64_t pages)
{
    heap->used_bytes += (uint64_t)pages << PAGE_SHIFT;
    heap->retention->footprint->used += (uint64_t)pages << PAGE_SHIFT;
}

/* Has PURGE give back pages of SUPERSLAB, which does not wait any longer. */
static size_t purge_pages(struct page_heap *heap, struct superslab *superslab, size_t (*purge)(struct superslab *))
{
    uint64_t retained = retained_bytes(superslab);
    queue_remove(heap, superslab);
    if (is_better_broken_up(superslab))
        superslab_break_up(superslab);
    size_t bytes = purge(superslab);
    note_retained(heap, superslab, retained);
    count_purge(heap, bytes);
    return bytes;
}

size_t page_heap_purge(struct page_heap *heap, struct superslab *superslab)
{
    if (!is_superfluous(heap, superslab))
        return purge_pages(heap, superslab, superslab_purge);
    size_t bytes = superslab_purgeable(superslab);
    page_heap_unmap(heap, superslab);
    return bytes;
}

/* What has been unused at the last look as well goes back; what has not is looked at again. */
static size_t purge_stale(struct page_heap *heap, struct superslab *superslab)
{
    size_t bytes = purge_pages(heap, superslab, superslab_purge_stale);
    retention_aged(heap->retention, bytes, purge_clock());
    if (superslab_purgeable(superslab) != 0)
        queue_add(heap, superslab);
    else if (is_superfluous(heap, superslab))
        remove_superslab(heap, superslab);
    return bytes;
}

void page_heap_purge_due(struct page_heap *heap, uint64_t now)
{
    size_t bytes = 0;
    for (struct superslab *oldest; (oldest = queue_oldest(heap)) != NULL && oldest->purge_due <= now;)
        bytes += purge_stale(heap, oldest);
    if (bytes != 0)
        footprint_settle(heap->retention->footprint);
}

/* Purges up to BYTES of SUPERSLAB, the highest pages first, since the lowest serve first. */
static size_t purge_tail(struct page_heap *heap, struct superslab *superslab, uint64_t bytes)
{
    if (is_superfluous(heap, superslab))
        return page_heap_purge(heap, superslab);
    uint64_t retained = retained_bytes(superslab);
    size_t purged = superslab_purge_tail(superslab, bytes);
    note_retained(heap, superslab, retained);
    count_purge(heap, purged);
    return purged;
}

uint64_t page_heap_release(struct page_heap *heap, uint64_t bytes)
{
    uint64_t released = 0;
    for (struct list_link *link = heap->purge_queue.first, *next; link != NULL && released < bytes; link = next) {
        struct superslab *superslab = OF_PURGE_LINK(link);
        next = link->next;
        if (superslab->retained_pages != 0)
            released += purge_tail(heap, superslab, bytes - released);
    }
    return released;
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

/* PAGES at BASE of SUPERSLAB were handed out. */
static void note_refault(struct page_heap *heap, struct superslab *superslab, const char *base, size_t pages)
{
    if (LIKELY(!retention_watches(heap->retention)))
        return;
    size_t released = superslab_reuse_released(superslab, base, pages);
    if (released != 0)
        retention_refaulted(heap->retention, released << PAGE_SHIFT, purge_clock());
}

typedef void *take_function(struct superslab *, size_t pages, size_t alignment, bool *zeroed);

/* Hands out a run that TAKE finds in SUPERSLAB; false if there is none. */
static bool take_from(struct page_heap *heap, struct superslab *superslab, take_function *take, size_t pages,
                      size_t alignment, struct page_run *run)
{
    bool was_empty = superslab->used_pages == 0;
    unsigned list = list_of(superslab);
    uint64_t retained = retained_bytes(superslab), resident = superslab->retained_pages;
    run->base = take(superslab, pages, alignment, &run->zeroed);
    list_move(heap, superslab, list);
    if (run->base == NULL)
        return false;
    heap->empty -= was_empty;
    note_retained(heap, superslab, retained);
    note_used(heap, (int64_t)pages);
    run->resident = resident - superslab->retained_pages == pages;
    note_refault(heap, superslab, run->base, pages);
    run->superslab = superslab;
    run->pages = pages;
    return true;
}

/* Takes the run from the first SuperSlab of KIND that has it, the fullest lists first. */
static bool take_from_lists(struct page_heap *heap, enum superslab_kind kind, size_t pages, size_t alignment,
                            struct page_run *run)
{
    unsigned list = 31 - (unsigned)__builtin_clz((unsigned)pages);
    for (; list < FULL_LIST; list++)
        for (struct list_link *link = heap->lists[list].first, *next; link != NULL; link = next) {
            struct superslab *superslab = OF_LINK(link);
            next = link->next;
            if (superslab->kind == kind && superslab->longest_run >= pages &&
                take_from(heap, superslab, superslab_take, pages, alignment, run))
                return true;
        }
    return false;
}

bool page_heap_take_mapped(struct page_heap *heap, enum superslab_kind kind, size_t pages, struct page_run *run)
{
    return take_from_lists(heap, kind, pages, PAGE_BYTES, run);
}

/* What came back last is the warmest. */
#define RETAINED_TRIES 32

bool page_heap_take_retained(struct page_heap *heap, bool huge, size_t pages, size_t alignment, struct page_run *run)
{
    if (heap->retention->bytes < pages << PAGE_SHIFT)
        return false;
    struct list_link *link = list_last(&heap->purge_queue);
    for (unsigned tries = 0; link != NULL && tries < RETAINED_TRIES; tries++) {
        struct superslab *superslab = OF_PURGE_LINK(link);
        if ((superslab->huge || !huge) && superslab->longest_run >= pages &&
            take_from(heap, superslab, superslab_take_resident, pages, alignment, run))
            return true;
        link = link != heap->purge_queue.first ? link->previous : NULL;
    }
    return false;
}

bool page_heap_take(struct page_heap *heap, enum superslab_kind kind, size_t pages, size_t alignment,
                    struct page_run *run)
{
    return take_from_lists(heap, kind, pages, alignment, run) ||
           (add_superslab(heap, kind, pages, alignment) && take_from_lists(heap, kind, pages, alignment, run));
}

/* A SuperSlab of which so large a part is filled has its huge page without more memory worth a word. */
#define FILLED_SHARE 32
/* One search looks at so many, and the next goes on behind them. */
#define LOOKED_AT_MOST 16

static bool is_filled(const struct superslab *superslab)
{
    uint32_t filled = atomic_load_explicit(&superslab->filled_pages, memory_order_relaxed);
    return filled >= superslab->pages - superslab->pages / FILLED_SHARE;
}

bool page_heap_make_filled_huge(struct page_heap *heap, bool *refused)
{
    struct list *full = &heap->lists[FULL_LIST];
    for (unsigned looked_at = 0; looked_at < LOOKED_AT_MOST && full->first != NULL; looked_at++) {
        struct superslab *superslab = OF_LINK(full->first);
        list_remove(full, &superslab->link);
        list_add_last(full, &superslab->link);
        if (superslab->huge || superslab->used_pages < superslab->pages || !is_filled(superslab))
            continue;
        *refused = !superslab_make_huge(superslab);
        return true;
    }
    return false;
}

bool page_heap_extend(struct page_heap *heap, struct page_run *run, size_t more)
{
    uint64_t retained = retained_bytes(run->superslab);
    if (!superslab_extend(run->superslab, run->base, run->pages, more, &run->zeroed))
        return false;
    run->pages += more;
    note_used(heap, (int64_t)more);
    note_refault(heap, run->superslab, run->base + ((run->pages - more) << PAGE_SHIFT), more);
    note_retained(heap, run->superslab, retained);
    return true;
}

static void give(struct page_heap *heap, const struct page_run *run, bool moved)
{
    struct superslab *superslab = run->superslab;
    unsigned was = list_of(superslab);
    uint64_t retained = retained_bytes(superslab);
    superslab_give(superslab, run->base, run->pages);
    if (moved)
        superslab_note_moved(superslab, run->base, run->pages);
    list_move(heap, superslab, was);
    heap->empty += superslab->used_pages == 0;
    note_used(heap, -(int64_t)run->pages);
    note_retained(heap, superslab, retained);
}

void page_heap_give(struct page_heap *heap, const struct page_run *run)
{
    struct superslab *superslab = run->superslab;
    give(heap, run, false);
    if (HAK_PROFILE(purge_policy) == HAK_PURGE_NEVER)
        return;
    if (superslab->purge_due == 0)
        queue_add(heap, superslab);
    if (HAK_PROFILE(purge_delay) == 0)
        page_heap_purge(heap, superslab);
}

void page_heap_give_moved(struct page_heap *heap, const struct page_run *run)
{
    give(heap, run, true);
    if (run->superslab->purge_due == 0)
        queue_add(heap, run->superslab); /* which unmaps it in time, if it is empty */
}
