/* SPDX-License-Identifier: MIT */
/* Which processors the workers are pinned to. Called by the main thread before any other starts. */
#ifndef BENCH_PROCESSORS_H
#define BENCH_PROCESSORS_H

#include <stdbool.h>

/* As many as a cpu_set_t has bits. */
#define BENCH_MAX_PROCESSORS 1024

/* Processors as the kernel numbers them, in the order in which workers take them. */
struct bench_processors {
    unsigned number[BENCH_MAX_PROCESSORS];
    unsigned count;
    unsigned cores; /* the first CORES of them are on different cores */
};

/* The processors that this process may use, in hwloc's order: one of each core first, then each core's second, and so
 * on. hwloc runs in a child process and hands the list over a pipe, because the heap of this one is to be measured. */
void processors_discover(struct bench_processors *);

/* A list as taskset(1) has it: "0,2-3". False if it is none. */
bool processors_parse(const char *text, struct bench_processors *);

/* Pins the calling thread to the processor of worker INDEX; more workers than processors share them in turn. Where that
 * is refused a warning is printed, once for the process, and the thread goes on unpinned. Any thread may call it. */
void processors_pin(const struct bench_processors *, unsigned index);

#endif
