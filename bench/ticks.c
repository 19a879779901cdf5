/* SPDX-License-Identifier: MIT */
/* Holds the tick against CLOCK_MONOTONIC, and times nothing at all to learn what timing costs. */
#include "config.h"

#include "bench/ticks.h"

#include "bench/histogram.h"

#include <time.h>

/* The two clocks are read some 100 ns apart: over this long that is an error of 1 in 100,000. */
#define CALIBRATION_NS 20000000u
/* Enough for a median, and over within milliseconds. */
#define EMPTY_TIMINGS 20000u

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static double tick_length(void)
{
    uint64_t start_ns = monotonic_ns(), start = ticks_start(), end_ns, end;
    do {
        end_ns = monotonic_ns();
        end = ticks_start();
    } while (end_ns - start_ns < CALIBRATION_NS || end == start);
    return (double)(end_ns - start_ns) / (double)(end - start);
}

static uint64_t greatest_common_divisor(uint64_t left, uint64_t right)
{
    while (right > 0) {
        uint64_t rest = left % right;
        left = right;
        right = rest;
    }
    return left;
}

static void time_nothing(struct ticks *ticks)
{
    static struct histogram costs;
    uint64_t step = 0;
    for (unsigned timing = 0; timing < EMPTY_TIMINGS; timing++) {
        uint64_t start = ticks_start(), stop = ticks_stop();
        uint64_t cost = ticks_between(start, stop);
        histogram_record(&costs, cost);
        step = greatest_common_divisor(step, cost);
    }
    ticks->step = step ? step : 1;
    ticks->cost = histogram_percentile(&costs, 5000);
}

void ticks_calibrate(struct ticks *ticks)
{
    ticks->ns = tick_length();
    time_nothing(ticks);
}
