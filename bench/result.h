/* SPDX-License-Identifier: MIT */
/* Shows what was measured. Allocates: only called after the measurement. Main thread only. */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include "bench/measure.h"

/* Prints to stdout; a failed write ends the process (exit 1). */
void result_print_text(const struct bench_plan *, const struct bench_processors *, const struct bench_measurement *);
void result_print_json(const struct bench_plan *, const struct bench_processors *, const struct bench_measurement *);

/* The list of workloads. */
void result_list_text(void);
void result_list_json(void);

/* Ends the process (exit 1) if what was printed did not get to stdout. */
void result_flush(void);

#endif
