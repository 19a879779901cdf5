/* SPDX-License-Identifier: MIT */
#include "lib/thread/attach.h"

#include "lib/base/probe.h"
#include "lib/heap/registry.h"
#include "lib/space/aside.h"
#include "lib/thread/detach.h"
#include "lib/thread/held_cache.h"
#include "lib/thread/stack_growth.h"
#include "lib/thread/start.h"

#include <pthread.h>

static struct thread_cache *cache_take(void)
{
    struct heap *heap = registry_take();
    return heap != NULL ? thread_cache_of_heap(heap) : thread_cache_new();
}

enum attach_stage attach_thread(struct thread_cache **cache)
{
    *cache = held_cache;
    if (LIKELY(*cache != THREAD_CACHE_NONE))
        return ATTACH_CACHED;
    if (!start_process())
        return aside_serves() ? ATTACH_ASIDE : ATTACH_STARTING;
    if (detach_is_over())
        return ATTACH_ENDING;
    *cache = cache_take();
    if (*cache == NULL)
        return ATTACH_NO_MEMORY;
    atomic_store_explicit(&(*cache)->heap.holder, (uintptr_t)pthread_self(), memory_order_relaxed);
    slow_start_note_begin(*cache);
    if (HAK_PROFILE(security_guarded) != 0)
        (*cache)->guarded.is_of_thread = false;
    PROBE(thread_attach, (*cache)->heap.id);
    held_cache_set(*cache); /* before the next call, which may allocate */
    return detach_at_end(*cache) ? ATTACH_CACHED : ATTACH_ENDING;
}

/* Without a cache a free takes some 50 ns; a cache takes 8 KiB. */
#define FREES_WITHOUT_CACHE 16

bool attach_to_free(struct thread_cache **cache)
{
    static _Thread_local uint8_t frees __attribute__((tls_model("initial-exec")));
    if (frees == FREES_WITHOUT_CACHE || held_cache != THREAD_CACHE_NONE) /* or it is hidden */
        return attach_thread(cache) == ATTACH_CACHED;
    frees++;
    return false;
}

void *attach_take_one(unsigned class)
{
    struct thread_cache *cache = cache_take();
    if (cache == NULL)
        return NULL;
    void *block = thread_cache_take(cache, class);
    detach_retire(cache);
    return block;
}
