/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tlb_amd.h. */
#include "cli/machine/tlb_amd.h"

#include <stdio.h>

/* From Zen 5 on the 12 bits of leaf 0x80000006 are too few: the second level is given in multiples of 32, and this bit
 * says so. */
#define SCALED_SIZES_LEAF 0x80000021u
#define SCALED_SIZES_BIT 14
#define SCALED_SIZES_FACTOR 32
#define FAMILY_ZEN_5 0x1a

/* The four-bit code of leaves 0x80000006 and 0x80000019; 0: there is no such structure. */
static const unsigned ways_by_code[16] = {
    [1] = 1,
    [2] = 2,
    [3] = 3,
    [4] = 4,
    [5] = 6,
    [6] = 8,
    [8] = 16,
    [10] = 32,
    [11] = 48,
    [12] = 64,
    [13] = 96,
    [14] = 128,
    [15] = TLB_FULLY_ASSOCIATIVE,
};

static void set_figure(struct tlb_figure *figure, unsigned entries, unsigned ways, uint32_t leaf)
{
    *figure = (struct tlb_figure){.entries = entries, .ways = ways, .known = true};
    snprintf(figure->source, sizeof figure->source, "cpuid leaf 0x%x", leaf);
}

/* First level: the data half of a register is in bits 31:24 (ways, 0xff: full) and 23:16 (entries). */
static void decode_first(struct tlb_figure *figure, uint32_t value)
{
    unsigned ways = value >> 24, entries = value >> 16 & 0xff;
    if (entries)
        set_figure(figure, entries, ways == 0xff ? TLB_FULLY_ASSOCIATIVE : ways, 0x80000005);
}

/* Second level and 1 GiB pages: bits 31:28 (code of the ways) and 27:16 (entries). Code 0 says that there are none. */
static void decode_coded(struct tlb_figure *figure, uint32_t value, unsigned factor, uint32_t leaf)
{
    unsigned code = value >> 28, entries = value >> 16 & 0xfff;
    set_figure(figure, code ? entries * factor : 0, ways_by_code[code], leaf);
}

/* What the second level's sizes are to be multiplied with; 0: there is no telling, because a hypervisor hides the bit
 * that says it. */
static unsigned second_level_factor(const struct cpuid_table *table)
{
    const struct cpuid_leaf *features = cpuid_find(table, SCALED_SIZES_LEAF, 0);
    if (features && features->eax >> SCALED_SIZES_BIT & 1)
        return SCALED_SIZES_FACTOR;
    return cpuid_family(table) >= FAMILY_ZEN_5 && cpuid_under_hypervisor(table) ? 0 : 1;
}

static void decode_second(const struct cpuid_table *table, struct tlb *tlb)
{
    const struct cpuid_leaf *row = cpuid_find(table, 0x80000006, 0);
    if (!row || (row->eax == 0 && row->ebx == 0))
        return;
    unsigned factor = second_level_factor(table);
    if (factor == 0) {
        snprintf(tlb->note, sizeof tlb->note,
                 "leaf 0x80000006 is not used: the hypervisor hides the bit of leaf 0x%x that scales it",
                 SCALED_SIZES_LEAF);
        return;
    }
    decode_coded(&tlb->data[1][TLB_PAGE_2M], row->eax, factor, 0x80000006);
    decode_coded(&tlb->data[1][TLB_PAGE_4K], row->ebx, factor, 0x80000006);
}

static void decode_gigabyte(const struct cpuid_table *table, struct tlb *tlb)
{
    const struct cpuid_leaf *row = cpuid_find(table, 0x80000019, 0);
    if (!row || (row->eax == 0 && row->ebx == 0))
        return;
    decode_coded(&tlb->data[0][TLB_PAGE_1G], row->eax, 1, 0x80000019);
    decode_coded(&tlb->data[1][TLB_PAGE_1G], row->ebx, 1, 0x80000019);
}

void tlb_decode_amd(const struct cpuid_table *table, struct tlb *tlb)
{
    const struct cpuid_leaf *first = cpuid_find(table, 0x80000005, 0);
    if (first) {
        decode_first(&tlb->data[0][TLB_PAGE_2M], first->eax);
        decode_first(&tlb->data[0][TLB_PAGE_4K], first->ebx);
    }
    decode_second(table, tlb);
    decode_gigabyte(table, tlb);
}
