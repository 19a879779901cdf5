/* SPDX-License-Identifier: MIT */
/* The shared pool: all SuperSlabs, for all heaps. It hands out page runs, takes them back, and gives empty memory back
 * to the kernel after the profile's delay.
 *
 * Any thread may call anything: one lock guards it all. Runs are large (64 KiB and more), so the lock is taken rarely.
 * Below: shelf, base/os. */
#ifndef HAK_SPACE_POOL_H
#define HAK_SPACE_POOL_H

#include "lib/base/compiler.h"
#include "lib/space/shelf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most pages that one run can have; still larger blocks get mappings of their own. */
size_t pool_longest_run(void);
/* The most that a run can be aligned to: each new area has room for it besides. */
#define POOL_ALIGNMENT_MOST ((size_t)2 << 20)

/* Takes a run of PAGES, at most a SuperSlab of the profile's size, for a slab; maps one if need be. False if the kernel
 * refuses it. */
bool pool_take(size_t pages, struct page_run *run);

/* The same for somebody who has much memory, and so will soon use what else a huge page brings: under pages.huge: auto
 * the SuperSlab that is mapped has huge pages. */
bool pool_take_for_large_user(size_t pages, struct page_run *run);

/* Takes one for a large block of at most pool_longest_run, at a multiple of ALIGNMENT (a power of two from 64 KiB to
 * POOL_ALIGNMENT_MOST). It comes from an area, which is a larger SuperSlab for such blocks alone: one of those with
 * huge pages, if it is long enough to gain by them. */
bool pool_take_for_large_block(size_t pages, size_t alignment, struct page_run *run);

/* A thread's memory has become large: what was mapped before, and is used as a whole, is to have huge pages as well
 * where it would have them now. */
void pool_note_large_user(void);

/* Grows a large block's run in place by MORE pages; false if they are in use, or if one as long is to have huge pages
 * and this has none. */
bool pool_extend(struct page_run *run, size_t more);

/* Whether freed runs wait, with memory behind them, to be taken for slabs again; a hint, without the lock. */
bool pool_has_waiting(void);

/* Gives a run back. Its memory is purged when the profile's delay has passed, and before where there is more than may
 * wait (allowance.h). */
void pool_give(const struct page_run *run);

/* Touches all of a run in advance. */
void pool_prefault(const struct page_run *run);

/* Gives back the memory of pages whose delay has passed. Cheap when there is nothing to do; every slow path calls it.
 */
void pool_purge_due(void);

/* Gives back all empty memory now but for KEEP bytes of it; returns the bytes given back. */
size_t pool_purge_all(size_t keep);

/* Unmaps every empty SuperSlab, those that the profile keeps as well, and the unused ends of the others: for when the
 * kernel refuses a mapping, because limits count addresses, not memory. Returns the bytes unmapped. */
size_t pool_unmap_empty(void);

struct pool_counts {
    uint64_t superslabs, peak_superslabs, superslabs_mapped, superslabs_unmapped;
    uint64_t mapped_bytes, peak_mapped_bytes, used_bytes, purgeable_bytes, resident_bytes;
    uint64_t purges, purged_bytes, failures;
    uint64_t area_waiting_bytes; /* of freed runs in areas */
    struct superslab_counts superslab;
};
/* RESIDENT: also ask the kernel what is resident (one mincore for each SuperSlab). */
COLD void pool_count(struct pool_counts *counts, bool resident);

void pool_lock(void);
void pool_unlock(void);
void pool_reset_lock(void);

#endif
