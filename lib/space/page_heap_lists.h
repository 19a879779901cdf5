/* SPDX-License-Identifier: MIT */
/* A page heap from inside, for page_heap.c and page_heap_*.c alone: where a SuperSlab stands in the heap's lists
 * and its purge queue, and what it counts for. All of it is under the pool's lock. Below: page_heap.h, superslab,
 * purge_clock, the profile. */
#ifndef HAK_SPACE_PAGE_HEAP_LISTS_H
#define HAK_SPACE_PAGE_HEAP_LISTS_H

#include "lib/profile/active.h"
#include "lib/space/page_heap.h"
#include "lib/space/purge_clock.h"

#define SUPERSLAB_OF_LINK(pointer) LIST_MEMBER(pointer, struct superslab, link)
#define SUPERSLAB_OF_PURGE_LINK(pointer) LIST_MEMBER(pointer, struct superslab, purge_link)

/* Lists by longest run: a run is found without a look at SuperSlabs that cannot hold it, and the shorter rooms are
 * filled first. */
#define PAGE_HEAP_FULL_LIST (PAGE_HEAP_LISTS - 1)
_Static_assert(PAGE_HEAP_PAGES_MOST < 1 << (PAGE_HEAP_LISTS - 1), "each length has a list");

static inline unsigned page_heap_list_of(const struct superslab *superslab)
{
    return superslab->longest_run == 0 ? PAGE_HEAP_FULL_LIST : 31 - (unsigned)__builtin_clz(superslab->longest_run);
}

/* Puts it where its longest run now belongs; it is in list WAS. */
static inline void page_heap_list_move(struct page_heap *heap, struct superslab *superslab, unsigned was)
{
    if (page_heap_list_of(superslab) == was)
        return;
    list_remove(&heap->lists[was], &superslab->link);
    list_add_first(&heap->lists[page_heap_list_of(superslab)], &superslab->link);
}

/* Its retained pages are looked at twice within the delay: those that were unused both times go back. */
static inline void page_heap_queue_add(struct page_heap *heap, struct superslab *superslab)
{
    uint64_t delay = HAK_PROFILE(purge_delay) << heap->retention->delay_shift;
    superslab->purge_due = purge_clock() + delay / 2 + 1; /* never 0, which says "none" */
    list_add_last(&heap->purge_queue, &superslab->purge_link);
}

static inline void page_heap_queue_remove(struct page_heap *heap, struct superslab *superslab)
{
    if (superslab->purge_due == 0)
        return;
    list_remove(&heap->purge_queue, &superslab->purge_link);
    superslab->purge_due = 0;
}

/* What cannot go back is not retained: reserved huge pages, and the unused part of one that is in use. */
static inline uint64_t page_heap_retained_bytes(const struct superslab *superslab)
{
    return superslab->huge ? superslab_purgeable(superslab) : (uint64_t)superslab->retained_pages << PAGE_SHIFT;
}

/* SUPERSLAB, which retained BEFORE, retains more or less now. */
static inline void page_heap_note_retained(struct page_heap *heap, const struct superslab *superslab, uint64_t before)
{
    retention_add(heap->retention, (int64_t)(page_heap_retained_bytes(superslab) - before));
}

static inline void page_heap_count_purge(struct page_heap *heap, size_t bytes)
{
    count_add(&heap->purges, bytes != 0);
    count_add(&heap->purged_bytes, bytes);
}

/* A SuperSlab of KIND with room for PAGES at a multiple of ALIGNMENT joins the heap; false if the kernel refuses one.
 */
bool page_heap_add_superslab(struct page_heap *, enum superslab_kind kind, size_t pages, size_t alignment);
/* An empty one leaves it. */
void page_heap_remove_superslab(struct page_heap *, struct superslab *superslab);

#endif
