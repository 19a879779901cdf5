/* SPDX-License-Identifier: MIT */
#include "lib/api/usable.h"

#include "lib/api/free.h"
#include "lib/base/bootstrap_arena.h"
#include "lib/base/gate.h"
#include "lib/harden/harden.h"
#include "lib/harden/zero_size.h"
#include "lib/space/aside.h"
#include "lib/space/fork_arena.h"
#include "lib/thread/thread_cache.h"

#include <hakmem/hakmem.h>

/* How many of the blocks that the thread freed last are looked through. Older ones of a stack are not found. */
#define NEWEST 4

static bool is_newest_in_stack(const void *pointer, uint32_t entry)
{
    const struct thread_cache *cache = thread_cache_of_thread;
    unsigned class = page_map_class(entry);
    return entry == cache->hot.key[class] &&
           pointer_stack_has_newest(thread_cache_stack(cache, class), pointer, NEWEST);
}

size_t usable_bytes_small(const void *pointer, uint32_t entry, const char *function)
{
    unsigned class = page_map_class(entry);
    if (UNLIKELY(harden_is_on))
        return harden_usable(class, pointer, function);
    if (LIKELY(slab_has_taken(page_map_descriptor(pointer), pointer) && !is_newest_in_stack(pointer, entry)))
        return size_classes[class].size;
    heap_report_not_free(class, pointer, function);
    return USABLE_NONE;
}

static size_t usable_large(const void *pointer, const char *function)
{
    if (UNLIKELY(!gate_enter()))
        return large_usable_during_fork(pointer);
    size_t bytes = large_usable(pointer, function);
    gate_leave();
    return bytes;
}

NOINLINE size_t usable_bytes_elsewhere(const void *pointer, uint32_t entry, const char *function)
{
    if (entry == PAGE_LARGE)
        return usable_large(pointer, function);
    if (entry == PAGE_SAMPLED)
        return sampled_usable(pointer, function);
    if (entry == PAGE_GUARDED)
        return guarded_usable(pointer, function);
    if (zero_size_owns(pointer))
        return zero_size_is_block(pointer, function) ? 0 : USABLE_NONE;
    if (bootstrap_owns(pointer))
        return bootstrap_usable(pointer);
    if (fork_arena_owns(pointer))
        return fork_arena_usable(pointer);
    if (aside_serves())
        return aside_usable((void *)(uintptr_t)pointer);
    free_report_foreign(pointer, function);
    return USABLE_NONE;
}

HAK_EXPORT size_t hak_malloc_usable_size(void *pointer)
{
    static const char function[] = "malloc_usable_size";
    if (pointer == NULL)
        return 0;
    size_t bytes = usable_bytes_in(pointer, page_map_entry(pointer), function);
    return LIKELY(bytes != USABLE_NONE) ? bytes : 0;
}
