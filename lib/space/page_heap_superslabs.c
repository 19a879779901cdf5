/* SPDX-License-Identifier: MIT */
/* Which SuperSlabs a page heap has: how long the next one is, which have huge pages, which are trimmed and unmapped. */
#include "lib/profile/active.h"
#include "lib/space/huge.h"
#include "lib/space/page_heap_lists.h"

/* An area holds several of the runs that it was mapped for, and each is twice as large as the one before: what was
 * freed serves blocks of any size the better, the longer the addresses go on. The first one is small. */
#define AREA_RUNS 8
#define AREA_PAGES_FIRST 256 /* 16 MiB */
#define AREA_PAGES_MOST PAGE_HEAP_PAGES_MOST
#define AREA_BYTES_LEAST ((size_t)1 << 20)

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
    size_t doublings = size_minimum(count_read(&heap->count), 16); /* more than it takes to the longest */
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

bool page_heap_add_superslab(struct page_heap *heap, enum superslab_kind kind, size_t pages, size_t alignment)
{
    if (!superslab_is_for_slabs(kind) && os_locks_mappings())
        return false;
    size_t bytes = next_bytes(heap, kind, pages);
    struct superslab *superslab = map_shorter(heap, kind, least_bytes(kind, pages, alignment), &bytes);
    if (superslab == NULL)
        return false;
    if (UNLIKELY(superslab->locked))
        heap->most_bytes = LOCKED_BYTES;
    list_add_first(&heap->lists[page_heap_list_of(superslab)], &superslab->link);
    heap->ghost_pages -= superslab_mark_released(superslab, heap->ghost_pages);
    count_add(&heap->count, 1);
    heap->empty++;
    count_add(&heap->mapped, 1);
    count_add(&heap->mapped_bytes, bytes);
    retention_add(heap->retention, (int64_t)page_heap_retained_bytes(superslab));
    return true;
}

/* Pages that were unmapped are refaults when so many are mapped again: the next SuperSlab takes them for pages of its
 * own that were released. */
#define GHOST_PAGES_MOST ((size_t)RETENTION_EARNED_MOST >> PAGE_SHIFT)

void page_heap_remove_superslab(struct page_heap *heap, struct superslab *superslab)
{
    heap->ghost_pages = size_minimum(heap->ghost_pages + superslab_released(superslab), GHOST_PAGES_MOST);
    page_heap_queue_remove(heap, superslab);
    list_remove(&heap->lists[page_heap_list_of(superslab)], &superslab->link);
    count_add(&heap->count, (uint64_t)-1);
    heap->empty--;
    count_add(&heap->unmapped, 1);
    count_add(&heap->mapped_bytes, -((uint64_t)superslab->pages << PAGE_SHIFT));
    retention_add(heap->retention, -(int64_t)page_heap_retained_bytes(superslab));
    superslab_unmap(superslab);
}

size_t page_heap_unmap(struct page_heap *heap, struct superslab *superslab)
{
    size_t bytes = (size_t)superslab->pages << PAGE_SHIFT;
    page_heap_count_purge(heap, superslab_purgeable(superslab));
    page_heap_remove_superslab(heap, superslab);
    return bytes;
}

size_t page_heap_trim(struct page_heap *heap, struct superslab *superslab)
{
    uint64_t retained = page_heap_retained_bytes(superslab);
    unsigned was = page_heap_list_of(superslab);
    size_t bytes = superslab_trim(superslab);
    page_heap_list_move(heap, superslab, was);
    count_add(&heap->mapped_bytes, -(uint64_t)bytes);
    page_heap_note_retained(heap, superslab, retained);
    page_heap_count_purge(heap, retained - page_heap_retained_bytes(superslab));
    return bytes;
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
    struct list *full = &heap->lists[PAGE_HEAP_FULL_LIST];
    for (unsigned looked_at = 0; looked_at < LOOKED_AT_MOST && full->first != NULL; looked_at++) {
        struct superslab *superslab = SUPERSLAB_OF_LINK(full->first);
        list_remove(full, &superslab->link);
        list_add_last(full, &superslab->link);
        if (superslab->huge || superslab->used_pages < superslab->pages || !is_filled(superslab) ||
            superslab_is_shared(superslab))
            continue;
        *refused = !superslab_make_huge(superslab);
        return true;
    }
    return false;
}

void page_heap_break_up(struct page_heap *heap, struct superslab *superslab)
{
    uint64_t retained = page_heap_retained_bytes(superslab);
    superslab_break_up(superslab);
    page_heap_note_retained(heap, superslab, retained);
}
