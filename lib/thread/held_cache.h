/* SPDX-License-Identifier: MIT */
/* The cache that a thread holds, and whether the fast paths find it. A thread has two pointers: held_cache is its
 * cache, THREAD_CACHE_NONE where it has none; and thread_cache_of_thread, which the fast paths of malloc and free
 * follow, is the same one, or THREAD_CACHE_NONE while the cache is hidden. So each malloc and each free of a thread
 * whose cache is hidden takes its slow path, which works with the cache that the thread holds: what has to see every
 * call hides the caches, and the fast paths need no test for it.
 *
 * A thread hides and shows its own cache, at any time. Where all caches stay hidden, by a profile with measures of
 * security, none is shown. Below: thread_cache, base/secret. */
#ifndef HAK_THREAD_HELD_CACHE_H
#define HAK_THREAD_HELD_CACHE_H

#include "lib/base/secret.h"
#include "lib/base/splitmix.h"
#include "lib/thread/thread_cache.h"

extern HIDDEN _Thread_local struct thread_cache *held_cache __attribute__((tls_model("initial-exec")));

/* The state of the thread's random numbers; 0 before the first, and in the child of a fork. */
extern HIDDEN _Thread_local uint64_t held_cache_draws __attribute__((tls_model("initial-exec")));

/* Const after the start: whether all caches stay hidden. */
extern HIDDEN bool held_caches_stay_hidden;

/* The fast paths do not find the cache of the calling thread from now on. */
static inline void held_cache_hide(void)
{
    thread_cache_of_thread = THREAD_CACHE_NONE;
}

/* They find it again, if the thread has one, and not all stay hidden. */
static inline void held_cache_show(void)
{
    if (LIKELY(!held_caches_stay_hidden))
        thread_cache_of_thread = held_cache;
}

/* The calling thread holds CACHE from now on, and it is shown; or, with THREAD_CACHE_NONE, none any more. */
static inline void held_cache_set(struct thread_cache *cache)
{
    held_cache = cache;
    held_cache_show();
}

/* A random number of the calling thread. */
static inline uint32_t held_cache_draw(void)
{
    if (UNLIKELY(held_cache_draws == 0))
        held_cache_draws = secret_random();
    return (uint32_t)(splitmix_next(&held_cache_draws) >> 32);
}

#endif
