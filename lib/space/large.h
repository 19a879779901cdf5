/* SPDX-License-Identifier: MIT */
/* Large blocks: everything above the largest size class. Up to 32 MiB a block is a run of pages from the pool; above
 * that it is a mapping of its own. realloc moves the memory of runs of 1 MiB and more, and of mappings, instead of
 * copying it. The pool retains both kinds of memory for a while after the free. Under a profile with measures of
 * security each block is a mapping of its own, which goes at once; large_guard.h has those with guard pages.
 *
 * Any thread may call anything: one lock guards the descriptors. Below: pool, huge, page_map, base/os. */
#ifndef HAK_SPACE_LARGE_H
#define HAK_SPACE_LARGE_H

#include "lib/base/compiler.h"
#include "lib/space/census.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A block of at least BYTES at a multiple of ALIGNMENT (a power of two); NULL if refused. CLEARED: the caller is going
 * to clear it (huge.h). *ZEROED says whether it reads as zeros already. */
void *large_take(size_t bytes, size_t alignment, bool cleared, bool *zeroed);

/* Gives back the block at POINTER, whose page-map entry was seen as PAGE_LARGE; returns its owner's word, or NULL where
 * it has none. Misuse is reported (report_misuse). */
void *large_give(void *pointer);

/* Sets the word of the owner of the block at POINTER, or takes it away with NULL; returns the one before. A new block
 * has none. FUNCTION names the caller for the message if it is no block. */
void *large_set_owner(const void *pointer, void *owner, const char *function);

/* What large_usable returns after a report. */
#define LARGE_NONE SIZE_MAX

/* Bytes that may be used in the block at POINTER; FUNCTION names the caller for the message if it is none. */
size_t large_usable(const void *pointer, const char *function);

/* The same without a lock, for the caller's own block, whose page-map entry it has seen; 0 where it lies inside one. */
COLD size_t large_usable_during_fork(const void *pointer);

/* Changes the block to BYTES without copying: in place, or by moving its mapping. Returns where it is now, or NULL if
 * it has to be copied, or was reported (report_misuse). */
void *large_resize(void *pointer, size_t bytes);

/* Whether ADDRESS lies inside a large block; for messages about misuse only (slow). */
bool large_contains(const void *address);

struct large_counts {
    uint64_t blocks; /* in use, runs and mappings */
    uint64_t block_bytes;
    uint64_t mappings; /* in use, of their own */
    uint64_t mapping_bytes;
    uint64_t resident_bytes; /* of mappings */
};
/* Takes no lock. RESIDENT: also ask the kernel what is resident. */
COLD void large_count(struct large_counts *counts, bool resident);

/* All blocks that are in use; those with mappings of their own are marked. */
extern struct census large_census;

/* Unmaps the addresses of freed blocks that wait (large_quarantine.h); false if there were none. Takes the lock. */
bool large_reclaim(void);

void large_lock(void);
void large_unlock(void);
void large_reset_lock(void);

#endif
