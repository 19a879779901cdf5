/* SPDX-License-Identifier: MIT */
/* What a workload is: one file in this folder and one line in table.c.
 *
 * A workload is played by a fixed number of workers, each of which does a fixed number of operations: so that every
 * allocator does the same work, a random number decides what is done, never a clock. The runner (run.h) brings the
 * threads, the warm-up, the barrier and the milestones; a workload only knows how to do the next operations of one
 * worker.
 *
 * Blocks come from plain malloc and go back by plain free: LD_PRELOAD decides whose these are. What a workload needs
 * for itself comes from bench_map (support.h), so that the measured heap holds nothing but what the workload is about.
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include "bench/support.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct latency;
struct workload;

/* More workers than any machine has processors for. */
#define BENCH_MAX_THREADS 1024

/* One run as it was asked for, defaults filled in. Written before the threads start, only read afterwards. */
struct bench_plan {
    const struct workload *workload;
    const char *name;    /* as given: "ws8192", "ws8192:2" */
    uint64_t parameter;  /* the number in the name, where the workload has one: 8192 */
    uint64_t operations; /* measured operations of each worker */
    uint64_t warmup;     /* operations of each worker before the measurement */
    unsigned threads;    /* workers */
    uint64_t seed;       /* of all random numbers */
    bool latency;        /* each call of malloc and free is timed */
    void *shared;        /* the workload's own, made by prepare */
};

/* One worker. It is played by one thread at a time, although not always by the same one (see generation). */
struct bench_worker {
    const struct bench_plan *plan;
    unsigned index;                /* 0 .. threads - 1 */
    uint32_t random;               /* the last random number; the runner sets the first */
    void *state;                   /* the workload's own: state_bytes of zeros, unless prepare sets it */
    struct latency *latency;       /* where its calls' timings go; NULL: they are not timed */
    uint64_t live_requested_bytes; /* what this worker's blocks were asked for with, in bytes; set by finish */
};

/* A number of its own that a workload adds to the result. */
struct bench_figure {
    const char *name; /* as a JSON key: "degradation" */
    const char *text; /* for people */
    double value;
};
#define BENCH_MAX_FIGURES 4

/* The worker's next random number. */
static inline uint32_t worker_next(struct bench_worker *worker)
{
    return worker->random = bench_random_next(worker->random);
}

struct workload {
    const char *name;      /* as people type it; a trailing N stands for a number */
    const char *what;      /* one sentence */
    const char *operation; /* what one operation is */
    const char *source;    /* where it is described */
    /* operations after which a worker's thread dies and a new one goes on in its place; 0: never */
    uint64_t generation;
    unsigned threads_step; /* the number of workers must be a multiple of this */
    bool every_core;       /* by default one worker for each core, else threads_step workers */

    uint64_t minimum_parameter, maximum_parameter; /* of the number that N stands for; both 0: the name has none */

    /* How many operations of one worker take about a second, and how many bring it into its steady state: constants,
     * or, where they depend on the number in the name, functions. */
    uint64_t operations, warmup;
    uint64_t (*operations_of)(const struct bench_plan *);
    uint64_t (*warmup_of)(const struct bench_plan *);

    size_t state_bytes; /* of one worker's state, which the runner maps and touches */
    /* Maps and touches what else the run needs for itself. Called once, before any block is allocated. May be NULL. */
    void (*prepare)(struct bench_plan *, struct bench_worker *workers);
    /* Allocates what is there before the first operation, in the main thread; may be NULL. */
    void (*populate)(const struct bench_plan *, struct bench_worker *workers);
    /* The worker's next COUNT operations. Called by the thread that plays the worker. */
    void (*step)(struct bench_worker *, uint64_t count);
    /* The same operations, with each call of malloc and of free timed into the worker's latency. NULL: the workload
     * cannot do that. */
    void (*step_timed)(struct bench_worker *, uint64_t count);
    /* Checks the blocks that are left, adds them up in live_requested_bytes and frees them. Called by the worker's
     * thread, after the measurement. NULL: none are left. */
    void (*finish)(struct bench_worker *);
    /* Fills in figures of its own, at most BENCH_MAX_FIGURES; returns how many. May be NULL. */
    size_t (*figures)(const struct bench_plan *, const struct bench_worker *workers, struct bench_figure *figures);
};

extern const struct workload *const workloads[]; /* NULL at the end */

/* Finds the workload of NAME, as "larson", "ws8192" or, with a number of threads, "ws8192:2", and sets it, its
 * parameter and, where the name has one, the number of threads in PLAN. False: one line that says why, and what to do,
 * is in MESSAGE. */
bool workload_find(const char *name, struct bench_plan *plan, char *message, size_t size);

extern const struct workload workload_ws;
extern const struct workload workload_larson;
extern const struct workload workload_producer_consumer;
extern const struct workload workload_pipeline;
extern const struct workload workload_mstress;
extern const struct workload workload_batch_fifo;
extern const struct workload workload_batch_lifo;
extern const struct workload workload_cache_scratch;
extern const struct workload workload_cache_thrash;
extern const struct workload workload_realloc;
extern const struct workload workload_large;
extern const struct workload workload_short_threads;
extern const struct workload workload_idle_threads;
extern const struct workload workload_waiting_threads;
extern const struct workload workload_fragmentation;
extern const struct workload workload_phases;
extern const struct workload workload_key_value;
extern const struct workload workload_json;
extern const struct workload workload_after_peak;
extern const struct workload workload_degradation;

#endif
