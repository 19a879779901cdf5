/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tlb_intel.h. */
#include "cli/machine/tlb_intel.h"

#include <stdio.h>

enum { PAGES_4K = 1u << TLB_PAGE_4K, PAGES_2M = 1u << TLB_PAGE_2M, PAGES_1G = 1u << TLB_PAGE_1G };

/* Leaf 0x18, EDX bits 4:0. */
enum translation_type {
    TRANSLATION_NONE,
    TRANSLATION_DATA,
    TRANSLATION_INSTRUCTION,
    TRANSLATION_UNIFIED,
    TRANSLATION_LOAD,
    TRANSLATION_STORE
};

/* Leaf 0x18, EBX bits 3:0. 4 MiB pages exist in 32-bit mode only. */
enum { EBX_4K = 1, EBX_2M = 2, EBX_1G = 8 };

/* A descriptor byte of leaf 2 that is about data TLBs. 4 MiB pages of the manual count as 2 MiB ones, which take the
 * same structure. */
struct descriptor {
    uint8_t byte;
    uint8_t level; /* 0 or 1 */
    uint8_t pages;
    unsigned entries, ways;
};

static const struct descriptor descriptors[] = {
    {0x03, 0, PAGES_4K, 64, 4},
    {0x04, 0, PAGES_2M, 8, 4},
    {0x05, 0, PAGES_2M, 32, 4},
    {0x56, 0, PAGES_2M, 16, 4},
    {0x57, 0, PAGES_4K, 16, 4},
    {0x59, 0, PAGES_4K, 16, TLB_FULLY_ASSOCIATIVE},
    {0x5a, 0, PAGES_2M, 32, 4},
    {0x5b, 0, PAGES_4K | PAGES_2M, 64, TLB_FULLY_ASSOCIATIVE},
    {0x5c, 0, PAGES_4K | PAGES_2M, 128, TLB_FULLY_ASSOCIATIVE},
    {0x5d, 0, PAGES_4K | PAGES_2M, 256, TLB_FULLY_ASSOCIATIVE},
    {0x63, 0, PAGES_2M, 32, 4},
    {0x63, 0, PAGES_1G, 4, 4},
    {0x64, 0, PAGES_4K, 512, 4},
    {0x6a, 0, PAGES_4K, 64, 8},
    {0x6b, 1, PAGES_4K, 256, 8},
    {0x6c, 1, PAGES_2M, 128, 8},
    {0x6d, 1, PAGES_1G, 16, TLB_FULLY_ASSOCIATIVE},
    {0xa0, 0, PAGES_4K, 32, TLB_FULLY_ASSOCIATIVE},
    {0xb3, 0, PAGES_4K, 128, 4},
    {0xb4, 1, PAGES_4K, 256, 4},
    {0xba, 1, PAGES_4K, 64, 4},
    {0xc0, 0, PAGES_4K | PAGES_2M, 8, 4},
    {0xc1, 1, PAGES_4K | PAGES_2M, 1024, 8},
    {0xc2, 0, PAGES_4K | PAGES_2M, 16, 4},
    {0xc3, 1, PAGES_4K | PAGES_2M, 1536, 6},
    {0xc3, 1, PAGES_1G, 16, 4},
    {0xc4, 0, PAGES_2M, 32, 4},
    {0xca, 1, PAGES_4K, 512, 4},
};

/* Structures of one level and page size add up (Ice Lake's second level: 1024 for 4 KiB and 2 MiB, 1024 more for 4 KiB
 * and 1 GiB). */
static void add_entries(struct tlb_figure *figure, unsigned entries, unsigned ways, const char *leaf)
{
    figure->entries += entries;
    figure->ways = ways;
    figure->known = true;
    snprintf(figure->source, sizeof figure->source, "cpuid leaf %s", leaf);
}

static void add_pages(struct tlb *tlb, unsigned level, unsigned pages, unsigned entries, unsigned ways,
                      const char *leaf)
{
    for (unsigned page = 0; page < TLB_PAGE_SIZES; page++)
        if (pages & 1u << page)
            add_entries(&tlb->data[level][page], entries, ways, leaf);
}

static unsigned pages_of_translation(uint32_t ebx)
{
    return (ebx & EBX_4K ? PAGES_4K : 0u) | (ebx & EBX_2M ? PAGES_2M : 0u) | (ebx & EBX_1G ? PAGES_1G : 0u);
}

/* Loads decide: a first level split into one for loads and a small one for stores counts as that for loads. */
static bool serves_loads(uint32_t edx)
{
    uint32_t type = edx & 0x1f;
    return type == TRANSLATION_DATA || type == TRANSLATION_UNIFIED || type == TRANSLATION_LOAD;
}

static void decode_translation(const struct cpuid_leaf *row, struct tlb *tlb)
{
    unsigned level = row->edx >> 5 & 7;
    if (!serves_loads(row->edx) || level < 1 || level > TLB_LEVELS)
        return;
    unsigned ways = row->ebx >> 16, sets = row->ecx;
    bool full = row->edx & 1u << 8;
    add_pages(tlb, level - 1, pages_of_translation(row->ebx), ways * sets, full ? TLB_FULLY_ASSOCIATIVE : ways, "0x18");
}

static void decode_leaf_18(const struct cpuid_table *table, struct tlb *tlb)
{
    const struct cpuid_leaf *first = cpuid_find(table, 0x18, 0);
    if (!first)
        return;
    uint32_t last = first->eax < CPUID_MAX_LEAVES ? first->eax : CPUID_MAX_LEAVES;
    for (uint32_t subleaf = 0; subleaf <= last; subleaf++) {
        const struct cpuid_leaf *row = cpuid_find(table, 0x18, subleaf);
        if (row)
            decode_translation(row, tlb);
    }
}

static void decode_descriptor(uint8_t byte, struct tlb *tlb)
{
    for (size_t i = 0; i < sizeof descriptors / sizeof *descriptors; i++)
        if (descriptors[i].byte == byte)
            add_pages(tlb, descriptors[i].level, descriptors[i].pages, descriptors[i].entries, descriptors[i].ways,
                      "2");
}

static void decode_leaf_2(const struct cpuid_table *table, struct tlb *tlb)
{
    const struct cpuid_leaf *row = cpuid_find(table, 2, 0);
    if (!row)
        return;
    const uint32_t registers[] = {row->eax & ~UINT32_C(0xff), row->ebx, row->ecx,
                                  row->edx}; /* AL is a constant 1, no descriptor */
    for (unsigned i = 0; i < 4; i++) {
        if (registers[i] >> 31) /* a register with this bit set holds no descriptors */
            continue;
        for (unsigned shift = 0; shift < 32; shift += 8)
            decode_descriptor((uint8_t)(registers[i] >> shift), tlb);
    }
}

/* Leaf 0x18 first: it has what leaf 2 leaves out (there, 0xfe says "see leaf 0x18" and 0xff is about the caches alone).
 */
void tlb_decode_intel(const struct cpuid_table *table, struct tlb *tlb)
{
    decode_leaf_18(table, tlb);
    if (!tlb->data[0][TLB_PAGE_4K].known)
        decode_leaf_2(table, tlb);
}
