/* SPDX-License-Identifier: MIT */
/* The command line of hakmem-bench. Main thread only. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include "bench/processors.h"
#include "bench/workloads/workload.h"

#include <stdbool.h>

enum bench_format { BENCH_FORMAT_TEXT, BENCH_FORMAT_JSON, BENCH_FORMAT_NONE };
enum bench_action { BENCH_RUN, BENCH_LIST, BENCH_HELP, BENCH_VERSION };

struct bench_options {
    enum bench_action action;
    enum bench_format format;
    struct bench_plan plan; /* threads may still be 0, and operations and warm-up not set: see the flags */
    double share;           /* of the default operations; 0: not given */
    bool has_operations, has_warmup;
    bool has_processors;
    struct bench_processors processors; /* with --cpus */
};

/* Reads the arguments and HAKMEM_SEED without allocating. Bad usage ends the process: one line on stderr, exit 2. */
void options_parse(int count, char **arguments, struct bench_options *options);

/* Fills in what was not asked for, once the processors are known. Ends the process if workload and threads contradict
 * each other. */
void options_complete(struct bench_options *options, const struct bench_processors *processors);

void options_print_help(void);

#endif
