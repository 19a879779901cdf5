/* SPDX-License-Identifier: MIT */
/* A shelf: all SuperSlabs for slabs, or all for large blocks. It finds room for runs, maps a SuperSlab where there is
 * none, and decides which empty memory goes back.
 *
 * Empty pages go when they have been empty for `purge.delay`, and before where there is more of them than may wait
 * (allowance.h). A SuperSlab without a used page goes as a whole, but for those that the profile keeps.
 *
 * Nothing here locks: the pool calls all of it under its own lock. Below: superslab, allowance, huge, page_map, the
 * profile. */
#ifndef HAK_SPACE_SHELF_H
#define HAK_SPACE_SHELF_H

#include "lib/space/allowance.h"
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
#define SHELF_PAGES_MOST 4096
#define SHELF_LISTS \
    14 /* by the longest free run: list K holds SuperSlabs with 2^K to 2^(K+1) - 1 pages, the last those with none */

struct shelf {
    struct superslab *lists[SHELF_LISTS];
    struct superslab *purge_oldest, *purge_newest; /* those with purge_due, in the order in which they were put there */
    struct allowance allowance;
    size_t count;      /* SuperSlabs */
    size_t empty;      /* of them without a used page */
    size_t most_bytes; /* the next one has no more, if that is enough, since the kernel refused more or locks all of it;
                          0: neither */
    uint64_t mapped_bytes, used_bytes;
    uint64_t waiting_bytes;                          /* of pages that are not used and have memory behind them */
    uint64_t mapped, unmapped, purges, purged_bytes; /* so far */
};

/* Takes a run as pool_take does, out of a SuperSlab of KIND. One that has to be mapped for it has huge pages if the
 * profile says so, for slabs under pages.huge: auto only for a LARGE_USER. False if the kernel refuses one, or the
 * longest is too short. */
bool shelf_take(struct shelf *, enum superslab_kind kind, size_t pages, size_t alignment, bool large_user,
                struct page_run *run);

/* Grows a run in place by MORE pages; false if they are in use. */
bool shelf_extend(struct shelf *, struct page_run *run, size_t more);

/* Gives a run back. */
void shelf_give(struct shelf *, const struct page_run *run);

/* Makes huge pages of the ordinary ones of up to MOST SuperSlabs that are used as a whole. */
void shelf_make_full_huge(struct shelf *, size_t most);

/* purge_clock at which shelf_purge_due has something to do; 0: never. */
uint64_t shelf_next_purge(const struct shelf *);
/* Gives back what has been empty for the delay at time NOW. */
void shelf_purge_due(struct shelf *, uint64_t now);

/* Gives back all empty memory of SUPERSLAB now, and SUPERSLAB itself if the profile does not keep it. Returns the
 * bytes. */
size_t shelf_purge(struct shelf *, struct superslab *superslab);

/* Unmaps the unused end of one that is in use; returns the bytes of addresses. */
size_t shelf_trim(struct shelf *, struct superslab *superslab);

/* Unmaps an empty SuperSlab; returns the bytes of addresses. */
size_t shelf_unmap(struct shelf *, struct superslab *superslab);

#endif
