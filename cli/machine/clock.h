/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock that all of hakmem-tune goes by: CLOCK_MONOTONIC, in which progress pages count as well; and a nap for
 * polling. Any thread may call anything. Nothing is below. */
#ifndef HAK_MACHINE_CLOCK_H
#define HAK_MACHINE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S 1000000000ull
#define NS_PER_MS 1000000ull
#define NS_PER_US 1000ull

static inline uint64_t clock_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static inline double clock_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static inline struct timespec clock_timespec(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

/* Sleeps for NS nanoseconds, or less when a signal comes. */
static inline void clock_nap(uint64_t ns)
{
    struct timespec nap = clock_timespec(ns);
    nanosleep(&nap, NULL);
}

/* A clock that is given, so that a test can turn it. */
struct clock {
    double (*now)(void *context); /* seconds; that of race_options.deadline. NULL: clock_now_s() */
    void *context;
};

static inline double clock_read(const struct clock *clock)
{
    return clock->now ? clock->now(clock->context) : clock_now_s();
}

#endif
