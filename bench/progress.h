/* SPDX-License-Identifier: MIT */
/* The shared progress page: how a running workload tells a measuring parent how far it is, and how the parent tells it
 * how long it stood still.
 *
 * The parent makes a memfd of sizeof(struct bench_progress) bytes, leaves it open across exec, and names its descriptor
 * number in the environment variable HAKMEM_PROGRESS_FD. The workload maps it. Without the variable a workload runs the
 * same and publishes nothing.
 *
 * Times are "active" nanoseconds, so that a workload's own account holds even though it is stopped for most of the
 * time. With one thread (the main thread: a second one would only wait for it) they are its CLOCK_THREAD_CPUTIME_ID,
 * which also leaves out what other programs took from it: BENCH_CLOCK_PROCESSOR. With several, which wait for each
 * other, they are CLOCK_MONOTONIC less `stopped_ns`, which the parent raises before each SIGCONT: BENCH_CLOCK_ACTIVE.
 * Read stopped_ns before and after that clock, and again when it has changed: the thread was stopped in between.
 * Writers: the workload writes everything but stopped_ns and what is the parent's from before the start, each thread
 * its own row; `reached` is stored with release after the time it announces, and read with acquire. */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_PROGRESS_ENV "HAKMEM_PROGRESS_FD"
#define BENCH_PROGRESS_MAGIC 0x68616b70726f6731ull /* "hakprog1" */
#define BENCH_PROGRESS_VERSION 2
#define BENCH_PROGRESS_THREADS 64 /* rows; a workload with more worker threads publishes the first 64 */
#define BENCH_PROGRESS_MILESTONES \
    400 /* equal parts of each thread's measured work: a part of a 1 s run is 2.5 ms, half a time slice */

enum bench_clock { BENCH_CLOCK_ACTIVE, BENCH_CLOCK_PROCESSOR };
/* Percentiles of the calls of an allocator, each the worse one of two: of malloc with the first write into the block,
 * and of free. From 99.9 % on without interruptions of the machine (call_latency.h). */
enum bench_latency { BENCH_LATENCY_P50, BENCH_LATENCY_P99, BENCH_LATENCY_P999, BENCH_LATENCY_P9999, BENCH_LATENCIES };
enum bench_phase { BENCH_STARTING, BENCH_WARMING_UP, BENCH_MEASURING, BENCH_DONE };

struct bench_progress_thread {
    _Alignas(64) _Atomic uint32_t reached; /* milestones passed; milestone 0 is the start of the measured work */
    uint64_t active_ns[BENCH_PROGRESS_MILESTONES + 1]; /* active time at each milestone passed */
};

struct bench_progress {
    uint64_t magic;              /* parent, before the start: BENCH_PROGRESS_MAGIC */
    _Atomic uint64_t stopped_ns; /* parent: total time for which the workload was stopped, up to the last SIGCONT */
    _Atomic uint32_t phase;      /* enum bench_phase */
    _Atomic uint32_t clock;      /* enum bench_clock: what active_ns counts; set before the first milestone */
    _Atomic uint32_t threads;    /* worker threads that publish (rows in use) */
    _Atomic uint64_t ops_per_milestone;   /* operations between two milestones, for each thread */
    _Atomic uint64_t peak_resident_bytes; /* of the workload's own process, as it saw it at the end; 0: not known */
    struct bench_progress_thread thread[BENCH_PROGRESS_THREADS];

    /* From version 2 on. A page of version 1 ends here: a file of fewer bytes than this struct has is one. */
    uint32_t version;               /* parent, before the start: BENCH_PROGRESS_VERSION */
    uint32_t wants_latency;         /* parent, before the start: time each call, where the workload can */
    _Atomic uint32_t latency_known; /* stored with release after what it announces, and read with acquire */
    double latency_ns[BENCH_LATENCIES];
};

#define BENCH_PROGRESS_BYTES_OF_VERSION_1 offsetof(struct bench_progress, version)

#endif
