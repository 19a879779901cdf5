/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See machine.h. */
#include "cli/machine/machine.h"

#include <stdio.h>
#include <stdlib.h>

static bool read_tlb(struct tlb *tlb, bool this_machine, char *message, size_t size)
{
    struct cpuid_table table;
    const char *dump = getenv(MACHINE_CPUID_DUMP_ENV);
    if (dump && *dump) {
        if (!cpuid_load(&table, dump, message, size))
            return false;
        tlb_decode(&table, tlb);
        return true;
    }
    if (!this_machine) {
        struct cpuid_table nothing = {.count = 0};
        tlb_decode(&nothing, tlb);
        snprintf(tlb->note, sizeof tlb->note,
                 "the topology is another machine's; give its leaves by " MACHINE_CPUID_DUMP_ENV);
        return true;
    }
    cpuid_read(&table);
    tlb_decode(&table, tlb);
    tlb_measure_missing(tlb);
    return true;
}

bool machine_read(struct machine *machine, char *message, size_t size)
{
    if (!machine_topology_read(&machine->topology, message, size))
        return false;
    kernel_memory_read(&machine->kernel, "");
    /* Memory that was added to a running virtual machine is not in what its nodes say. */
    if (machine->topology.this_machine && machine->topology.all_nodes && machine->kernel.memory_total)
        machine->topology.memory = machine->kernel.memory_total;
    return read_tlb(&machine->tlb, machine->topology.this_machine, message, size);
}
