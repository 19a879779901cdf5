/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of the work with its calls of malloc and free counted. One thread. Below: cli/race, cli/count,
 * cli/output/scratch. */
#ifndef HAK_TUNE_CALL_COUNT_H
#define HAK_TUNE_CALL_COUNT_H

#include "cli/output/scratch.h"
#include "cli/race/race.h"

#include <stdbool.h>
#include <stdint.h>

struct call_count {
    uint64_t processes; /* programs that were started with the counting library */
    uint64_t calls;     /* of malloc, free and their kin */
    uint64_t bytes;     /* that malloc and its kin handed out */
    uint64_t heap;      /* the most that each process had at once, added up: at least what all had at once */
};

/* Runs WORK once as OPTIONS say, with LIBRARY (libhakmem-count.so) in its processes. RESULT is that of the run, to be
 * given back with race_results_clear; its time has the counting in it. False with errno: the race could not be held. */
bool call_count_run(const char *library, const struct scratch *scratch, const struct workload *work,
                    const struct race_options *options, struct race_result *result, struct call_count *count);

#endif
