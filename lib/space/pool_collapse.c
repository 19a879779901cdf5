/* SPDX-License-Identifier: MIT */
/* Huge pages for SuperSlabs whose slabs are filled: one by one, seldom enough that the copying takes little time. */
#include "lib/base/os.h"
#include "lib/profile/active.h"
#include "lib/space/huge.h"
#include "lib/space/pool_state.h"
#include "lib/space/purge_clock.h"

/* Filled SuperSlabs get huge pages one by one, so that making them takes at most 4 % of the time: half a millisecond of
 * copying each as a rule. But the kernel first waits until each processor has emptied its lists of pages, and where
 * others keep one busy that may take 400 ms: then the next is not made for so many times what this one took. A heap
 * below COLLAPSE_FROM_BYTES lives well without. */
#define COLLAPSE_PERIOD_MS 16
#define COLLAPSE_PERIOD_TIMES 24
#define COLLAPSE_FROM_BYTES ((uint64_t)8 << 20)
/* After so many refusals there is none any more. */
#define COLLAPSE_REFUSALS_MOST 4
static unsigned collapse_refusals; /* under the pool's lock */

/* Slabs may fill long after they were taken. Where no filled SuperSlab was found, the next search comes after twice as
 * long as the last time, until another slab is taken. */
#define SEARCH_PERIOD_MOST_MS 1024
static uint64_t search_period = COLLAPSE_PERIOD_MS; /* under the pool's lock */
/* purge_clock until which none is made: huge pages were broken up, since most of their blocks were freed, and the next
 * ones would be; or making one took long. Under the pool's lock. */
static uint64_t resting_until;

/* There is no huge page with a guard page in it. */
static bool may_collapse(void)
{
    return !HAK_PROFILE(security_guard_pages) && count_read(&pool.heaps[SLABS].used_bytes) >= COLLAPSE_FROM_BYTES &&
           HAK_PROFILE(pages_huge) == HAK_HUGE_AUTO && collapse_refusals < COLLAPSE_REFUSALS_MOST &&
           huge_pages_for_superslabs() && !os_huge_pages_are_switched_off();
}

void pool_collapse_later(void)
{
    if (pool.collapse_due != 0 && (search_period == COLLAPSE_PERIOD_MS || purge_clock() < resting_until))
        return;
    search_period = COLLAPSE_PERIOD_MS;
    pool.collapse_due = may_collapse() ? purge_clock() + search_period : 0;
}

static void rest_for(uint64_t milliseconds)
{
    resting_until = size_maximum(resting_until, purge_clock() + milliseconds);
    pool.collapse_due = resting_until;
}

void pool_collapse_rest(void)
{
    search_period = SEARCH_PERIOD_MOST_MS;
    rest_for(search_period);
}

uint64_t pool_collapse_pause(uint64_t microseconds)
{
    return size_maximum(COLLAPSE_PERIOD_MS, microseconds * COLLAPSE_PERIOD_TIMES / 1000);
}

static void collapse_one(uint64_t now)
{
    uint64_t begun = os_microseconds();
    bool refused = false, found = page_heap_make_filled_huge(&pool.heaps[SLABS], &refused);
    uint64_t pause = pool_collapse_pause(os_microseconds() - begun);
    collapse_refusals += refused;
    search_period = found ? COLLAPSE_PERIOD_MS : size_minimum(2 * search_period, SEARCH_PERIOD_MOST_MS);
    pool.collapse_due = now + search_period;
    if (pause > COLLAPSE_PERIOD_MS)
        rest_for(pause);
}

void pool_collapse_due(uint64_t now)
{
    if (pool.collapse_due == 0 || now < pool.collapse_due)
        return;
    pool.collapse_due = 0;
    if (may_collapse())
        collapse_one(now);
}
