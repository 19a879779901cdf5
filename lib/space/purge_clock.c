/* SPDX-License-Identifier: MIT */
#include "lib/space/purge_clock.h"

#include "lib/base/compiler.h"
#include "lib/base/os.h"

#include <stdatomic.h>

/* Relaxed: no other data hangs on them. Who moves `seen` adds what has passed; who reads in between sees the time
 * before. */
static _Atomic uint64_t seen;       /* os_milliseconds of the last reading */
static _Atomic uint64_t active = 1; /* the time */

uint64_t purge_clock(void)
{
    uint64_t now = os_milliseconds(), last = atomic_load_explicit(&seen, memory_order_relaxed);
    if (LIKELY(now <= last) ||
        !atomic_compare_exchange_strong_explicit(&seen, &last, now, memory_order_relaxed, memory_order_relaxed))
        return atomic_load_explicit(&active, memory_order_relaxed);
    uint64_t passed = size_minimum(now - last, PURGE_CLOCK_PAUSE_MS);
    return atomic_fetch_add_explicit(&active, passed, memory_order_relaxed) + passed;
}
