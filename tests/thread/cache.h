/* SPDX-License-Identifier: MIT */
/* For the tests of thread caches: makes one, and reads what it and its heap have counted. */
#ifndef TESTS_THREAD_CACHE_H
#define TESTS_THREAD_CACHE_H

#include "lib/heap/registry.h"
#include "lib/heap/shared.h"
#include "lib/thread/stack_growth.h"
#include "lib/thread/thread_cache.h"
#include "tests/base/child.h"

#define CLASS_BYTES 256

static inline uint64_t count_of(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static inline int64_t allocated_of(struct thread_cache *cache, unsigned class)
{
    return atomic_load(&cache->heap.counts.allocated[class]);
}

/* A new cache, of which all is as it should be, as of a thread that begins. */
static inline struct thread_cache *make_slow_cache(void)
{
    struct thread_cache *cache = thread_cache_new();
    assert_non_null(cache);
    assert_true(slow_start_is_on(cache->moves));
    for (unsigned class = 0; class < size_class_count; class ++) {
        assert_int_equal(cache->hot.key[class], heap_for_class(&cache->heap, class)->id << PAGE_MAP_CLASS_BITS | class);
        assert_int_equal(thread_cache_height(cache, class), 0);
        assert_true(thread_cache_is_sound(cache, class));
        assert_null(atomic_load(&cache->hot.top[class])[-1]);                           /* empty, to malloc */
        assert_ptr_equal(atomic_load(&cache->hot.top[class]), cache->hot.limit[class]); /* and full, to free */
    }
    return cache;
}

/* The same of a thread whose slow start is over. */
static inline struct thread_cache *make_cache(void)
{
    struct thread_cache *cache = make_slow_cache();
    cache->moves = SLOW_START_END;
    return cache;
}

#endif
