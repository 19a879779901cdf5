/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures how many 4 KiB translations the data TLB holds, where the processor does not say.
 *
 * A chain of dependent loads visits N pages in random order, one cache line on each; another visits as many lines
 * packed together. The second costs what the data caches cost, so the difference is the TLB's. It steps up where N
 * outgrows a level. Runs on the calling thread; the answer is about right, not exact, and varies from run to run. Below
 * this file: nothing of ours. */
#ifndef HAK_MACHINE_TLB_PROBE_H
#define HAK_MACHINE_TLB_PROBE_H

#include <stdbool.h>
#include <stddef.h>

struct tlb_probe {
    unsigned first_level, second_level; /* entries for 4 KiB pages; 0: no step was seen */
};

/* One point of the curve. */
struct tlb_probe_point {
    unsigned pages; /* visited in turn */
    double excess;  /* extra time of one load, in units of a load that hits everything */
};

/* Takes about a tenth of a second and 32 MiB. False: the memory was refused. */
bool tlb_probe_run(struct tlb_probe *probe);

/* Finds the two steps in a curve (points ascend in `pages`). */
void tlb_probe_find_steps(const struct tlb_probe_point *points, size_t count, struct tlb_probe *probe);

#endif
