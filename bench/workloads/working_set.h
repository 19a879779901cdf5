/* SPDX-License-Identifier: MIT */
/* The random mixed pattern over a fixed number of slots, for the workloads that are made of it (ws, degradation). */
#ifndef BENCH_WORKING_SET_H
#define BENCH_WORKING_SET_H

#include "bench/call_latency.h"

#include <stdint.h>

struct bench_plan;
struct bench_worker;

/* Slots are numbered by bits below those that give the size (working_set.c), so that place and size are independent up
 * to 2^22 slots. */
#define WORKING_SET_MAX 16777216u

/* Small sets are warmed up as long as it takes to touch the allocator's own structures in every size class many times.
 */
#define WORKING_SET_LEAST_WARMUP 100000u

/* One worker's own. */
struct working_set {
    void **slots;    /* NULL: empty */
    uint32_t count;  /* how many slots */
    uint32_t random; /* the last random number */
};

/* Maps COUNT empty slots. */
void working_set_prepare(struct working_set *, uint32_t count, uint32_t random_start);
/* The next OPERATIONS steps: a random slot's block is freed, or, where there is none, allocated. */
void working_set_step(struct working_set *, uint64_t operations);
/* The same, with each call of malloc and of free timed. */
void working_set_step_timed(struct working_set *, uint64_t operations, struct latency *);
/* Checks and frees all blocks; returns what they were asked for with, in bytes. */
uint64_t working_set_finish(struct working_set *);
/* Steps after which about half of the slots are full, as they then stay: each slot is hit twice on average, which fills
 * 49 %. */
uint64_t working_set_warmup(uint32_t count);

/* The same for a worker whose state is a working set, or begins with one: a workload's step and finish, and for its
 * prepare. */
void working_set_prepare_workers(const struct bench_plan *, struct bench_worker *workers, uint32_t count);
void working_set_step_worker(struct bench_worker *, uint64_t operations);
void working_set_finish_worker(struct bench_worker *);

#endif
