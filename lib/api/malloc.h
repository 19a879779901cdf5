/* SPDX-License-Identifier: MIT */
/* malloc: the fast path, on one screen. What it does not do itself it leaves to malloc_slow. Below: thread_cache. */
#ifndef HAK_API_MALLOC_H
#define HAK_API_MALLOC_H

#include "lib/thread/thread_cache.h"

/* Everything but a small block from a stack that has one. Sets errno to ENOMEM where it returns NULL. */
void *malloc_slow(size_t size);

/* SIZE bytes at a multiple of ALIGNMENT, a power of two, in a block of the size class for that, or a large one; NULL,
 * without setting errno, if memory is refused. CLEARED: the caller is going to clear it. *ZEROED says whether it is
 * known to read as zeros. */
void *malloc_exact(size_t size, size_t alignment, bool cleared, bool *zeroed);

static ALWAYS_INLINE void *malloc_fast(size_t size)
{
    if (UNLIKELY(size > SMALL_MAX_BYTES))
        return malloc_slow(size);
    unsigned class = size_class_to_pop(size);
    struct thread_cache *cache = thread_cache_of_thread;
    void **top = atomic_load_explicit(&cache->hot.top[class], memory_order_relaxed);
    void *block = top[-1];
    if (UNLIKELY(block == NULL)) /* the bottom of every stack */
        return malloc_slow(size);
    prefetch_for_write(top[-2]); /* the next one: nobody may have touched it for long. At the bottom, NULL */
    atomic_store_explicit(&cache->hot.top[class], top - 1, memory_order_relaxed);
    return block;
}

#endif
