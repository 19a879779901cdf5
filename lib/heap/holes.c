/* SPDX-License-Identifier: MIT */
#include "lib/heap/holes.h"

#include "lib/base/lock.h"
#include "lib/heap/shared.h"
#include "lib/profile/active.h"
#include "lib/space/pool.h"
#include "lib/space/purge_clock.h"
#include "lib/space/retention.h"

/* A thread looks at the holes for so many bytes that it has drained: a look takes the time of a few drains. */
#define BYTES_PER_LOOK ((size_t)256 << 10)

/* Of what is above the limit an eighth of the limit more goes, so that not every look finds a little. */
#define PURGE_MORE 8

/* A purge that gave less than this share of what was to go found blocks in nearly all pages: then walks are left out,
 * twice as many as the last time, since one over all slabs takes a millisecond. */
#define POOR_SHARE 4
#define SKIPPED_LOOKS_MOST 15
/* But not in a heap that has so many times more holes than memory in use: what is left of a peak goes quickly. */
#define MOSTLY_HOLES 2

static struct lock lock = LOCK_INITIALIZER;
/* All below: under `lock`. One thread looks at a time. */
static struct footprint footprint; /* of holes alone */
static struct retention retention = {.footprint = &footprint};
static uint64_t refaulted;     /* counts.refaulted_bytes of the shared heap at the last look */
static unsigned skipped_looks; /* without a walk after the last poor purge; 0: it was not poor */
static unsigned looks_to_skip; /* that are still to come */
/* Of each class, the blocks in use at the last walk over its slabs; of one that is not shared, in the heap of whoever
 * walked: then it is a hint. */
static int64_t walked_allocated[SIZE_CLASSES_MAX];

/* A class of which so large a share of the blocks has gone since the last walk is walked over whatever is left out: the
 * last few blocks of a size that is out of use hold nearly all of its pages, and few drains come with them. */
#define GONE_SHARE 4

/* Bytes of blocks of CLASS, a shared one, that somebody has had, that lie in slabs and have memory behind them. */
static uint64_t shared_holes(unsigned class)
{
    int64_t touched = atomic_load_explicit(&shared_heap.touched[class], memory_order_relaxed);
    int64_t free_blocks = touched - heap_allocated(&shared_heap, class);
    int64_t purged = atomic_load_explicit(&shared_heap.purged[class], memory_order_relaxed);
    int64_t bytes = free_blocks * (int64_t)size_classes[class].size - purged;
    return bytes > 0 ? (uint64_t)bytes : 0;
}

/* The same of a class in slabs of the thread's own, or a little more: nobody counts what was touched there. */
static uint64_t own_holes(const struct heap *own, unsigned class)
{
    int64_t bytes =
        (int64_t)heap_slab_bytes(own, class) - heap_allocated(own, class) * (int64_t)size_classes[class].size;
    return bytes > 0 ? (uint64_t)bytes : 0;
}

struct sums {
    uint64_t in_use, holes, own_holes; /* bytes */
};

static struct sums add_up(const struct heap *own)
{
    struct sums sums = {0};
    for (unsigned class = 0; class < size_class_count; class ++) {
        int64_t allocated = heap_allocated(heap_shares(class) ? &shared_heap : own, class);
        sums.in_use += allocated > 0 ? (uint64_t)allocated * size_classes[class].size : 0;
        if (heap_shares(class))
            sums.holes += shared_holes(class);
        else
            sums.own_holes += own_holes(own, class);
    }
    sums.own_holes -= size_minimum(own->own_purged, sums.own_holes);
    sums.holes += sums.own_holes;
    return sums;
}

struct purge {
    uint64_t wanted, purged; /* bytes; of classes that were walked over */
};

/* Each class gives its part of BYTES, as its holes are a part of all; ALL: not only those that a quarter of the blocks
 * has gone of. */
static struct purge purge(struct heap *own, uint64_t bytes, const struct sums *sums, bool all)
{
    struct purge done = {0};
    for (unsigned class = 0; class < size_class_count; class ++) {
        bool shared = heap_shares(class);
        uint64_t holes = shared ? shared_holes(class) : own_holes(own, class);
        uint64_t part = (holes >> 10) * (bytes >> 10) / size_maximum(sums->holes >> 10, 1) << 10;
        int64_t allocated = heap_allocated(shared ? &shared_heap : own, class);
        if (part == 0 || (!all && allocated > walked_allocated[class] - walked_allocated[class] / GONE_SHARE))
            continue;
        walked_allocated[class] = allocated;
        done.wanted += part;
        done.purged += shared ? shared_purge_holes(class, part) : heap_purge_holes(own, class, part);
    }
    return done;
}

static void note_refaults(uint64_t now)
{
    uint64_t total = atomic_load_explicit(&shared_heap.counts.refaulted_bytes, memory_order_relaxed);
    if (retention_watches(&retention))
        retention_refaulted(&retention, total - refaulted, now);
    refaulted = total;
}

/* So many bytes of holes stay in any case: a small heap whose blocks come and go at random uses its holes again before
 * long, and would pay for each with a page fault. */
#define HOLES_LEAST ((uint64_t)24 << 20)

/* Bytes of holes that may stay beside memory of slabs that is retained as a whole. */
static uint64_t may_stay(uint64_t in_use)
{
    uint64_t least = HAK_PROFILE(purge_holes) != 0 ? HOLES_LEAST : 0,
             keep = size_maximum(HAK_PROFILE(purge_keep), least),
             retained = size_minimum(pool_slab_retained_bytes(), keep);
    return size_maximum(keep - retained, in_use * HAK_PROFILE(purge_holes) / 100) +
           size_minimum(retention.earned, size_maximum(in_use, least));
}

/* Under `lock`. */
static void look(struct heap *own)
{
    uint64_t now = purge_clock();
    struct sums sums = add_up(own);
    uint64_t in_use = sums.in_use, all = sums.holes;
    note_refaults(now);
    uint64_t most = may_stay(in_use);
    if (all <= most)
        return;
    uint64_t bytes = size_minimum(all - most + most / PURGE_MORE, all);
    bool all_classes = looks_to_skip == 0;
    struct purge done = purge(own, bytes, &sums, all_classes);
    retention_released(&retention, done.purged, now);
    bool poor = done.purged < done.wanted / POOR_SHARE && all < in_use * MOSTLY_HOLES;
    if (all_classes)
        skipped_looks = poor ? (unsigned)size_minimum(2 * skipped_looks + 1, SKIPPED_LOOKS_MOST) : 0;
    looks_to_skip = all_classes ? skipped_looks : looks_to_skip - 1;
}

static void look_in_turn(struct heap *own)
{
    if (HAK_PROFILE(purge_policy) == HAK_PURGE_NEVER || HAK_PROFILE(purge_holes) >= HAK_PURGE_HOLES_NEVER)
        return;
    lock_take(&lock);
    look(own);
    lock_release(&lock);
}

void holes_note_drain(struct heap *own, size_t bytes)
{
    own->drained_bytes += bytes;
    if (LIKELY(own->drained_bytes < BYTES_PER_LOOK))
        return;
    own->drained_bytes = 0;
    if (pool_slab_bytes() > HAK_PROFILE(purge_keep)) /* else there cannot be as many holes */
        look_in_turn(own);
}

size_t holes_purge_all(struct heap *own)
{
    size_t purged = 0;
    for (unsigned class = 0; class < size_class_count; class ++)
        purged += heap_shares(class) ? shared_purge_holes(class, SIZE_MAX) : heap_purge_holes(own, class, SIZE_MAX);
    return purged;
}

void holes_lock(void)
{
    lock_take(&lock);
}

void holes_unlock(void)
{
    lock_release(&lock);
}

void holes_reset_lock(void)
{
    lock_reset(&lock);
}
