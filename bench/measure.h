/* SPDX-License-Identifier: MIT */
/* Runs one workload: threads, warm-up, barrier, milestones, and the readings at both ends. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "bench/allocator.h"
#include "bench/call_latency.h"
#include "bench/counters.h"
#include "bench/processors.h"
#include "bench/progress.h"
#include "bench/workloads/workload.h"

#include <stdint.h>

/* What came out. Plain numbers: filled in without allocating. */
struct bench_measurement {
    uint64_t operations;           /* of all workers */
    double seconds;                /* from the first worker's start to the last one's end, by `clock` */
    enum bench_clock clock;        /* what `seconds` counts */
    uint64_t peak_resident_bytes;  /* of the process; 0: not known */
    uint64_t grown_resident_bytes; /* resident memory at the end less that before the first block (which it holds until
                                      the end) */
    uint64_t live_requested_bytes; /* what the blocks held at the end were asked for with */
    struct allocator_report allocator;
    struct latency_report latency; /* of each call, where the plan asks for it */
    struct bench_counter_rate rates[BENCH_RATES];
    struct bench_figure figures[BENCH_MAX_FIGURES];
    size_t figure_count;
};

/* Runs PLAN on PROCESSORS and fills in MEASUREMENT. Called once, by the main thread, as the only thread. Ends the
 * process on failure. */
void bench_measure(struct bench_plan *plan, const struct bench_processors *processors,
                   struct bench_measurement *measurement);

#endif
