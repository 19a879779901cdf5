/* SPDX-License-Identifier: MIT */
#include "lib/thread/detach.h"

#include "lib/base/gate.h"
#include "lib/base/probe.h"
#include "lib/heap/registry.h"
#include "lib/profile/active.h"
#include "lib/thread/held_cache.h"
#include "lib/thread/stack_examine.h"
#include "lib/thread/stack_growth.h"

#include <pthread.h>

static _Thread_local bool ending __attribute__((tls_model("initial-exec")));
static pthread_key_t end_key; /* const after the start: its destructor is how the end of a thread is noticed */
static bool have_end_key;     /* const after the start */

static void empty_and_give(struct heap *heap)
{
    struct thread_cache *cache = thread_cache_of_heap(heap);
    thread_cache_drain_all(cache);
    thread_cache_release_stacks(cache);
    registry_give(heap);
}

/* Other heaps' blocks are handed back in any case, and the heap's own that others freed are collected, which may make
 * it small enough to be kept. */
void detach_retire(struct thread_cache *cache)
{
    remote_free_flush(&cache->remote, &cache->heap);
    registry_collect(&cache->heap);
    struct heap *gone =
        stack_growth_is_over_total() ? &cache->heap : registry_keep(&cache->heap, thread_cache_shared_bytes(cache));
    if (gone != NULL)
        empty_and_give(gone);
}

/* Runs at the thread's end, after or before other keys' destructors; those that still allocate do so without a cache.
 */
static void thread_end(void *value)
{
    struct thread_cache *cache = value;
    ending = true;
    held_cache_set(THREAD_CACHE_NONE);
    PROBE(thread_detach, cache->heap.id);
    slow_start_note_end(cache);
    thread_cache_end_quarantine(cache);
    stack_examine_all(cache);
    detach_retire(cache);
}

/* Behind the destructors without a priority, which write the statistics. A handler of a signal that ends the program
 * may have interrupted a malloc, which then has its stacks under way, or a lock. */
__attribute__((destructor(101))) static void process_end(void)
{
    struct thread_cache *cache = held_cache;
    if (cache == THREAD_CACHE_NONE || gate_is_inside())
        return;
    thread_cache_end_quarantine(cache);
    stack_examine_all(cache);
    remote_free_flush(&cache->remote, &cache->heap);
}

void detach_start(void)
{
    have_end_key = pthread_key_create(&end_key, thread_end) == 0;
}

bool detach_is_over(void)
{
    return ending || !have_end_key;
}

bool detach_at_end(struct thread_cache *cache)
{
    if (pthread_setspecific(end_key, cache) == 0)
        return true;
    thread_end(cache);
    return false;
}

bool detach_reclaim(void)
{
    bool released = false;
    struct heap *heap;
    /* No more than are kept now, whatever threads end meanwhile: the oldest come first. */
    for (uint64_t most = HAK_PROFILE(thread_cache_keep); most > 0 && (heap = registry_take_kept()) != NULL; most--) {
        empty_and_give(heap);
        released = true;
    }
    return released;
}
