/* SPDX-License-Identifier: MIT */
/* Cache and TLB miss rates of the whole program, from the processor's counters where it has them and the kernel lets us
 * read them. Opened only when HAKMEM_STATS asks for all statistics at exit: counters are few, and belong to whoever
 * measures. Below: nothing. */
#ifndef HAK_OBSERVE_MISS_RATES_H
#define HAK_OBSERVE_MISS_RATES_H

#include "lib/base/compiler.h"

enum miss_rate { MISS_RATE_CACHE, MISS_RATE_TLB, MISS_RATES };

/* Starts counting, in this thread and those that it starts. Before any other thread. */
COLD void miss_rates_open(void);

/* Whether somebody has started it. */
COLD bool miss_rates_are_wanted(void);

/* Misses as a share of accesses, 0 to 1; negative where this machine does not count them or nobody opened the counters.
 */
COLD double miss_rates_read(enum miss_rate rate);

#endif
