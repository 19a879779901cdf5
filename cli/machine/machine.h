/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole machine in one struct: topology, TLB and the kernel's memory settings.
 *
 * HAKMEM_CPUID_DUMP=FILE in the environment makes the TLB's figures come from a file of hwloc-gather-cpuid instead of
 * this processor. Below this file: topology, tlb, kernel_memory. */
#ifndef HAK_MACHINE_MACHINE_H
#define HAK_MACHINE_MACHINE_H

#include "cli/machine/kernel_memory.h"
#include "cli/machine/tlb.h"
#include "cli/machine/topology.h"

#define MACHINE_CPUID_DUMP_ENV "HAKMEM_CPUID_DUMP"

struct machine {
    struct machine_topology topology;
    struct tlb tlb;
    struct kernel_memory kernel;
};

/* Reads everything; measures the TLB only where CPUID leaves a gap and the topology is that of the machine this runs
 * on. False: the reason is in MESSAGE. */
bool machine_read(struct machine *machine, char *message, size_t size);

#endif
