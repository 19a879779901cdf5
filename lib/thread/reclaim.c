/* SPDX-License-Identifier: MIT */
#include "lib/thread/reclaim.h"

#include "lib/heap/shared.h"
#include "lib/space/large.h"
#include "lib/space/pool.h"
#include "lib/thread/detach.h"
#include "lib/thread/held_cache.h"

/* What the heaps hold empty, the last slab of each class as well: its pages may do for others. Then all mappings that
 * are empty, since the kernel counts addresses. */
static bool reclaim_empty(void)
{
    struct thread_cache *cache = held_cache;
    bool own = cache != THREAD_CACHE_NONE && heap_reclaim(&cache->heap);
    bool shared = shared_reclaim(), large = large_reclaim();
    return pool_reclaim() != 0 || own || shared || large;
}

/* The thread's own stacks: a block in one keeps its slab from becoming empty. */
static bool reclaim_stacks(void)
{
    struct thread_cache *cache = held_cache;
    if (cache == THREAD_CACHE_NONE)
        return false;
    thread_cache_drain_all(cache);
    return reclaim_empty();
}

/* What is kept of threads that ended: the next one will have to begin anew. */
static bool reclaim_kept(void)
{
    if (!detach_reclaim())
        return false;
    reclaim_empty();
    return true;
}

bool reclaim_next(unsigned *step)
{
    switch ((*step)++) {
    case 0:
        return reclaim_empty() || reclaim_next(step);
    case 1:
        return reclaim_stacks() || reclaim_next(step);
    case 2:
        return reclaim_kept();
    default:
        return false;
    }
}
