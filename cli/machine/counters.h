/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processor's own counters, of user space alone, through perf_event_open(2); and why there are none.
 *
 * Virtual machines often have none. Where the kernel lets several events share a counter in turn, what was counted is
 * scaled up to the whole time. One thread at a time; below is the kernel alone. */
#ifndef HAK_MACHINE_COUNTERS_H
#define HAK_MACHINE_COUNTERS_H

#include <stddef.h>
#include <sys/types.h>

enum counter { COUNTER_INSTRUCTIONS, COUNTER_CACHE_MISSES, COUNTER_TLB_MISSES, COUNTERS };

struct counters {
    int fd[COUNTERS]; /* -1: not counted */
};

/* None is counted. */
struct counters counters_none(void);

/* Counts what PROCESS, one thread, and all that it starts execute after its next exec. */
void counters_open(struct counters *counters, pid_t process);
void counters_close(struct counters *counters);

/* What was counted up to now; NAN: not known. */
double counters_read(const struct counters *counters, enum counter counter);

/* Room for what counters_explain() writes. */
#define COUNTERS_REASON 128

/* Says in REASON why COUNTER cannot be counted on this machine; empty where it can. */
void counters_explain(enum counter counter, char *reason, size_t size);

const char *counters_name(enum counter counter);

#endif
