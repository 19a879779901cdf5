/* SPDX-License-Identifier: MIT */
#include "lib/thread/counted_stack.h"

#include "lib/base/gate.h"
#include "lib/heap/drain.h"
#include "lib/thread/stack_layout.h"

#include <string.h>

/* How many of HEIGHT blocks it gets. */
static uint32_t most_blocks(unsigned class, size_t height)
{
    uint32_t size = size_classes[class].size;
    if (LIKELY(height <= COUNTED_BLOCKS && height * size <= COUNTED_BYTES))
        return (uint32_t)height;
    return (uint32_t)size_minimum(COUNTED_BLOCKS, size_maximum(COUNTED_BYTES / size, 1));
}

/* Moves the newest COUNT blocks of FROM to TO, which is empty, in their order. */
static void move_newest(struct pointer_stack from, struct pointer_stack to, uint32_t count)
{
    void **top = pointer_stack_top(from) - count, **bottom = pointer_stack_bottom(to);
    memcpy(bottom, top, count * sizeof *bottom);
    pointer_stack_set_top(from, top);
    pointer_stack_set_top(to, bottom + count);
}

/* All that is in the stack goes over with its memory, if all of it passes; or a part of it. (To hand all of a high
 * stack over, too, would spare the copies, but both memories would be in use in turn, which costs the caches more.) */
static void fill(struct thread_cache *cache, unsigned class, struct pointer_stack from)
{
    unsigned counted = size_class_count + class;
    size_t height = (size_t)(pointer_stack_top(from) - pointer_stack_bottom(from));
    uint32_t count = sample_clock_foresee(&cache->clock, class, most_blocks(class, height));
    cache->has_counted = true;
    if (count == height && stack_layout_hand_over(cache, class, counted))
        return;
    if (LIKELY(stack_layout_widen(cache, counted, count)))
        move_newest(from, counted_stack(cache, class), count);
}

void *counted_stack_refill(struct thread_cache *cache, unsigned class)
{
    struct pointer_stack from = thread_cache_stack(cache, class);
    void *block = pointer_stack_pop(from);
    bool has_more = block != NULL && class < size_class_counted && pointer_stack_top(from)[-1] != NULL;
    if (LIKELY(has_more) && LIKELY(gate_enter())) { /* during a fork the blocks stay where they are */
        fill(cache, class, from);
        gate_leave();
    }
    return block;
}

size_t counted_stack_height(const struct thread_cache *cache, unsigned class)
{
    return class < size_class_counted ? pointer_stack_height(counted_stack(cache, class)) : 0;
}

static void drain(struct thread_cache *cache, unsigned class)
{
    struct pointer_stack stack = counted_stack(cache, class);
    void **bottom = pointer_stack_bottom(stack);
    for (uint32_t height; (height = (uint32_t)(pointer_stack_top(stack) - bottom)) != 0;) {
        uint32_t put = drain_put(&cache->heap, class, bottom, height), more = height - put;
        void *not_put = more != 0 ? bottom[put] : NULL;
        pointer_stack_drop_oldest(stack, put + (more != 0));
        if (UNLIKELY(more != 0)) /* as in stack_drain_oldest */
            heap_report_not_free(class, not_put, "free");
    }
}

void counted_stack_drain_all(struct thread_cache *cache)
{
    for (unsigned class = 0; cache->has_counted && class < size_class_counted; class ++)
        drain(cache, class);
}
