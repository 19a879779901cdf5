/* SPDX-License-Identifier: MIT */
/* The pool from inside, for pool.c and pool_*.c alone. Below: pool.h, page_heap, mapping_cache, retention. */
#ifndef HAK_SPACE_POOL_STATE_H
#define HAK_SPACE_POOL_STATE_H

#include "lib/space/mapping_cache.h"
#include "lib/space/page_heap.h"
#include "lib/space/pool.h"
#include "lib/space/retention.h"

#include <stdatomic.h>

enum { SLABS, LARGE_BLOCKS, KINDS };

/* All under the lock of pool.h, but for reads of the first three. */
struct pool {
    /* When the next tick has something to do, 0: never. Written under the lock, read without (relaxed: a hint, checked
     * again under the lock). */
    _Atomic uint64_t next_tick;
    /* How much memory is retained in the page heap for slabs, and how much the slabs have: the same. */
    _Atomic uint64_t slab_retained_bytes;
    _Atomic uint64_t slab_bytes;
    struct footprint footprint;
    struct retention retentions[KINDS];
    struct page_heap heaps[KINDS];
    struct mapping_cache mappings;
    /* Written under the lock, read for the statistics without, like what the heaps and the cache count. */
    _Atomic uint64_t mapping_bytes; /* of large blocks' own mappings in use */
    _Atomic uint64_t large_retained_bytes, peak_superslabs, peak_mapped_bytes, failures;
    uint64_t collapse_due; /* purge_clock at which a filled SuperSlab may get huge pages; 0: none is looked for */
};
extern struct pool pool;

static inline struct page_heap *pool_heap_of(enum superslab_kind kind)
{
    return &pool.heaps[superslab_is_for_slabs(kind) ? SLABS : LARGE_BLOCKS];
}

/* Gives the lock back, which was taken to change something. */
void pool_leave(void);

/* purge_clock at which memory that is retained of KIND is due; 0: never. */
uint64_t pool_next_purge(size_t kind);

/* In pool_release.c: gives back what is above the ceiling, or above any limit. */
void pool_release_above_ceiling(void);
void pool_release_excess(void);
/* Gives back what has waited for its delay at time NOW. */
void pool_purge_due(uint64_t now);

/* In pool_collapse.c: a run was taken for a slab, so a filled SuperSlab is looked for from now on. */
void pool_collapse_later(void);
/* Huge pages were broken up: none are made for a while. */
void pool_collapse_rest(void);
/* Makes huge pages of a filled SuperSlab, if one is due at time NOW. */
void pool_collapse_due(uint64_t now);
/* Milliseconds until the next huge page may be made, where making one took MICROSECONDS: 16, or so many that it takes
 * about 4 % of the time. Pure. */
uint64_t pool_collapse_pause(uint64_t microseconds);

/* Where a walk over all SuperSlabs is; {0} at first. The one that it has come to may be removed. */
struct pool_walk {
    size_t kind;
    unsigned list;
    struct list_link *next;
};

/* The next SuperSlab; NULL at the end. */
static inline struct superslab *pool_walk_on(struct pool_walk *walk)
{
    while (walk->next == NULL && walk->kind < KINDS) {
        walk->next = pool.heaps[walk->kind].lists[walk->list++].first;
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

#endif
