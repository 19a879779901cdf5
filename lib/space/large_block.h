/* SPDX-License-Identifier: MIT */
/* A large block's descriptor, for large.c and large_resize.c alone. Both use all of it under the lock of large.h.
 * Below: list, census, superslab, the profile. */
#ifndef HAK_SPACE_LARGE_BLOCK_H
#define HAK_SPACE_LARGE_BLOCK_H

#include "lib/base/count.h"
#include "lib/profile/active.h"
#include "lib/space/large.h"
#include "lib/space/list.h"
#include "lib/space/superslab.h"

#define LARGE_OWNER_BITS 61 /* no address of a program has more */

/* Where a block lies in its mapping under security.guard_pages (large_guard.h). */
struct large_guarded {
    char *block;  /* its first byte */
    size_t asked; /* bytes that may be used */
    char *data;   /* a page: the first byte of the mapping that is not inaccessible */
    char *end;    /* a page: the first one behind those */
};

/* One large block. */
struct large {
    struct list_link link;       /* in the list of those in use, or of unused descriptors */
    char *base;                  /* const while in use, but for realloc: first byte of its pages and, as a rule, of the
                                    block */
    size_t bytes;                /* of its pages: what may be used, as a rule */
    struct superslab *superslab; /* const while in use: where the run is from; NULL for a mapping of its own */
    uint64_t owner : LARGE_OWNER_BITS; /* of a block that the heap profile has sampled: its word, an address; else 0 */
    bool cleared : 1;                  /* const while in use: it is calloc's */
    bool fresh : 1;                    /* const while in use: its memory held zeros when it was taken */
    bool discard : 1;                  /* while it is being taken: its memory is to be given back first */
    struct census_entry census;        /* the block, while it is in use */
    struct large_guarded guarded[];    /* one, where the profile has guard pages; else none */
};
_Static_assert(sizeof(struct large) <= CACHE_LINE, "metadata is cut in these");

/* A run of so many bytes that cannot grow in place becomes a mapping of its own, whose memory moves instead of being
 * copied. (Moving a page takes a tenth of the time of copying it into a new one, and the old and the new block do not
 * stand side by side.) */
#define LARGE_MAPPING_FROM ((size_t)1 << 20)

/* Written under the lock, read for the statistics without. */
struct large_totals {
    _Atomic uint64_t blocks, block_bytes, mappings, mapping_bytes;
};
extern struct large_totals large_totals;

/* Whether blocks have guard pages: const. */
static inline bool large_is_guarded(void)
{
    return UNLIKELY(HAK_PROFILE(security_guard_pages));
}

/* The block's first byte, and how many may be used. */
static inline char *large_start(const struct large *large)
{
    return large_is_guarded() ? large->guarded->block : large->base;
}

static inline size_t large_room(const struct large *large)
{
    return large_is_guarded() ? large->guarded->asked : large->bytes;
}

/* Notes where the block is, after a change. */
static inline void large_note(struct large *large)
{
    census_note(&large->census, large->base, large->bytes, large->superslab == NULL);
}

/* The descriptor of the block at POINTER. Where there is none (two threads may free the same block, and the second has
 * seen an entry that is gone by now), or where it was written beyond (large_guard.h), it releases the lock, reports
 * (report_misuse), and returns NULL. FUNCTION names the caller for the message. */
struct large *large_find(const void *pointer, const char *function);

#endif
