/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tlb.h. */
#include "cli/machine/tlb.h"

#include "cli/machine/tlb_amd.h"
#include "cli/machine/tlb_intel.h"
#include "cli/machine/tlb_probe.h"

#include <stdio.h>
#include <string.h>

static const struct {
    uint64_t bytes;
    const char *name;
} page_kinds[TLB_PAGE_SIZES] = {
    [TLB_PAGE_4K] = {UINT64_C(4) << 10, "4 KiB"},
    [TLB_PAGE_2M] = {UINT64_C(2) << 20, "2 MiB"},
    [TLB_PAGE_1G] = {UINT64_C(1) << 30, "1 GiB"},
};

static void forget_everything(struct tlb *tlb)
{
    memset(tlb, 0, sizeof *tlb);
    for (unsigned level = 0; level < TLB_LEVELS; level++)
        for (unsigned page = 0; page < TLB_PAGE_SIZES; page++)
            snprintf(tlb->data[level][page].source, sizeof tlb->data[level][page].source, "not known");
}

void tlb_decode(const struct cpuid_table *table, struct tlb *tlb)
{
    forget_everything(tlb);
    switch (cpuid_vendor(table)) {
    case CPUID_VENDOR_INTEL:
        tlb_decode_intel(table, tlb);
        break;
    case CPUID_VENDOR_AMD:
        tlb_decode_amd(table, tlb);
        break;
    case CPUID_VENDOR_UNKNOWN:
        break;
    }
    if (!tlb->data[0][TLB_PAGE_4K].known && !tlb->note[0])
        snprintf(tlb->note, sizeof tlb->note, "CPUID does not describe the TLB%s",
                 cpuid_under_hypervisor(table) ? ": the hypervisor hides it" : "");
}

static void take_measurement(struct tlb_figure *figure, unsigned entries)
{
    if (figure->known || entries == 0)
        return;
    *figure = (struct tlb_figure){.entries = entries, .known = true, .measured = true, .source = "measured"};
}

void tlb_measure_missing(struct tlb *tlb)
{
    if (tlb->data[0][TLB_PAGE_4K].known && tlb->data[1][TLB_PAGE_4K].known)
        return;
    struct tlb_probe probe;
    if (!tlb_probe_run(&probe))
        return;
    take_measurement(&tlb->data[0][TLB_PAGE_4K], probe.first_level);
    take_measurement(&tlb->data[1][TLB_PAGE_4K], probe.second_level);
}

uint64_t tlb_page_bytes(enum tlb_page page)
{
    return page_kinds[page].bytes;
}

const char *tlb_page_name(enum tlb_page page)
{
    return page_kinds[page].name;
}

uint64_t tlb_reach(const struct tlb *tlb, unsigned level, enum tlb_page page)
{
    return tlb->data[level][page].entries * tlb_page_bytes(page);
}
