/* SPDX-License-Identifier: MIT */
#include "lib/thread/stack_drain.h"

#include "lib/heap/drain.h"
#include "lib/thread/thread_cache_state.h"

void stack_drain_oldest(struct thread_cache *cache, unsigned class, size_t count)
{
    struct pointer_stack stack = thread_cache_stack(cache, class);
    void **bottom = pointer_stack_bottom(stack);
    uint32_t put = drain_put(&cache->heap, class, bottom, (uint32_t)count);
    void *not_put = put < count ? bottom[put] : NULL;
    pointer_stack_drop_oldest(stack, count);
    /* Now, without a lock and from a good stack: a handler of SIGABRT may allocate. */
    if (UNLIKELY(put < count))
        heap_report_not_put(class, not_put);
}

void stack_drain_all(struct thread_cache *cache, unsigned class)
{
    size_t height = thread_cache_height(cache, class);
    if (height > 0)
        stack_drain_oldest(cache, class, height);
}
