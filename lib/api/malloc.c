#include "lib/api/malloc.h"

#include "lib/base/bootstrap_arena.h"
#include "lib/space/large.h"
#include "lib/thread/life.h"

#include <hakmem/hakmem.h>

#include <errno.h>

/* Pops, or refills and pops. */
static void *take_cached(struct thread_cache *cache, unsigned class)
{
    void **top = atomic_load_explicit(&cache->hot.top[class], memory_order_relaxed);
    void *block = top[-1];
    if (block == NULL)
        return thread_cache_refill(cache, class);
    atomic_store_explicit(&cache->hot.top[class], top - 1, memory_order_relaxed);
    return block;
}

void *malloc_class(unsigned class)
{
    struct thread_cache *cache;
    switch (life_attach(&cache)) {
    case LIFE_CACHED:
        return take_cached(cache, class);
    case LIFE_ENDING:
        return life_take_one(class);
    default:
        return NULL;
    }
}

static void *take(size_t size)
{
    struct thread_cache *cache;
    bool zeroed;
    enum life_stage stage = life_attach(&cache); /* first: before it there are no tables */
    if (stage == LIFE_STARTING)
        return bootstrap_take(size, BLOCK_ALIGNMENT);
    if (size > SMALL_MAX_BYTES)
        return large_take(size, PAGE_BYTES, &zeroed);
    if (stage == LIFE_CACHED)
        return take_cached(cache, size_class_of(size));
    return malloc_class(size_class_of(size));
}

NOINLINE void *malloc_slow(size_t size)
{
    void *block = size <= PTRDIFF_MAX ? take(size) : NULL;
    if (UNLIKELY(block == NULL))
        errno = ENOMEM;
    return block;
}

HAK_EXPORT_FAST void *hak_malloc(size_t size)
{
    return malloc_fast(size);
}
