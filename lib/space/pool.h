/* SPDX-License-Identifier: MIT */
/* The shared pool: all SuperSlabs, for all heaps. It hands out page runs, takes them back, and gives empty memory back
 * to the kernel after the profile's delay, or earlier where there is too much of it (retention.h). Freed mappings of
 * large blocks are part of that memory.
 *
 * Any thread may call anything: one lock guards it all. Runs are large (64 KiB and more), so the lock is taken rarely.
 * Below: page_heap, mapping_cache, base/os. */
#ifndef HAK_SPACE_POOL_H
#define HAK_SPACE_POOL_H

#include "lib/base/compiler.h"
#include "lib/space/mapping_cache.h"
#include "lib/space/page_heap.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most pages that one run can have; still larger blocks get mappings of their own. */
size_t pool_longest_run(void);
/* The most that a run can be aligned to: each new area has room for it besides. */
#define POOL_ALIGNMENT_MOST ((size_t)2 << 20)

/* Takes a run of PAGES, at most a SuperSlab of the profile's size, for a slab; maps one if need be. DENSE: all of it is
 * going to be used, by somebody who has much memory; under pages.huge: auto it gets huge pages. False if the kernel
 * refuses it. */
bool pool_take(size_t pages, bool dense, struct page_run *run);

/* Takes one for a large block of at most pool_longest_run, at a multiple of ALIGNMENT (a power of two from 64 KiB to
 * POOL_ALIGNMENT_MOST). It comes from an area, which is a larger SuperSlab for such blocks alone: one of those with
 * huge pages if HUGE. WARM: rather from retained memory than elsewhere. */
bool pool_take_for_large_block(size_t pages, size_t alignment, bool huge, bool warm, struct page_run *run);

/* Grows a large block's run in place by MORE pages, of which it sets `zeroed`; false if they are in use. */
bool pool_extend(struct page_run *run, size_t more);

/* The memory of a large block's run has become a mapping of its own. */
void pool_give_moved(const struct page_run *run);

/* Whether parts of pages of SUPERSLAB may go back: not of huge pages. With BREAK_UP those are made ordinary ones first.
 */
bool pool_may_purge_parts(struct superslab *superslab, bool break_up);

/* Bytes of freed runs that are retained, with memory behind them, to be taken for slabs again; a hint, without the
 * lock. */
uint64_t pool_slab_retained_bytes(void);

/* Bytes of runs that slabs have; a hint, without the lock. */
uint64_t pool_slab_bytes(void);

/* Takes a retained mapping of BYTES to a quarter more at a multiple of ALIGNMENT; false if there is none. CHEAP_ANEW:
 * as in mapping_cache.h. */
bool pool_take_mapping(size_t bytes, size_t alignment, bool cheap_anew, struct mapping *mapping);

/* A mapping of a large block was made or grown by BYTES, or cut by them if negative. */
void pool_note_mapping(int64_t bytes);

/* Gives a mapping of a large block back, which is retained for the next one or unmapped. */
void pool_give_mapping(struct mapping mapping);

/* Gives a run back. Its memory is purged when the profile's delay has passed, and before where there is more than may
 * wait (retention.h). */
void pool_give(const struct page_run *run);

/* Touches all of a run in advance. */
void pool_prefault(const struct page_run *run);

/* What is due: gives back the memory of pages whose delay has passed, and makes huge pages of a SuperSlab that is
 * filled. Two loads when nothing is; every slow path calls it. */
void pool_tick(void);

/* Gives back all empty memory now but for KEEP bytes of it; returns the bytes given back. */
size_t pool_purge_all(size_t keep);

/* Unmaps every empty SuperSlab, those that the profile keeps as well, and the unused ends of the others: for when the
 * kernel refuses a mapping, because limits count addresses, not memory. Returns the bytes unmapped. */
size_t pool_reclaim(void);

struct pool_counts {
    uint64_t superslabs, peak_superslabs, superslabs_mapped, superslabs_unmapped;
    uint64_t mapped_bytes; /* of SuperSlabs */
    uint64_t used_bytes;   /* of them in slabs and runs of large blocks */
    uint64_t slab_bytes;   /* of these in slabs */
    uint64_t peak_mapped_bytes;
    uint64_t mapping_bytes;          /* of large blocks' own mappings, in use or retained */
    uint64_t retained_mapping_bytes; /* of these retained */
    uint64_t large_retained_bytes;   /* of freed large blocks, with memory behind them */
    uint64_t purgeable_bytes;        /* the same of all kinds: what can go back */
    uint64_t lazily_freed_bytes;     /* superslab_counts.lazy_pages */
    uint64_t resident_bytes;
    uint64_t purges, purged_bytes, failures;
    uint64_t huge_page_requests, huge_page_refusals, prefaulted_bytes;
};
/* Takes no lock. RESIDENT: also ask the kernel what is resident (one mincore for each SuperSlab). */
COLD void pool_count(struct pool_counts *counts, bool resident);

void pool_lock(void);
void pool_unlock(void);
void pool_reset_lock(void);

#endif
