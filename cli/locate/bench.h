/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where hakmem-bench is, and what it says of its workloads. Main thread only. Below: program. */
#ifndef HAK_LOCATE_BENCH_H
#define HAK_LOCATE_BENCH_H

#include <stdbool.h>
#include <stddef.h>

/* Returns hakmem-bench's path (malloc'd) or NULL with errno ENOENT: $HAKMEM_BENCH if it is set, else beside the running
 * program or where the build tree has it, else in PATH. */
char *bench_find(void);

/* Has hakmem-bench print its list of workloads on standard output, as JSON or as text. False: one line in MESSAGE. */
bool bench_list(bool json, char *message, size_t size);

/* Whether hakmem-bench takes WORKLOAD, with THREADS unless that is 0, found out by a run of one operation. False: its
 * own one line in MESSAGE. */
bool bench_takes(const char *workload, unsigned threads, char *message, size_t size);

#endif
