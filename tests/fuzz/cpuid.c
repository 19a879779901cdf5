/* SPDX-License-Identifier: MIT */
/* A file of CPUID leaves: what it says of the TLB. */
#include "cli/machine/tlb.h"
#include "tests/fuzz/target.h"

static void check_tlb(const struct cpuid_table *table)
{
    struct tlb tlb;
    tlb_decode(table, &tlb);
    cpuid_vendor(table);
    cpuid_family(table);
    cpuid_under_hypervisor(table);
    for (unsigned level = 0; level < TLB_LEVELS; level++)
        for (enum tlb_page page = TLB_PAGE_4K; page < TLB_PAGE_SIZES; page++) {
            const struct tlb_figure *figure = &tlb.data[level][page];
            FUZZ_EXPECT(figure->known || tlb_reach(&tlb, level, page) == 0);
            FUZZ_EXPECT(strlen(figure->source) < sizeof figure->source);
        }
    FUZZ_EXPECT(strlen(tlb.note) < sizeof tlb.note);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cpuid_table table;
    struct fuzz_file file = fuzz_file_open(data, size);
    char message[512] = "";
    if (cpuid_load(&table, file.path, message, sizeof message))
        check_tlb(&table);
    else
        FUZZ_EXPECT(fuzz_is_line(message));
    fuzz_file_close(&file);
    return 0;
}
