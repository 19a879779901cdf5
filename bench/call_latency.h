/* SPDX-License-Identifier: MIT */
/* How long single calls of malloc and free take: every one is timed. After malloc so is the first write into the block,
 * because one allocator touches a new page itself and the next one leaves that to the program: what both have in common
 * is malloc with the first write.
 *
 * Interrupts, other programs and other virtual machines take the processor away at any time, for long against a call:
 * among the slowest calls of a good allocator are many that did nothing but wait for it. They strike in proportion to
 * time, whatever runs. So what lies between the timed calls is timed too: it is the harness alone, which makes no
 * system call and touches no new page, and whatever takes long there is an interruption. As many of them as fall on the
 * calls' share of the time are expected among the calls; percentiles are told with and without.
 *
 * latency_open and latency_read are called by the main thread before and after the workers; the rest by the thread that
 * plays the worker. */
#ifndef BENCH_CALL_LATENCY_H
#define BENCH_CALL_LATENCY_H

#include "bench/histogram.h"
#include "bench/progress.h"
#include "bench/ticks.h"

#include <stdint.h>

enum latency_call { LATENCY_MALLOC, LATENCY_MALLOC_AND_WRITE, LATENCY_FREE, LATENCY_CALLS };

/* One worker's own. All are ticks as read: the timer's cost is taken off when they are reported. */
struct latency {
    uint64_t last; /* the last reading */
    struct histogram call[LATENCY_CALLS];
    struct histogram between;
};

/* Of all calls of one kind; p99_99 is not exceeded by 99.99 % of them. Meaningless where calls is 0. */
struct latency_figures {
    uint64_t calls;
    double p50_ns, p99_ns, p99_9_ns, p99_99_ns, maximum_ns; /* as measured */
    double interruptions;                                   /* how many of the calls are expected to hold one */
    double undisturbed_p99_9_ns, undisturbed_p99_99_ns;     /* without those */
};

struct latency_report {
    double resolution_ns; /* what the timer can tell apart */
    double timer_cost_ns; /* taken off every figure */
    struct latency_figures figures[LATENCY_CALLS];
};

/* Maps and touches what WORKERS workers need. Ends the process where there is no memory. */
struct latency *latency_open(unsigned workers);
/* Adds the workers up. */
void latency_read(const struct latency *, unsigned workers, struct latency_report *);

/* The worse ones of malloc with the first write and of free. */
void latency_worse(const struct latency_report *, double latency_ns[BENCH_LATENCIES]);

/* Before the first of some calls. */
static inline void latency_begin(struct latency *latency)
{
    latency->last = ticks_stop();
}

/* One call of malloc, from START to STOP, and the first write into its block, from WRITE_START to WRITE_STOP. */
static inline void latency_note_malloc(struct latency *latency, uint64_t start, uint64_t stop, uint64_t write_start,
                                       uint64_t write_stop)
{
    histogram_record(&latency->between, ticks_between(latency->last, start));
    histogram_record(&latency->call[LATENCY_MALLOC], ticks_between(start, stop));
    histogram_record(&latency->call[LATENCY_MALLOC_AND_WRITE],
                     ticks_between(start, stop) + ticks_between(write_start, write_stop));
    latency->last = write_stop;
}

/* One call of free. */
static inline void latency_note_free(struct latency *latency, uint64_t start, uint64_t stop)
{
    histogram_record(&latency->between, ticks_between(latency->last, start));
    histogram_record(&latency->call[LATENCY_FREE], ticks_between(start, stop));
    latency->last = stop;
}

#endif
