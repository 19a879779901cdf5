/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few figures of the machine that the search and a profile's provenance need.
 *
 * Below this file: topology, kernel_memory. Nothing to free. */
#ifndef HAK_MACHINE_LIMITS_H
#define HAK_MACHINE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct machine_limits {
    uint64_t l1_data, l2, l3;                     /* bytes of the largest kind of each; 0: there is none */
    uint64_t page_size;                           /* bytes of an ordinary page */
    uint64_t huge_page_size;                      /* bytes of a huge page; 0: the kernel has none */
    unsigned cores, processing_units, numa_nodes; /* that this process may use */
    char description[256];                        /* "AMD EPYC, 2 cores, 48 KiB L1d, 1 MiB L2, 32 MiB L3" */
    bool transparent_huge_pages_usable;           /* pages.huge: madvise has an effect */
    bool hugetlb_pages_available;                 /* pages.huge: hugetlb finds free pages */
};

/* Reads the machine, but for its TLB. False: hwloc failed; LIMITS then has page size and processors alone, and the
 * reason as its description. */
bool machine_limits_get(struct machine_limits *limits);

#endif
