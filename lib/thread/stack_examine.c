/* SPDX-License-Identifier: MIT */
#include "lib/thread/stack_examine.h"

#include "lib/harden/harden.h"
#include "lib/heap/shared.h"
#include "lib/heap/slab_examine.h"
#include "lib/thread/thread_cache_state.h"

static size_t examine(const struct thread_cache *cache, unsigned class, void *const *blocks, size_t count)
{
    return heap_shares(class) ? shared_examine(class, blocks, count)
                              : slab_examine(heap_entry(&cache->heap, class), blocks, count);
}

static void examine_stack(struct thread_cache *cache, unsigned class)
{
    struct pointer_stack stack = thread_cache_stack(cache, class);
    void **bottom = pointer_stack_bottom(stack);
    harden_after_waits(class, bottom, thread_cache_height(cache, class));
    for (;;) {
        size_t height = thread_cache_height(cache, class);
        size_t good = height != 0 ? examine(cache, class, bottom, height) : 0;
        if (LIKELY(good == height))
            return;
        void *bad = bottom[good];
        memmove(bottom + good, bottom + good + 1, (height - good - 1) * sizeof *bottom);
        pointer_stack_set_top(stack, bottom + height - 1);
        heap_report_not_free(class, bad, "free");
    }
}

void stack_examine_all(struct thread_cache *cache)
{
    for (unsigned class = 0; class < size_class_count; class ++)
        examine_stack(cache, class);
}
