/* SPDX-License-Identifier: MIT */
/* A SuperSlab: the region that is mapped, made huge, purged and unmapped as one. It is cut into pages of 64 KiB, and
 * hands out runs of them: to slabs (small blocks) and to large blocks. Its descriptor lies apart from it.
 *
 * Nothing here locks: the pool calls all of it under its own lock. Below: census, place, base/os, the profile. */
#ifndef HAK_SPACE_SUPERSLAB_H
#define HAK_SPACE_SUPERSLAB_H

#include "lib/base/compiler.h"
#include "lib/base/count.h"
#include "lib/space/census.h"
#include "lib/space/list.h"
#include "lib/space/page_set.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The order matters: see superslab_is_for_slabs. */
enum superslab_kind {
    SUPERSLAB_PLAIN,    /* for slabs; of the profile's size */
    SUPERSLAB_DENSE,    /* the same, for slabs that will be filled, with huge pages (pages.huge: auto alone) */
    SUPERSLAB_AREA,     /* for large blocks; of any size, never prefaulted nor reserved */
    SUPERSLAB_LONG_AREA /* the same, for those that are to have huge pages */
};

struct superslab {
    struct list_link link; /* in the page heap's list for `longest_run`, or in that of unused descriptors */
    char *base; /* const while mapped: first byte; of one for slabs, a multiple of the size that it was mapped with */
    uint32_t pages;                /* 64 KiB pages in it; fewer after superslab_trim */
    _Atomic uint32_t filled_pages; /* of slabs whose blocks all have been used: written by their owners (relaxed: a
                                      hint of what would be made huge without more memory) */
    uint32_t used_pages;           /* pages in `used` */
    uint32_t retained_pages;       /* pages not in `used` that are in `resident` */
    uint32_t dumped_pages;         /* the first ones, which core dumps have: more than were ever used */
    uint32_t longest_run; /* pages of the longest free run, or more: exact after a superslab_take that found none */
    uint8_t kind;         /* const while mapped: enum superslab_kind */
    bool huge;            /* the kernel may have huge pages here, so purge whole ones only */
    bool fixed;           /* const while mapped: from the kernel's huge-page pool, cannot be purged in parts */
    bool locked;          /* const while mapped: the process locks its memory (mlockall) */
    uint32_t forks;       /* const while mapped: superslab_forks when it was mapped */
    uint64_t purge_due;   /* purge_clock at which its empty pages are looked at; 0: none wait */
    struct list_link purge_link; /* in the page heap's queue of those that wait, oldest first */
    uint64_t *used;              /* set of its pages (page_set.h): handed out */
    uint64_t *resident; /* may have memory behind it, and has not been given back: worth a purge when not used */
    uint64_t *stale;    /* have not been used since the last superslab_purge_stale */
    uint64_t *released; /* have been given back since they were last used: to use one is a refault */
    uint64_t *dirty;    /* may hold something else than zeros */
    size_t set_words;   /* const: of each set, or more; they follow the descriptor */
    struct census_entry census; /* where it is, while it is mapped; last, as it stays when the descriptor is reused */
};

/* All that are mapped; those for large blocks are marked. */
extern struct census superslab_census;

static inline bool superslab_is_for_slabs(enum superslab_kind kind)
{
    return kind <= SUPERSLAB_DENSE;
}

/* Where its page of index PAGE lies. */
static inline char *superslab_page(const struct superslab *superslab, size_t page)
{
    return superslab->base + (page << PAGE_SHIFT);
}

/* All blocks of a slab of PAGES have been used since it was made; or that slab goes, if negative. Owner of the slab. */
static inline void superslab_note_filled(struct superslab *superslab, int32_t pages)
{
    atomic_fetch_add_explicit(&superslab->filled_pages, (uint32_t)pages, memory_order_relaxed);
}

/* Notes where it is, after it was mapped or cut. */
static inline void superslab_note(struct superslab *superslab)
{
    census_note(&superslab->census, superslab->base, (size_t)superslab->pages << PAGE_SHIFT,
                !superslab_is_for_slabs((enum superslab_kind)superslab->kind));
}

/* Maps one of BYTES as the profile says, with huge pages where HUGE. NULL if refused. */
struct superslab *superslab_map(size_t bytes, enum superslab_kind kind, bool huge);

/* Unmaps it; the descriptor is kept for the next. */
void superslab_unmap(struct superslab *);

/* Unmaps what lies behind its last used page, if there is one. Returns the bytes. */
size_t superslab_trim(struct superslab *);

/* Takes a run of PAGES, its address a multiple of ALIGNMENT (64 KiB or more), the lowest that fits, or under
 * security.randomize any. NULL if there is
 * none; then `longest_run` is exact. *ZEROED says whether all of it reads as zeros. */
void *superslab_take(struct superslab *, size_t pages, size_t alignment, bool *zeroed);

/* The same where all of it has memory behind it; NULL if there is none such. */
void *superslab_take_resident(struct superslab *, size_t pages, size_t alignment, bool *zeroed);

/* Pages that have been given back or would be now. */
size_t superslab_released(const struct superslab *);

/* Takes up to PAGES of a fresh one for such as have been given back; returns how many. */
size_t superslab_mark_released(struct superslab *, size_t pages);

/* How many of the pages at RUN, which were just handed out, have been given back since they were used before. */
size_t superslab_reuse_released(struct superslab *, const void *run, size_t pages);

/* Takes the pages that follow a run (its growth in place); false if one of them is in use. *ZEROED says whether they
 * all read as zeros. */
bool superslab_extend(struct superslab *, const void *run, size_t pages, size_t more, bool *zeroed);

/* Gives a run back. */
void superslab_give(struct superslab *, const void *run, size_t pages);

/* Pages that are about to be used, unmapped or given back at once: those of them that were given back lazily count no
 * more as that. */
void superslab_note_not_lazy(const struct superslab *, size_t first, size_t pages);

/* The memory of PAGES at RUN, which are unused, has moved elsewhere: none is left, and they read as zeros. */
void superslab_note_moved(struct superslab *, const void *run, size_t pages);

/* Gives the memory of its unused pages back to the kernel, as the purge policy says. Returns the bytes. */
size_t superslab_purge(struct superslab *);

/* The same, the highest pages first, until at least BYTES have gone, a huge page counting as a whole: the lower ones
 * are handed out first. */
size_t superslab_purge_tail(struct superslab *, size_t bytes);

/* The same with those pages alone that have not been used since the last call. */
size_t superslab_purge_stale(struct superslab *);

/* How often the process has forked. Relaxed: it changes while no other thread is in the allocator, or where a few pages
 * are copied once more. */
extern _Atomic uint32_t superslab_forks;

static inline void superslab_note_fork(void)
{
    atomic_fetch_add_explicit(&superslab_forks, 1, memory_order_relaxed);
}

/* Whether parent and child may share its pages, which superslab_make_huge would copy. */
static inline bool superslab_is_shared(const struct superslab *superslab)
{
    return superslab->forks != atomic_load_explicit(&superslab_forks, memory_order_relaxed);
}

/* Makes huge pages of its ordinary ones, whatever they hold; all of them are in use. False if the kernel refuses. */
bool superslab_make_huge(struct superslab *);

/* Lets its huge pages be purged in parts from now on. */
void superslab_break_up(struct superslab *);

/* Bytes that superslab_purge would give back. */
size_t superslab_purgeable(const struct superslab *);

/* What was asked of the kernel, for the statistics: written under the pool's lock. */
struct superslab_counts {
    _Atomic uint64_t huge_page_requests, huge_page_refusals, prefaulted_bytes;
    /* pages that were given back lazily (purge.policy: free), are mapped and were not used since: the kernel may have
     * taken their memory, or not yet */
    _Atomic uint64_t lazy_pages;
};
extern struct superslab_counts superslab_counts;

#endif
