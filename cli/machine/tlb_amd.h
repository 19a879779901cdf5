/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AMD's description of the data TLB: leaves 0x80000005 (first level), 0x80000006 (second) and 0x80000019 (1 GiB pages)
 * (AMD64 Architecture Programmer's Manual, volume 3, appendix E). Below this file: cpuid, and tlb.h's types. */
#ifndef HAK_MACHINE_TLB_AMD_H
#define HAK_MACHINE_TLB_AMD_H

#include "cli/machine/tlb.h"

/* Fills in what the leaves say about the data TLB. TLB's figures must all be unknown. */
void tlb_decode_amd(const struct cpuid_table *table, struct tlb *tlb);

#endif
