/* SPDX-License-Identifier: MIT */
#include "lib/thread/stack_drain.h"

#include "lib/harden/harden.h"
#include "lib/heap/drain.h"
#include "lib/thread/thread_cache_state.h"

/* Puts the COUNT oldest blocks back, up to the first that cannot be put; then that one is dropped as well, and
 * reported. Returns how many have gone. */
static size_t drain_up_to_misuse(struct thread_cache *cache, unsigned class, size_t count)
{
    struct pointer_stack stack = thread_cache_stack(cache, class);
    void **bottom = pointer_stack_bottom(stack);
    harden_after_waits(class, bottom, count);
    uint32_t put = drain_put(&cache->heap, class, bottom, (uint32_t)count);
    bool all = put == count;
    void *not_put = all ? NULL : bottom[put];
    pointer_stack_drop_oldest(stack, put + !all);
    /* Now, without a lock and from a good stack: a handler of SIGABRT may allocate. */
    if (UNLIKELY(!all))
        heap_report_not_free(class, not_put, "free");
    return put + !all;
}

void stack_drain_oldest(struct thread_cache *cache, unsigned class, size_t count)
{
    while (count > 0)
        count -= drain_up_to_misuse(cache, class, count);
}

void stack_drain_all(struct thread_cache *cache, unsigned class)
{
    size_t height = thread_cache_height(cache, class);
    if (height > 0)
        stack_drain_oldest(cache, class, height);
}
