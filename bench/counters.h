/* SPDX-License-Identifier: MIT */
/* The processor's own counters of cache and TLB misses during the measurement, through perf_event_open(2).
 *
 * Opened in the main thread before the workers exist, so that they inherit them; the rest by one thread at a time. */
#ifndef BENCH_COUNTERS_H
#define BENCH_COUNTERS_H

#include <stddef.h>

enum bench_rate { BENCH_RATE_CACHE, BENCH_RATE_L1_DATA, BENCH_RATE_TLB, BENCH_RATES };

/* One rate: misses for each access, in user mode, or why it is not known. */
struct bench_counter_rate {
    const char *name; /* as a JSON key: "tlb_miss_rate" */
    const char *text; /* for people */
    double value;     /* 0 to 1; only good if reason is empty */
    char reason[128]; /* empty, or why there is no value */
};

void counters_open(void);
void counters_start(void);
void counters_stop(void);
/* The rates between start and stop. */
void counters_read(struct bench_counter_rate rates[BENCH_RATES]);

#endif
