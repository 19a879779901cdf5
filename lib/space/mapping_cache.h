/* SPDX-License-Identifier: MIT */
/* The mapping cache: mappings of freed large blocks that were too long for a run, retained for the next such block.
 *
 * Nothing here locks: the pool calls all of it under its own lock, but for mapping_cache_unmap, which needs none and
 * takes long. Below: list, census, retention, metadata, base/os. */
#ifndef HAK_SPACE_MAPPING_CACHE_H
#define HAK_SPACE_MAPPING_CACHE_H

#include "lib/base/count.h"
#include "lib/space/census.h"
#include "lib/space/list.h"
#include "lib/space/retention.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping {
    char *base;
    size_t bytes;
};

/* So many mappings that were unmapped are remembered: to map one as long again is a refault. */
#define MAPPING_CACHE_GHOSTS 16

struct mapping_cache {
    struct list entries;                 /* the oldest first */
    struct list dropped;                 /* entries whose mappings are to be unmapped */
    struct list unused;                  /* entries without a mapping */
    struct retention *retention;         /* const: of large blocks */
    _Atomic uint64_t bytes;              /* in `entries`; like the last two also read without the lock */
    size_t ghosts[MAPPING_CACHE_GHOSTS]; /* bytes of those that were unmapped last, a ring */
    unsigned next_ghost;
    _Atomic uint64_t purges, purged_bytes;
};

/* All mappings that are retained. */
extern struct census mapping_cache_census;

/* Retains a mapping; false if there is no memory for its entry. */
bool mapping_cache_add(struct mapping_cache *, struct mapping mapping);

/* Takes the smallest mapping that holds BYTES at a multiple of ALIGNMENT and wastes no more than a quarter; false if
 * there is none. CHEAP_ANEW: to map it anew costs as much as to reuse one, so that this is no refault. */
bool mapping_cache_take(struct mapping_cache *, size_t bytes, size_t alignment, bool cheap_anew,
                        struct mapping *mapping);

/* purge_clock at which the oldest mapping is due; 0 if there is none. */
uint64_t mapping_cache_next_purge(const struct mapping_cache *);

/* Drops what is due at time NOW; returns the bytes. */
uint64_t mapping_cache_purge_due(struct mapping_cache *, uint64_t now);

/* Drops the oldest mappings, of the last one no more than is needed, until BYTES have gone or all; returns the bytes.
 */
uint64_t mapping_cache_release(struct mapping_cache *, uint64_t bytes);

/* Entries whose mappings the caller unmaps, without a lock, and gives back with mapping_cache_reuse. */
struct list mapping_cache_dropped(struct mapping_cache *);
void mapping_cache_unmap(const struct list *dropped);
void mapping_cache_reuse(struct mapping_cache *, struct list *dropped);

#endif
