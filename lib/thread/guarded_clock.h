/* SPDX-License-Identifier: MIT */
/* What a thread cache keeps for guarded sampling (security.guarded): which of its holder's mallocs is guarded next.
 * guarded/choose.c works with it. Below: the profile. */
#ifndef HAK_THREAD_GUARDED_CLOCK_H
#define HAK_THREAD_GUARDED_CLOCK_H

#include "lib/profile/active.h"

#include <stdbool.h>
#include <stdint.h>

/* One in so many allocations, and more: every malloc is counted, and so takes its slow path. Where fewer are guarded
 * windows are counted alone. */
#define GUARDED_COUNTED_MOST 1000

static inline bool guarded_clock_counts_all(void)
{
    return HAK_PROFILE(security_guarded) != 0 && HAK_PROFILE(security_guarded) <= GUARDED_COUNTED_MOST;
}

/* All fields are the holder's. */
struct guarded_clock {
    uint64_t random;     /* state; 0 before the first use */
    uint64_t count_down; /* mallocs to the next one that is guarded, where all are counted */
    uint64_t look_at;    /* ticks of the processor: nothing is due before */
    uint64_t opened;     /* when the last window was opened, in nanoseconds that the thread has run */
    uint64_t due;        /* such nanoseconds from there to the next one */
    uint64_t spent;      /* of those in the window, for guarded blocks and for looking at the time */
    double malloc_time;  /* such nanoseconds from one malloc to the next, as windows show it; 0: not known */
    uint32_t left;       /* mallocs in the window that is open; 0: none is */
    uint32_t strikes_at; /* that many are left behind the one that is guarded */
    uint32_t owed;       /* further windows at once */
    bool is_of_thread;   /* false: the cache has gone to another thread since */
};

#endif
