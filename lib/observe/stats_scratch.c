/* SPDX-License-Identifier: MIT */
#include "lib/observe/stats_scratch.h"

#include "lib/base/os.h"

#include <stdatomic.h>

/* There when memory is short, which is when statistics are asked for. Who finds it taken (in a signal handler, by
 * another thread, or by one that was when this process was forked) maps memory of its own. */
static struct stats_scratch reserve;
static atomic_flag reserve_is_taken =
    ATOMIC_FLAG_INIT; /* acquire and release: who takes it next writes after the last */

struct stats_scratch *stats_scratch_take(void)
{
    if (!atomic_flag_test_and_set_explicit(&reserve_is_taken, memory_order_acquire))
        return &reserve;
    return os_map(round_up(sizeof(struct stats_scratch), PAGE_BYTES));
}

void stats_scratch_give(struct stats_scratch *scratch)
{
    if (scratch == &reserve)
        atomic_flag_clear_explicit(&reserve_is_taken, memory_order_release);
    else
        os_unmap(scratch, round_up(sizeof(struct stats_scratch), PAGE_BYTES));
}
