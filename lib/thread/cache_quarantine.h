/* SPDX-License-Identifier: MIT */
/* The quarantine of a thread cache (harden/quarantine.h): what its thread frees waits there, whoever's blocks they are,
 * and goes to the stacks or to the remote buffer when it comes out. All come out where the thread or the process ends,
 * where the program asks for its memory (malloc_trim), and where memory is refused.
 *
 * Holder of the cache. Below: thread_cache_state, harden/quarantine. */
#ifndef HAK_THREAD_CACHE_QUARANTINE_H
#define HAK_THREAD_CACHE_QUARANTINE_H

#include "lib/harden/quarantine.h"
#include "lib/thread/thread_cache_state.h"

/* BLOCK of CLASS has been freed: it waits. Returns the block of CLASS that comes out for it, which the cache's thread
 * is to give back; or NULL. Where memory for a quarantine is refused that is BLOCK. */
void *cache_quarantine_swap(struct thread_cache *cache, unsigned class, void *block);

/* Takes a block of CLASS out; NULL where none waits. */
void *cache_quarantine_take(struct thread_cache *cache, unsigned class);

/* How many blocks of CLASS wait; any thread. */
static inline uint32_t cache_quarantine_count(const struct thread_cache *cache, unsigned class)
{
    const struct quarantine *quarantine = atomic_load_explicit(&cache->quarantine, memory_order_acquire);
    return LIKELY(quarantine == NULL) ? 0 : quarantine_count(quarantine, class);
}

#endif
