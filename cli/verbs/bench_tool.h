/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks hakmem-bench about its workloads. Main thread only. Below this file: cli/trial/workload, which knows where
 * hakmem-bench is. */
#ifndef HAK_VERBS_BENCH_TOOL_H
#define HAK_VERBS_BENCH_TOOL_H

#include <stdbool.h>
#include <stddef.h>

/* Has hakmem-bench print its list of workloads on standard output, as JSON or as text. False: one line in MESSAGE. */
bool bench_tool_list(bool json, char *message, size_t size);

/* Whether hakmem-bench takes WORKLOAD, with THREADS unless that is 0, found out by a run of one operation. False: its
 * own one line in MESSAGE. */
bool bench_tool_takes(const char *workload, unsigned threads, char *message, size_t size);

#endif
