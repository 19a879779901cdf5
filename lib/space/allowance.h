/* SPDX-License-Identifier: MIT */
/* How much empty memory may wait for its purge, and how long: as the profile says, or more where a program takes again
 * what it has given back.
 *
 * What is above the allowed bytes goes back at once, so that a peak is followed by a fall even in a program that then
 * sleeps; the rest goes when it has waited. But a program whose need goes up and down within a second would pay for
 * every fall at the next rise. So when memory that went at once is taken again soon, twice as much more is allowed,
 * within a bound; and when half of what had waited is taken again soon, the next wait is four times as long. What is
 * not taken again lets both shrink.
 *
 * Nothing here locks: whoever owns an allowance calls all of it under a lock. Nothing is below. */
#ifndef HAK_SPACE_ALLOWANCE_H
#define HAK_SPACE_ALLOWANCE_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/* Memory that is taken within a second of having been given back was given back too early. */
#define ALLOWANCE_REGRET_MS 1000
/* The wait is at most 2^4 times the profile's. */
#define ALLOWANCE_PATIENCE_MOST 4

/* What regret may allow besides: without a bound a program that had two high peaks within a second, and then sleeps,
 * would keep the second, and one that turns from one kind of blocks to another and back would keep a peak of each. */
#define ALLOWANCE_EXTRA_MOST ((uint64_t)256 << 20)

struct allowance {
    uint64_t extra; /* bytes above what the profile allows */
    /* bytes given back without a wait and not taken again; purge_clock of the last time */
    uint64_t at_once, at_once_time;
    uint64_t waited, waited_time; /* the same after a wait */
    uint64_t regretted;           /* bytes of `waited` that were taken again */
    unsigned patience;            /* the wait is 2^patience times the profile's */
};

/* BYTES were given back because they were above the allowance. */
static inline void allowance_gave(struct allowance *allowance, uint64_t bytes, uint64_t now)
{
    allowance->at_once += bytes;
    allowance->at_once_time = now;
}

/* BYTES were given back after their wait. */
static inline void allowance_gave_waited(struct allowance *allowance, uint64_t bytes, uint64_t now)
{
    if (bytes == 0)
        return;
    allowance->extra -= size_minimum(bytes / 2, allowance->extra);
    if (now - allowance->waited_time >= ALLOWANCE_REGRET_MS) {
        allowance->patience -= allowance->patience > 0;
        allowance->waited = allowance->regretted = 0;
    }
    allowance->waited += bytes;
    allowance->waited_time = now;
}

/* Whether anything was given back that may be taken again: else allowance_took need not be called. */
static inline bool allowance_watches(const struct allowance *allowance)
{
    return (allowance->at_once | allowance->waited) != 0;
}

/* BYTES are taken from the kernel. */
static inline void allowance_took(struct allowance *allowance, uint64_t bytes, uint64_t now)
{
    if (now - allowance->at_once_time >= ALLOWANCE_REGRET_MS)
        allowance->at_once = 0;
    uint64_t again = size_minimum(bytes, allowance->at_once);
    allowance->at_once -= again;
    allowance->extra = size_minimum(allowance->extra + 2 * again, ALLOWANCE_EXTRA_MOST);
    if (now - allowance->waited_time >= ALLOWANCE_REGRET_MS)
        allowance->waited = 0;
    again = size_minimum(bytes, allowance->waited);
    allowance->waited -= again;
    allowance->regretted += again;
    if (again != 0 && allowance->regretted >= allowance->waited) {
        allowance->patience = (unsigned)size_minimum(allowance->patience + 2, ALLOWANCE_PATIENCE_MOST);
        allowance->waited = allowance->regretted = 0;
    }
}

#endif
