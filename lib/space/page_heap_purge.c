/* SPDX-License-Identifier: MIT */
/* When a page heap gives retained pages back to the kernel: what is due after the delay, and what is released before
 * it. */
#include "lib/profile/active.h"
#include "lib/space/page_heap_lists.h"
#include "lib/space/purge_clock.h"

/* Under pages.huge: auto a SuperSlab loses its huge pages when three quarters of it are empty. */
#define AUTO_BREAK_SHARE 4

static struct superslab *queue_oldest(const struct page_heap *heap)
{
    return heap->purge_queue.first != NULL ? SUPERSLAB_OF_PURGE_LINK(heap->purge_queue.first) : NULL;
}

uint64_t page_heap_next_purge(const struct page_heap *heap)
{
    struct superslab *oldest = queue_oldest(heap);
    return oldest != NULL ? oldest->purge_due : 0;
}

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

/* Has PURGE give back pages of SUPERSLAB, which does not wait any longer. */
static size_t purge_pages(struct page_heap *heap, struct superslab *superslab, size_t (*purge)(struct superslab *))
{
    uint64_t retained = page_heap_retained_bytes(superslab);
    page_heap_queue_remove(heap, superslab);
    if (is_better_broken_up(superslab))
        superslab_break_up(superslab);
    size_t bytes = purge(superslab);
    page_heap_note_retained(heap, superslab, retained);
    page_heap_count_purge(heap, bytes);
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
        page_heap_queue_add(heap, superslab);
    else if (is_superfluous(heap, superslab))
        page_heap_remove_superslab(heap, superslab);
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
    uint64_t retained = page_heap_retained_bytes(superslab);
    size_t purged = superslab_purge_tail(superslab, bytes);
    page_heap_note_retained(heap, superslab, retained);
    page_heap_count_purge(heap, purged);
    return purged;
}

uint64_t page_heap_release(struct page_heap *heap, uint64_t bytes)
{
    uint64_t released = 0;
    for (struct list_link *link = heap->purge_queue.first, *next; link != NULL && released < bytes; link = next) {
        struct superslab *superslab = SUPERSLAB_OF_PURGE_LINK(link);
        next = link->next;
        if (superslab->retained_pages != 0)
            released += purge_tail(heap, superslab, bytes - released);
    }
    return released;
}
