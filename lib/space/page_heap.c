/* SPDX-License-Identifier: MIT */
#include "lib/space/page_heap.h"

#include "lib/profile/active.h"
#include "lib/space/page_heap_lists.h"
#include "lib/space/purge_clock.h"

/* Pages are handed out, or come back if negative. */
static void note_used(struct page_heap *heap, int64_t pages)
{
    count_add(&heap->used_bytes, (uint64_t)pages << PAGE_SHIFT);
    heap->retention->footprint->used += (uint64_t)pages << PAGE_SHIFT;
}

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
    unsigned list = page_heap_list_of(superslab);
    uint64_t retained = page_heap_retained_bytes(superslab), resident = superslab->retained_pages;
    run->base = take(superslab, pages, alignment, &run->zeroed);
    page_heap_list_move(heap, superslab, list);
    if (run->base == NULL)
        return false;
    heap->empty -= was_empty;
    page_heap_note_retained(heap, superslab, retained);
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
    for (; list < PAGE_HEAP_FULL_LIST; list++)
        for (struct list_link *link = heap->lists[list].first, *next; link != NULL; link = next) {
            struct superslab *superslab = SUPERSLAB_OF_LINK(link);
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
        struct superslab *superslab = SUPERSLAB_OF_PURGE_LINK(link);
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
           (page_heap_add_superslab(heap, kind, pages, alignment) &&
            take_from_lists(heap, kind, pages, alignment, run));
}

bool page_heap_extend(struct page_heap *heap, struct page_run *run, size_t more)
{
    uint64_t retained = page_heap_retained_bytes(run->superslab);
    if (!superslab_extend(run->superslab, run->base, run->pages, more, &run->zeroed))
        return false;
    run->pages += more;
    note_used(heap, (int64_t)more);
    note_refault(heap, run->superslab, run->base + ((run->pages - more) << PAGE_SHIFT), more);
    page_heap_note_retained(heap, run->superslab, retained);
    return true;
}

static void give(struct page_heap *heap, const struct page_run *run, bool moved)
{
    struct superslab *superslab = run->superslab;
    unsigned was = page_heap_list_of(superslab);
    uint64_t retained = page_heap_retained_bytes(superslab);
    superslab_give(superslab, run->base, run->pages);
    if (moved)
        superslab_note_moved(superslab, run->base, run->pages);
    page_heap_list_move(heap, superslab, was);
    heap->empty += superslab->used_pages == 0;
    note_used(heap, -(int64_t)run->pages);
    page_heap_note_retained(heap, superslab, retained);
}

void page_heap_give(struct page_heap *heap, const struct page_run *run)
{
    struct superslab *superslab = run->superslab;
    give(heap, run, false);
    if (HAK_PROFILE(purge_policy) == HAK_PURGE_NEVER)
        return;
    if (superslab->purge_due == 0)
        page_heap_queue_add(heap, superslab);
    if (HAK_PROFILE(purge_delay) == 0)
        page_heap_purge(heap, superslab);
}

void page_heap_give_moved(struct page_heap *heap, const struct page_run *run)
{
    give(heap, run, true);
    if (run->superslab->purge_due == 0)
        page_heap_queue_add(heap, run->superslab); /* which unmaps it in time, if it is empty */
}
