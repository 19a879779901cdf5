/* SPDX-License-Identifier: MIT */
/* Huge pages for SuperSlabs whose slabs are filled: one by one, seldom enough that the copying takes little time. */
#include "lib/base/os.h"
#include "lib/profile/active.h"
#include "lib/space/huge.h"
#include "lib/space/pool_state.h"
#include "lib/space/purge_clock.h"

/* Filled SuperSlabs get huge pages one by one, so that the copying takes at most 2 % of the time: half a millisecond
 * each. A heap below COLLAPSE_FROM_BYTES lives well without. */
#define COLLAPSE_PERIOD_MS 32
#define COLLAPSE_FROM_BYTES ((uint64_t)8 << 20)
/* After so many refusals there is none any more. */
#define COLLAPSE_REFUSALS_MOST 4
static unsigned collapse_refusals; /* under the pool's lock */

/* Not after a fork: pages that parent and child share would be copied. */
static bool may_collapse(void)
{
    return pool.heaps[SLABS].used_bytes >= COLLAPSE_FROM_BYTES && HAK_PROFILE(pages_huge) == HAK_HUGE_AUTO &&
           collapse_refusals < COLLAPSE_REFUSALS_MOST && huge_pages_for_superslabs() &&
           !os_huge_pages_are_switched_off();
}

void pool_collapse_later(void)
{
    if (pool.collapse_due == 0 && may_collapse())
        pool.collapse_due = purge_clock() + COLLAPSE_PERIOD_MS;
}

/* Where no filled SuperSlab was found, the next is looked for when another slab has been taken. */
static void collapse_one(uint64_t now)
{
    bool refused = false, found = may_collapse() && page_heap_make_filled_huge(&pool.heaps[SLABS], &refused);
    collapse_refusals += refused;
    pool.collapse_due = found ? now + COLLAPSE_PERIOD_MS : 0;
}

void pool_collapse_due(uint64_t now)
{
    if (pool.collapse_due != 0 && now >= pool.collapse_due)
        collapse_one(now);
}

void pool_note_fork(void)
{
    collapse_refusals = COLLAPSE_REFUSALS_MOST;
}
