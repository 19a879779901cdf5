/* SPDX-License-Identifier: MIT */
/* A large block's descriptor, for large.c and large_resize.c alone. Both use all of it under the lock of large.h.
 * Below: list, census, superslab. */
#ifndef HAK_SPACE_LARGE_BLOCK_H
#define HAK_SPACE_LARGE_BLOCK_H

#include "lib/base/count.h"
#include "lib/space/large.h"
#include "lib/space/list.h"
#include "lib/space/superslab.h"

/* One large block. */
struct large {
    struct list_link link;       /* in the list of those in use, or of unused descriptors */
    char *base;                  /* const while in use, but for realloc: first byte of the block and of its pages */
    size_t bytes;                /* of its pages: what may be used */
    struct superslab *superslab; /* const while in use: where the run is from; NULL for a mapping of its own */
    bool cleared;                /* const while in use: it is calloc's */
    bool fresh;                  /* const while in use: its memory held zeros when it was taken */
    bool discard;                /* while it is being taken: its memory is to be given back first */
    struct census_entry census;  /* the block, while it is in use */
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

/* Notes where the block is, after a change. */
static inline void large_note(struct large *large)
{
    census_note(&large->census, large->base, large->bytes, large->superslab == NULL);
}

/* The descriptor of the block at POINTER. Ends the program where there is none: two threads may free the same block,
 * and the second has seen an entry that is gone by now. FUNCTION names the caller for the message. */
struct large *large_find(const void *pointer, const char *function);

#endif
