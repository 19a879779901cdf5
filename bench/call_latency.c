/* SPDX-License-Identifier: MIT */
/* From ticks to percentiles in nanoseconds, and how many interruptions are among them. */
#include "config.h"

#include "bench/call_latency.h"

#include "bench/support.h"

#include <string.h>

/* Between two calls the harness misses all caches and the TLB at worst, which takes a few tenths of this. */
#define INTERRUPTION_NS 2000

/* How often a call's timing paid for the timer. */
static const unsigned timings[LATENCY_CALLS] = {
    [LATENCY_MALLOC] = 1, [LATENCY_MALLOC_AND_WRITE] = 2, [LATENCY_FREE] = 1};

struct latency *latency_open(unsigned workers)
{
    return bench_map(workers * sizeof(struct latency));
}

static void add_up(const struct latency *latency, unsigned workers, struct latency *sum)
{
    memset(sum, 0, sizeof(*sum));
    for (unsigned worker = 0; worker < workers; worker++) {
        for (int call = 0; call < LATENCY_CALLS; call++)
            histogram_merge(&sum->call[call], &latency[worker].call[call]);
        histogram_merge(&sum->between, &latency[worker].between);
    }
}

/* Nanoseconds of a call that was timed as TICKS. */
static double call_ns(const struct ticks *ticks, uint64_t timed, enum latency_call call)
{
    uint64_t cost = timings[call] * ticks->cost;
    return timed > cost ? ticks->ns * (double)(timed - cost) : 0;
}

static void read_figures(const struct latency *latency, enum latency_call call, const struct ticks *ticks,
                         struct latency_figures *figures)
{
    const struct histogram *calls = &latency->call[call], *between = &latency->between;
    uint64_t interruption = (uint64_t)(INTERRUPTION_NS / ticks->ns);
    double share = between->sum > 0 ? (double)calls->sum / (double)between->sum : 0;
    *figures = (struct latency_figures){
        .calls = calls->count,
        .p50_ns = call_ns(ticks, histogram_percentile(calls, 5000), call),
        .p99_ns = call_ns(ticks, histogram_percentile(calls, 9900), call),
        .p99_9_ns = call_ns(ticks, histogram_percentile(calls, 9990), call),
        .p99_99_ns = call_ns(ticks, histogram_percentile(calls, 9999), call),
        .maximum_ns = call_ns(ticks, calls->maximum, call),
        .interruptions = share * (double)histogram_count_from(between, interruption),
        .undisturbed_p99_9_ns =
            call_ns(ticks, histogram_percentile_less(calls, 9990, between, share, interruption), call),
        .undisturbed_p99_99_ns =
            call_ns(ticks, histogram_percentile_less(calls, 9999, between, share, interruption), call),
    };
}

void latency_read(const struct latency *latency, unsigned workers, struct latency_report *report)
{
    static struct latency sum;
    struct ticks ticks;
    ticks_calibrate(&ticks);
    add_up(latency, workers, &sum);
    report->resolution_ns = ticks.ns * (double)ticks.step;
    report->timer_cost_ns = ticks.ns * (double)ticks.cost;
    for (int call = 0; call < LATENCY_CALLS; call++)
        read_figures(&sum, call, &ticks, &report->figures[call]);
}

static void raise_to(double *value, double other)
{
    if (other > *value)
        *value = other;
}

void latency_worse(const struct latency_report *report, double latency_ns[BENCH_LATENCIES])
{
    static const enum latency_call compared[] = {LATENCY_MALLOC_AND_WRITE, LATENCY_FREE};
    memset(latency_ns, 0, BENCH_LATENCIES * sizeof(*latency_ns));
    for (size_t i = 0; i < sizeof(compared) / sizeof(*compared); i++) {
        const struct latency_figures *figures = &report->figures[compared[i]];
        if (figures->calls == 0)
            continue;
        raise_to(&latency_ns[BENCH_LATENCY_P50], figures->p50_ns);
        raise_to(&latency_ns[BENCH_LATENCY_P99], figures->p99_ns);
        raise_to(&latency_ns[BENCH_LATENCY_P999], figures->undisturbed_p99_9_ns);
        raise_to(&latency_ns[BENCH_LATENCY_P9999], figures->undisturbed_p99_99_ns);
    }
}
