/* SPDX-License-Identifier: MIT */
#include "lib/space/purge.h"

#include "lib/space/large.h"
#include "lib/space/pool.h"

void purge_tick(void)
{
    pool_purge_due();
    large_purge_due();
}

size_t purge_all(size_t keep)
{
    struct large_counts large;
    large_count(&large, false);
    if (large.cached_bytes <= keep)
        return pool_purge_all(keep - large.cached_bytes);
    return large_purge_all() + pool_purge_all(keep);
}

bool purge_reclaim(void)
{
    size_t cached = large_purge_all();
    return pool_unmap_empty() + cached != 0;
}
