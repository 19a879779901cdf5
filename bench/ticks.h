/* SPDX-License-Identifier: MIT */
/* The finest clock that a thread can read without a system call: the time-stamp counter of x86-64, the generic timer of
 * aarch64, elsewhere CLOCK_MONOTONIC. Its ticks have a constant length; how long, and what the two readings themselves
 * take, is measured.
 *
 * What is timed stands between ticks_start() and ticks_stop() of one thread. Both are fenced: everything before the
 * start is done before it is read, nothing of what is timed begins earlier, and all of it is done before the stop is
 * read, though a write may still wait for its cache line. (Intel, How to benchmark code execution times on IA-32 and
 * IA-64, 2010; lfence in the place of cpuid, which a virtual machine traps.) */
#ifndef BENCH_TICKS_H
#define BENCH_TICKS_H

#include <stdint.h>

#if defined __x86_64__

#define TICKS_SOURCE "the time-stamp counter"

static inline uint64_t ticks_start(void)
{
    uint32_t low, high;
    __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

static inline uint64_t ticks_stop(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtscp\n\tlfence" : "=a"(low), "=d"(high) : : "rcx", "memory");
    return (uint64_t)high << 32 | low;
}

#elif defined __aarch64__

#define TICKS_SOURCE "the generic timer"

static inline uint64_t ticks_start(void)
{
    uint64_t now;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(now) : : "memory");
    return now;
}

static inline uint64_t ticks_stop(void)
{
    return ticks_start();
}

#else
#include <time.h>

#define TICKS_SOURCE "CLOCK_MONOTONIC"

static inline uint64_t ticks_start(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t ticks_stop(void)
{
    return ticks_start();
}

#endif

/* What a difference of two readings means. */
struct ticks {
    double ns;     /* length of a tick */
    uint64_t step; /* ticks by which it moves on; a virtual machine's counter may skip some */
    uint64_t cost; /* ticks between a start and a stop with nothing in between: the median */
};

/* Measures all three; takes 20 ms and does not allocate. */
void ticks_calibrate(struct ticks *);

/* Ticks from START to STOP, the cost of reading them included. Never below 0, as the difference of two processors'
 * counters may be. */
static inline uint64_t ticks_between(uint64_t start, uint64_t stop)
{
    return stop > start ? stop - start : 0;
}

#endif
