/* SPDX-License-Identifier: MIT */
/* The workload's side of the progress page (progress.h): the active clock, and telling the parent how far the work is.
 *
 * Without a page everything works the same and nothing is told. publish_open is called once before the threads start;
 * publish_milestone by each worker for its own row; the rest by one thread. */
#ifndef BENCH_PUBLISH_H
#define BENCH_PUBLISH_H

#include "bench/progress.h"

#include <stdbool.h>
#include <stdint.h>

/* Maps the page that HAKMEM_PROGRESS_FD names. A descriptor that is none, or holds no progress page, ends the process
 * (exit 2). */
void publish_open(void);

/* Which clock publish_active_ns reads and the page's times are of (progress.h says when which). Called once, before
 * publish_work; until then it is BENCH_CLOCK_ACTIVE. */
void publish_use_clock(enum bench_clock);

/* Nanoseconds for which the calling thread ran (BENCH_CLOCK_PROCESSOR) or this process was not stopped
 * (BENCH_CLOCK_ACTIVE), from an arbitrary start. */
uint64_t publish_active_ns(void);

/* How the work is cut, for each of THREADS workers. */
void publish_work(unsigned threads, uint64_t operations_per_milestone);
void publish_phase(enum bench_phase);
/* Worker ROW has passed milestone NUMBER at the time ACTIVE_NS. */
void publish_milestone(unsigned row, unsigned number, uint64_t active_ns);
void publish_peak_resident(uint64_t bytes);

/* Whether the parent wants each call timed. */
bool publish_latency_is_wanted(void);
void publish_latency(const double latency_ns[BENCH_LATENCIES]);

#endif
