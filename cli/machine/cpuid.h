/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPUID leaves as data: read from this processor or from a file, so that what is made of them can be tested for
 * processors that one doesn't have.
 *
 * Owns nothing: a table is a plain struct of the caller's. Any thread may call anything. Below this file: nothing of
 * ours. */
#ifndef HAK_MACHINE_CPUID_H
#define HAK_MACHINE_CPUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* hwloc-gather-cpuid writes below 120 lines for the largest processors known; what a file has beyond the table's room
 * is an error. */
#define CPUID_MAX_LEAVES 512

/* What one CPUID call gave. */
struct cpuid_leaf {
    uint32_t leaf;    /* EAX at the call */
    uint32_t subleaf; /* ECX at the call; counts only where `has_subleaf` */
    bool has_subleaf; /* the answer depends on ECX */
    uint32_t eax, ebx, ecx, edx;
};

struct cpuid_table {
    struct cpuid_leaf leaves[CPUID_MAX_LEAVES];
    size_t count;
};

enum cpuid_vendor { CPUID_VENDOR_UNKNOWN, CPUID_VENDOR_INTEL, CPUID_VENDOR_AMD };

/* The leaves of the processor this thread runs on that this program has a use for (identity, caches' and TLBs'
 * description). False on a machine without CPUID; TABLE is then empty. */
bool cpuid_read(struct cpuid_table *table);

/* The leaves in a file of hwloc-gather-cpuid: a line is a mask of the registers that matter (1 EAX, 2 EBX, 4 ECX, 8
 * EDX), the four registers at the call, "=>", and the four after it, all hexadecimal. False: one line FILE:LINE: reason
 * in MESSAGE. */
bool cpuid_load(struct cpuid_table *table, const char *path, char *message, size_t size);

/* The row of a leaf, or NULL if the table has none. SUBLEAF is ignored where the leaf has none. */
const struct cpuid_leaf *cpuid_find(const struct cpuid_table *table, uint32_t leaf, uint32_t subleaf);

/* Who made the processor (Hygon counts as AMD: the same leaves). */
enum cpuid_vendor cpuid_vendor(const struct cpuid_table *table);

/* The processor's family, extended part included: 0x17 for Zen, 0x1a for Zen 5; 0 if not known. */
unsigned cpuid_family(const struct cpuid_table *table);

/* Whether a hypervisor says that it is there (leaf 1, ECX bit 31): leaves may then be edited or zero. */
bool cpuid_under_hypervisor(const struct cpuid_table *table);

#endif
