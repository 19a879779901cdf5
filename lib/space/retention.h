/* SPDX-License-Identifier: MIT */
/* How much memory that holds no block may stay with the process (retained memory), and how long.
 *
 * Two limits. Retained memory never raises the peak: memory in use and retained memory together stay below the ceiling,
 * which is the most that was in use, so a heap that grows releases what it retains, as far as that does not serve it.
 * And below the ceiling each kind of memory retains what the profile says (`keep`); what is above goes at once, so that
 * a peak is followed by a fall even in a program that then sleeps.
 *
 * The rest goes when it has waited for the delay. A program whose memory use oscillates would release and refault the
 * same memory in every cycle. Memory that is taken from the kernel within RETENTION_REFAULT_MS of a release is
 * therefore taken for the same memory (a refault): after a release at once it raises `keep` by twice its size, as far
 * as memory in use or many refaults speak for that, after a wait it lengthens the delay fourfold. What is retained and
 * not taken again lets both shrink, and lowers the ceiling.
 *
 * Nothing here locks: the pool calls all of it under its own lock. Nothing is below. */
#ifndef HAK_SPACE_RETENTION_H
#define HAK_SPACE_RETENTION_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/* Memory that is taken within a second of its release was released too early. */
#define RETENTION_REFAULT_MS 1000
/* The delay is at most 2^4 times the profile's. */
#define RETENTION_DELAY_SHIFT_MOST 4
/* What refaults add to `keep` at most: a program that had two high peaks within a second, and then sleeps, would else
 * keep the second. */
#define RETENTION_EARNED_MOST ((uint64_t)256 << 20)
/* What refaults earned may be retained up to this share of the memory in use, or as much as `keep` once more; above
 * that as far as it is proven. A program that needed much memory a few times, and needs little now, does not retain it.
 */
#define RETENTION_UNPROVEN_SHARE 2
/* A refault proves this share of its bytes: memory that oscillates is proven after a few more cycles. */
#define RETENTION_PROOF_SHARE 4
#define RETENTION_NEARLY_PROVEN 8
/* How far memory in use and retained memory may exceed the ceiling: a share of it, and at least some pages, so that not
 * every run that is taken releases a page elsewhere. */
#define RETENTION_SLACK_SHARE 32
#define RETENTION_SLACK_LEAST (2 * PAGE_BYTES)
/* Refaults add to that slack up to this share of the ceiling, as long as the ceiling stands still: such a program needs
 * the same memory in other pieces. One that grows loses it again, so many times as fast. */
#define RETENTION_SLACK_EARNED_SHARE 4
#define RETENTION_SLACK_LOSS 16

/* All memory of the process. */
struct footprint {
    uint64_t used;                    /* bytes that are handed out */
    uint64_t retained;                /* bytes with memory behind them that are not */
    uint64_t ceiling;                 /* bytes: the most that was used, or what is left of it */
    uint64_t slack;                   /* bytes that refaults add to what may be above it */
    uint64_t proven;                  /* bytes of what refaults earned that may be retained whatever is in use */
    uint64_t released, released_time; /* bytes released for it and not taken again; purge_clock of the last time */
};

/* A program that grows does not need the same memory again. */
static inline void footprint_raise(struct footprint *footprint)
{
    uint64_t rise = footprint->used - footprint->ceiling;
    footprint->slack -= size_minimum(RETENTION_SLACK_LOSS * rise, footprint->slack);
    footprint->proven -= size_minimum(rise, footprint->proven);
    footprint->ceiling = footprint->used;
}

/* Bytes of retained memory that have to go, since the footprint would exceed its ceiling. */
static inline uint64_t footprint_excess(struct footprint *footprint)
{
    if (footprint->used > footprint->ceiling)
        footprint_raise(footprint);
    uint64_t slack = size_maximum(footprint->ceiling / RETENTION_SLACK_SHARE, RETENTION_SLACK_LEAST) + footprint->slack;
    uint64_t most = footprint->ceiling + slack, all = footprint->used + footprint->retained;
    return all > most ? size_minimum(all - most, footprint->retained) : 0;
}

/* BYTES were released, so that the ceiling holds. */
static inline void footprint_released(struct footprint *footprint, uint64_t bytes, uint64_t now)
{
    footprint->released += bytes;
    footprint->released_time = now;
}

/* BYTES that were released are taken again. */
static inline void footprint_refaulted(struct footprint *footprint, uint64_t bytes, uint64_t now)
{
    if (now - footprint->released_time >= RETENTION_REFAULT_MS)
        footprint->released = 0;
    uint64_t again = size_minimum(bytes, footprint->released);
    footprint->released -= again;
    footprint->slack = size_minimum(footprint->slack + again, footprint->ceiling / RETENTION_SLACK_EARNED_SHARE);
}

/* A kind of memory has earned more by BYTES that were taken again. */
static inline void footprint_prove(struct footprint *footprint, uint64_t bytes)
{
    footprint->proven = size_minimum(footprint->proven + bytes / RETENTION_PROOF_SHARE, RETENTION_EARNED_MOST);
}

/* Retained memory has gone because it was not needed: so the program does not need its ceiling any more. */
static inline void footprint_settle(struct footprint *footprint)
{
    footprint->ceiling = size_minimum(footprint->ceiling, footprint->used + footprint->retained);
    footprint->slack /= 2;
    footprint->proven /= 2;
}

/* What is above the ceiling cannot go. */
static inline void footprint_accept(struct footprint *footprint)
{
    footprint->ceiling = footprint->used + footprint->retained;
}

/* One kind of memory: small blocks' or large ones'. */
struct retention {
    struct footprint *footprint;      /* const: of all kinds */
    uint64_t bytes;                   /* retained of this kind; part of footprint->retained */
    uint64_t earned;                  /* bytes that refaults add to the profile's keep */
    uint64_t released, released_time; /* bytes released at once and not taken again; purge_clock of the last time */
    uint64_t aged, aged_time;         /* the same after a wait */
    uint64_t refaulted;               /* bytes of `aged` that were taken again */
    unsigned delay_shift;             /* the delay is 2^delay_shift times the profile's */
};

/* BYTES are retained from now on, or are not any more if negative. */
static inline void retention_add(struct retention *retention, int64_t bytes)
{
    retention->bytes += (uint64_t)bytes;
    retention->footprint->retained += (uint64_t)bytes;
}

/* Bytes of this kind above what the profile's KEEP and refaults allow; all, where it keeps nothing. What is little more
 * than proven stays: else the last part of memory that oscillates would never be proven. */
static inline uint64_t retention_excess(const struct retention *retention, uint64_t keep)
{
    if (keep == 0 || retention->bytes <= keep)
        return keep == 0 ? retention->bytes : 0;
    const struct footprint *footprint = retention->footprint;
    uint64_t proven = footprint->proven, above = retention->bytes - keep;
    uint64_t unproven = size_maximum(footprint->used / RETENTION_UNPROVEN_SHARE, keep);
    if (above <= size_minimum(retention->earned, size_maximum(unproven, proven + proven / RETENTION_NEARLY_PROVEN)))
        return 0;
    return above - size_minimum(retention->earned, size_maximum(unproven, proven));
}

/* BYTES were released because they were above a limit. */
static inline void retention_released(struct retention *retention, uint64_t bytes, uint64_t now)
{
    if (bytes == 0)
        return;
    retention->released += bytes;
    retention->released_time = now;
}

/* BYTES were released after their wait. */
static inline void retention_aged(struct retention *retention, uint64_t bytes, uint64_t now)
{
    if (bytes == 0)
        return;
    retention->earned -= size_minimum(bytes / 2, retention->earned);
    if (now - retention->aged_time >= RETENTION_REFAULT_MS) {
        retention->delay_shift -= retention->delay_shift > 0;
        retention->aged = retention->refaulted = 0;
    }
    retention->aged += bytes;
    retention->aged_time = now;
}

/* Whether anything was released that may be taken again: else retention_refaulted need not be called. */
static inline bool retention_watches(const struct retention *retention)
{
    return (retention->released | retention->aged | retention->footprint->released) != 0;
}

/* BYTES that were released are taken again. */
static inline void retention_refaulted(struct retention *retention, uint64_t bytes, uint64_t now)
{
    footprint_refaulted(retention->footprint, bytes, now);
    if (now - retention->released_time >= RETENTION_REFAULT_MS)
        retention->released = 0;
    uint64_t again = size_minimum(bytes, retention->released);
    retention->released -= again;
    retention->earned = size_minimum(retention->earned + 2 * again, RETENTION_EARNED_MOST);
    footprint_prove(retention->footprint, again);
    if (now - retention->aged_time >= RETENTION_REFAULT_MS)
        retention->aged = 0;
    again = size_minimum(bytes, retention->aged);
    retention->aged -= again;
    retention->refaulted += again;
    if (again != 0 && retention->refaulted >= retention->aged) {
        retention->delay_shift = (unsigned)size_minimum(retention->delay_shift + 2, RETENTION_DELAY_SHIFT_MOST);
        retention->aged = retention->refaulted = 0;
    }
}

#endif
