/* SPDX-License-Identifier: MIT */
/* Who can have huge pages.
 *
 * Under pages.huge: auto a large block has them by evidence, not by size: blocks of its length were found written all
 * over when they were freed. A huge page behind memory that is used here and there is resident as a whole; one behind
 * memory that is used as a whole costs a tenth of the page faults' time. What a block holds is looked at in a few
 * places: a page that nobody wrote reads as zeros. (mincore would be exact, but is a system call of its own, which a
 * sandbox may forbid, and sees nothing in a huge page.)
 *
 * Nothing here locks: large.c calls it under its own lock. Below: os, the profile. */
#ifndef HAK_SPACE_HUGE_H
#define HAK_SPACE_HUGE_H

#include "lib/base/os.h"
#include "lib/profile/active.h"

/* What it took the kernel to put memory behind BYTES: a huge page (HUGE), or small ones. Under the pool's lock. */
void huge_pages_note_cost(bool huge, size_t bytes, uint64_t microseconds);

/* Whether a huge page of its own is to lie behind memory from the start, because it takes the kernel no longer than
 * small ones do. On some virtual machines it takes several times as long, as the host has to find memory for it, which
 * it has behind the small ones already. True as long as that is not known, and once in a while, to know it again. Under
 * the pool's lock. */
bool huge_pages_are_cheap(void);

/* Whether a SuperSlab has room for one. */
static inline bool huge_pages_for_superslabs(void)
{
    size_t huge = os_huge_page_bytes();
    return huge != 0 && HAK_PROFILE(superslab_size) >= huge;
}

/* Whether a block of BYTES holds two huge pages, since one may be lost at its ends, and the profile takes any. */
static inline bool huge_pages_fit(size_t bytes)
{
    size_t huge = os_huge_page_bytes();
    return HAK_PROFILE(pages_huge) != HAK_HUGE_NEVER && huge != 0 && bytes >= 2 * huge;
}

/* Whether a new large block of BYTES is to have them; CLEARED: it is calloc's, which often is for a table of which
 * little is ever used. */
bool huge_pages_for_new(size_t bytes, bool cleared);

/* Whether a new large block of BYTES that calloc is to clear is better cleared by giving its memory back to the kernel:
 * little of such blocks was used, as far as is known. */
bool huge_pages_leave_sparse(size_t bytes);

/* A new large block has got them, behind memory that was fresh. */
void huge_pages_spend(size_t bytes, bool cleared);

/* Whether a large block of OLD_BYTES at BASE, which grows to BYTES, is to have them. */
bool huge_pages_for_grown(const char *base, size_t old_bytes, size_t bytes);

/* The block of BYTES at BASE, whose memory was fresh when it was taken, is being freed. */
void huge_pages_learn(const char *base, size_t bytes, bool cleared);

#endif
