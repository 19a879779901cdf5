/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intel's description of the data TLB: leaf 0x18 where the processor has it, else the descriptor bytes of leaf 2
 * (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2A, CPUID). Below this file: cpuid, and tlb.h's
 * types. */
#ifndef HAK_MACHINE_TLB_INTEL_H
#define HAK_MACHINE_TLB_INTEL_H

#include "cli/machine/tlb.h"

/* Fills in what the leaves say about the data TLB. TLB's figures must all be unknown. */
void tlb_decode_intel(const struct cpuid_table *table, struct tlb *tlb);

#endif
