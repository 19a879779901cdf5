/* SPDX-License-Identifier: MIT */
#include "lib/api/malloc.h"

#include "lib/base/bootstrap_arena.h"
#include "lib/observe/stats.h"
#include "lib/space/large.h"
#include "lib/thread/attach.h"
#include "lib/thread/detach.h"

#include <hakmem/hakmem.h>

#include <errno.h>

static void *take_of_class(unsigned class, bool larger_will_do)
{
    struct thread_cache *cache;
    switch (attach_thread(&cache)) {
    case ATTACH_CACHED:
        return larger_will_do ? thread_cache_take_or_borrow(cache, class) : thread_cache_take(cache, class);
    case ATTACH_ENDING:
        return attach_take_one(class);
    default:
        return NULL;
    }
}

static void *take_small(unsigned class, bool larger_will_do)
{
    void *block = take_of_class(class, larger_will_do);
    if (UNLIKELY(block == NULL && detach_release_kept()))
        block = take_of_class(class, larger_will_do);
    return block;
}

void *malloc_class(unsigned class)
{
    return take_small(class, false);
}

void *malloc_large(size_t size, size_t alignment, bool *zeroed)
{
    void *block = large_take(size, alignment, zeroed);
    if (UNLIKELY(block == NULL && detach_release_kept()))
        block = large_take(size, alignment, zeroed);
    return block;
}

static void *take(size_t size)
{
    struct thread_cache *cache;
    bool zeroed;
    if (attach_thread(&cache) == ATTACH_STARTING) /* first: before it there are no tables */
        return bootstrap_take(size, BLOCK_ALIGNMENT);
    if (size > SMALL_MAX_BYTES)
        return malloc_large(size, PAGE_BYTES, &zeroed);
    return take_small(size_class_of(size), true);
}

NOINLINE void *malloc_slow(size_t size)
{
    void *block = size <= PTRDIFF_MAX ? take(size) : NULL;
    if (UNLIKELY(block == NULL))
        errno = ENOMEM;
    return block;
}

/* Of a static library the linker takes what is referred to: with malloc come the statistics at exit. */
__attribute__((used)) static void (*const linked_with_malloc)(void) = stats_print_at_exit;

HAK_EXPORT_FAST void *hak_malloc(size_t size)
{
    return malloc_fast(size);
}
