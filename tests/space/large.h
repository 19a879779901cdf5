/* SPDX-License-Identifier: MIT */
/* Large blocks under test, each of which begins with nothing retained. */
#ifndef TESTS_SPACE_LARGE_H
#define TESTS_SPACE_LARGE_H

#include "lib/profile/active.h"
#include "lib/space/large.h"
#include "lib/space/pool.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#define MIB ((size_t)1 << 20)

static inline struct pool_counts of_pool(void)
{
    struct pool_counts counts;
    pool_count(&counts, false);
    return counts;
}

static inline void *take(size_t bytes)
{
    bool zeroed;
    void *block = large_take(bytes, PAGE_BYTES, false, &zeroed);
    assert_non_null(block);
    assert_true(large_usable(block, "test") >= bytes);
    return block;
}

static inline int setup(void **state)
{
    (void)state;
    hak_free(hak_malloc(1)); /* starts the allocator */
    pool_purge_all(0);
    hak_active_profile.purge_delay = 3600 * 1000;
    return 0;
}

#endif
