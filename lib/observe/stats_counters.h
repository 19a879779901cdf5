/* SPDX-License-Identifier: MIT */
/* Every counter of struct hak_stats by its name, so that no form in which they are written can drift apart from the
 * structure. Constant. Nothing is below. */
#ifndef HAK_OBSERVE_STATS_COUNTERS_H
#define HAK_OBSERVE_STATS_COUNTERS_H

#include "lib/base/compiler.h"

#include <hakmem/hakmem.h>

/* The names lie in the table: pointers to them would be relocated at each start, into memory of the process. */
struct stats_counter {
    char name[32];
    size_t offset;
};
extern HIDDEN const struct stats_counter stats_counters[];
extern HIDDEN const size_t stats_counter_count;

COLD uint64_t stats_counter_value(const struct hak_stats *stats, size_t index);

#endif
