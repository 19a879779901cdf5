/* SPDX-License-Identifier: MIT */
/* What the preloaded allocator says of itself, if it is libhakmem. Nothing links it: hak_stats_get is looked up at run
 * time. */
#ifndef BENCH_ALLOCATOR_H
#define BENCH_ALLOCATOR_H

#include "hakmem/hakmem.h"

#include <stdbool.h>

struct allocator_report {
    bool has_statistics; /* stats is filled in */
    struct hak_stats stats;
};

/* Reads the statistics now, without allocating. Any thread. */
void allocator_read(struct allocator_report *);

/* Core cycles of one page-map lookup; takes a few milliseconds. Negative: this allocator does not offer it. */
double allocator_lookup_cycles(void);

/* The file that malloc comes from, for the result. */
const char *allocator_file(void);

#endif
