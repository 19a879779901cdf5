/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data TLB: how many translations it holds, for which page sizes, and where each figure comes from.
 *
 * hwloc has no such data. CPUID has (Intel leaf 0x18, else leaf 2; AMD leaves 0x80000005, 0x80000006 and 0x80000019),
 * except where a hypervisor hides it; what is missing for small pages can be measured. Nothing here has state: any
 * thread may call anything. Below this file: cpuid, tlb_probe. */
#ifndef HAK_MACHINE_TLB_H
#define HAK_MACHINE_TLB_H

#include "cli/machine/cpuid.h"

#include <stdbool.h>
#include <stdint.h>

enum tlb_page { TLB_PAGE_4K, TLB_PAGE_2M, TLB_PAGE_1G, TLB_PAGE_SIZES };

#define TLB_LEVELS 2
#define TLB_FULLY_ASSOCIATIVE UINT32_MAX

/* One level's room for one page size. A structure that several page sizes share shows up under each of them. */
struct tlb_figure {
    unsigned entries; /* translations; 0: none, or not known (`source` says which) */
    unsigned ways;    /* associativity; TLB_FULLY_ASSOCIATIVE; 0: not known */
    bool known;       /* false: no source has it; `entries` says nothing */
    bool measured;    /* by a pointer chase, so about right; false: as the processor states it */
    char source[48];  /* "cpuid leaf 0x80000006", "measured", "not known" */
};

struct tlb {
    struct tlb_figure data[TLB_LEVELS][TLB_PAGE_SIZES]; /* [0]: first level */
    char note[160]; /* why something that CPUID could have said is not taken from it; else empty */
};

/* What the leaves say. Figures that they don't have stay unknown. */
void tlb_decode(const struct cpuid_table *table, struct tlb *tlb);

/* Fills in what is unknown about 4 KiB pages by measuring on this processor (about a tenth of a second). */
void tlb_measure_missing(struct tlb *tlb);

/* Bytes that LEVEL (0 or 1) covers with pages of kind PAGE: entries times page size; 0 where the entries are not known.
 */
uint64_t tlb_reach(const struct tlb *tlb, unsigned level, enum tlb_page page);

/* Bytes of one such page, and its name for people ("4 KiB"). */
uint64_t tlb_page_bytes(enum tlb_page page);
const char *tlb_page_name(enum tlb_page page);

#endif
