/* SPDX-License-Identifier: MIT */
/* A page heap: all SuperSlabs for slabs, or all for large blocks. It finds room for runs, maps a SuperSlab where there
 * is none, and gives retained memory back.
 *
 * Pages go back when they have been unused for `purge.delay`, and before where more of them are retained than may be
 * (retention.h). A SuperSlab without a used page goes as a whole, but for those that the profile keeps.
 *
 * Nothing here locks: the pool calls all of it under its own lock. Below: superslab, retention, list, huge, page_map,
 * the profile. */
#ifndef HAK_SPACE_PAGE_HEAP_H
#define HAK_SPACE_PAGE_HEAP_H

#include "lib/space/list.h"
#include "lib/space/retention.h"
#include "lib/space/superslab.h"

/* A run of pages out of a SuperSlab. */
struct page_run {
    char *base;
    size_t pages;
    struct superslab *superslab;
    bool zeroed;   /* all of it reads as zeros */
    bool resident; /* all of it has memory behind it */
};

/* Pages of the largest SuperSlab, 256 MiB. */
#define PAGE_HEAP_PAGES_MOST 4096
/* Lists by the longest free run: list K holds SuperSlabs with 2^K to 2^(K+1) - 1 pages, the last those with none. */
#define PAGE_HEAP_LISTS 14

struct page_heap {
    struct list lists[PAGE_HEAP_LISTS];
    struct list purge_queue;     /* SuperSlabs with purge_due, the oldest first */
    struct retention *retention; /* const: of this kind of memory */
    _Atomic uint64_t count;      /* SuperSlabs */
    size_t empty;                /* of them without a used page */
    /* The next one has no more, if that is enough, since the kernel refused more or locks all of it; 0: neither. */
    size_t most_bytes;
    size_t ghost_pages; /* that were released and went with their SuperSlabs */
    /* like `count` written under the lock, and read for the statistics without */
    _Atomic uint64_t mapped_bytes, used_bytes;
    _Atomic uint64_t mapped, unmapped, purges, purged_bytes; /* so far */
};

/* Takes a run at a multiple of ALIGNMENT out of a SuperSlab of KIND; one is mapped if need be, with huge pages if the
 * profile says so. False if the kernel refuses one, or the longest is too short. */
bool page_heap_take(struct page_heap *, enum superslab_kind kind, size_t pages, size_t alignment, struct page_run *run);

/* The same with retained memory behind it, out of one of any kind, but with huge pages if HUGE; false if a short search
 * finds none. */
bool page_heap_take_retained(struct page_heap *, bool huge, size_t pages, size_t alignment, struct page_run *run);

/* The same out of those that are mapped; false if none has room. */
bool page_heap_take_mapped(struct page_heap *, enum superslab_kind kind, size_t pages, struct page_run *run);

/* Grows a run in place by MORE pages, of which it sets `zeroed`; false if they are in use. */
bool page_heap_extend(struct page_heap *, struct page_run *run, size_t more);

/* Gives a run back. */
void page_heap_give(struct page_heap *, const struct page_run *run);

/* Gives a run back whose memory has moved elsewhere. */
void page_heap_give_moved(struct page_heap *, const struct page_run *run);

/* Makes huge pages of the ordinary ones of one SuperSlab whose slabs are filled, as far as a short search finds one;
 * false if it does not. *REFUSED: the kernel makes none. */
bool page_heap_make_filled_huge(struct page_heap *, bool *refused);

/* purge_clock at which page_heap_purge_due has something to do; 0: never. */
uint64_t page_heap_next_purge(const struct page_heap *);
/* Gives back what has been unused for the delay at time NOW. */
void page_heap_purge_due(struct page_heap *, uint64_t now);

/* Gives back BYTES of retained memory, of the SuperSlabs that wait longest first, or as much as there is. Returns the
 * bytes. */
uint64_t page_heap_release(struct page_heap *, uint64_t bytes);

/* Gives back all retained memory of SUPERSLAB now, and SUPERSLAB itself if the profile does not keep it. Returns the
 * bytes. */
size_t page_heap_purge(struct page_heap *, struct superslab *superslab);

/* Makes ordinary pages of its huge ones, as they are. */
void page_heap_break_up(struct page_heap *, struct superslab *superslab);

/* Unmaps the unused end of one that is in use; returns the bytes of addresses. */
size_t page_heap_trim(struct page_heap *, struct superslab *superslab);

/* Unmaps an empty SuperSlab; returns the bytes of addresses. */
size_t page_heap_unmap(struct page_heap *, struct superslab *superslab);

#endif
