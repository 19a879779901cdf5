/* SPDX-License-Identifier: MIT */
/* The pool under test: what its counts say, and a pool without memory. */
#ifndef TESTS_SPACE_POOL_H
#define TESTS_SPACE_POOL_H

#include "lib/profile/active.h"
#include "lib/space/pool.h"
#include "tests/base/child.h"
#include "tests/base/start_os.h"

static inline struct pool_counts counted(void)
{
    struct pool_counts counts;
    pool_count(&counts, false);
    return counts;
}

/* What every slow path does now and then. */
static inline void tick(void)
{
    pool_tick();
}

/* A run for a slab. */
static inline bool take_slab(size_t pages, struct page_run *run)
{
    return pool_take(pages, false, run);
}

/* One for a slab that will be filled, of a thread that has much. */
static inline bool take_dense_slab(size_t pages, struct page_run *run)
{
    return pool_take(pages, true, run);
}

/* So much was in use once. */
static inline void raise_ceiling(size_t bytes)
{
    pool_note_mapping((int64_t)bytes);
    pool_note_mapping(-(int64_t)bytes);
}

static inline void nothing_mapped(void)
{
    pool_reclaim();
    assert_int_equal(counted().superslabs, 0);
    assert_int_equal(counted().mapped_bytes, 0);
}

#endif
