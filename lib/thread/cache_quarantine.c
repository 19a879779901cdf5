/* SPDX-License-Identifier: MIT */
#include "lib/thread/cache_quarantine.h"

#include "lib/harden/harden.h"

static struct quarantine *quarantine_of(struct thread_cache *cache)
{
    struct quarantine *quarantine = atomic_load_explicit(&cache->quarantine, memory_order_relaxed);
    if (LIKELY(quarantine != NULL))
        return quarantine;
    quarantine = quarantine_new();
    /* release: who counts blocks (cache_quarantine_count) sees the zeros */
    atomic_store_explicit(&cache->quarantine, quarantine, memory_order_release);
    return quarantine;
}

void *cache_quarantine_swap(struct thread_cache *cache, unsigned class, void *block)
{
    struct quarantine *quarantine = quarantine_of(cache);
    if (UNLIKELY(quarantine == NULL))
        return block;
    return quarantine_swap(quarantine, class, block);
}

void *cache_quarantine_take(struct thread_cache *cache, unsigned class)
{
    struct quarantine *quarantine = atomic_load_explicit(&cache->quarantine, memory_order_relaxed);
    void *out = quarantine != NULL ? quarantine_take(quarantine, class) : NULL;
    if (out != NULL)
        harden_after_wait(class, out);
    return out;
}
