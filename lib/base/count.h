/* SPDX-License-Identifier: MIT */
/* Counters for the statistics: one thread at a time writes, as holder of a lock or as the owner; any thread, and any
 * signal handler, reads. Relaxed: nothing hangs on them, and each value is right at some moment. Nothing is below. */
#ifndef HAK_BASE_COUNT_H
#define HAK_BASE_COUNT_H

#include <stdatomic.h>
#include <stdint.h>

static inline uint64_t count_read(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static inline void count_set(_Atomic uint64_t *counter, uint64_t value)
{
    atomic_store_explicit(counter, value, memory_order_relaxed);
}

/* Adds MORE; less, where it is a negative number's two's complement. No locked instruction is needed. */
static inline void count_add(_Atomic uint64_t *counter, uint64_t more)
{
    count_set(counter, count_read(counter) + more);
}

#endif
