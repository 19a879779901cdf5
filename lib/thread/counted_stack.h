/* SPDX-License-Identifier: MIT */
/* Counted stacks: how the heap profile counts what the fast path of malloc hands out, without an instruction in it.
 *
 * The top of a stack shows how many more blocks were popped than pushed, so a thread that frees as much as it allocates
 * would never be seen. While the profile is on, size_class_table therefore sends malloc to a counted class
 * (size_class.h), while free pushes onto the stack of the block's own class as ever: a counted stack is only popped. It
 * gets COUNTED_BLOCKS blocks from the class's stack at a time, all of which are counted then (sample_clock.h). If one
 * of them is to be sampled it gets those before, and malloc_slow is called for that one.
 *
 * When the profile goes off the table sends malloc to the stacks of the classes again, and what is left in a counted
 * stack serves when that of its class is empty.
 *
 * Holder of the cache. Below: sample_clock, stack_layout, thread_cache_state. */
#ifndef HAK_THREAD_COUNTED_STACK_H
#define HAK_THREAD_COUNTED_STACK_H

#include "lib/thread/thread_cache_state.h"

#include <stdbool.h>
#include <stddef.h>

/* The counted stack of CLASS, one of the first size_class_counted. The caller only reads that of a const cache. */
static inline struct pointer_stack counted_stack(const struct thread_cache *cache, unsigned class)
{
    return thread_cache_stack(cache, size_class_count + class);
}

/* A block that is counted already; NULL where none is left. */
static inline void *counted_stack_pop(struct thread_cache *cache, unsigned class)
{
    return class < size_class_counted ? pointer_stack_pop(counted_stack(cache, class)) : NULL;
}

/* What a counted stack gets at a time: enough of them that a call of malloc_slow does not count, and so few bytes that
 * blocks which come and go stay in the nearer caches, though they take turns. */
#define COUNTED_BLOCKS 256u
#define COUNTED_BYTES 65536u

/* The usual case of what malloc_slow is called for: the counted stack of CLASS is empty; all blocks in the stack of the
 * class pass, so it goes over as it is, with its memory. Returns the first of them, or NULL where it is another case,
 * and nothing is done. */
static inline void *counted_stack_next(struct thread_cache *cache, unsigned class)
{
    struct pointer_stack from = thread_cache_stack(cache, class), to = counted_stack(cache, class);
    void **top = pointer_stack_top(from);
    size_t height = (size_t)(top - pointer_stack_bottom(from)), bytes = height * size_classes[class].size;
    uint8_t place = cache->history[class].place;
    if (height < 2 || height > COUNTED_BLOCKS || bytes > COUNTED_BYTES || bytes > cache->clock.left ||
        place != cache->history[size_class_count + class].place || sample_clock_is_due(&cache->clock, class) ||
        pointer_stack_top(to)[-1] != NULL)
        return NULL;
    cache->clock.left -= bytes;
    pointer_stack_hand_over(from, to);
    pointer_stack_set_top(to, top - 1);
    return top[-1];
}

/* A block of CLASS, for a malloc that is counted already, from the stack of its class; then fills the counted stack,
 * which is empty, from there. NULL where the stack is empty. */
void *counted_stack_refill(struct thread_cache *cache, unsigned class);

/* Puts everything back into the slabs. */
void counted_stack_drain_all(struct thread_cache *cache);

/* How many blocks of CLASS are in the counted stack; any thread, as thread_cache_height. */
size_t counted_stack_height(const struct thread_cache *cache, unsigned class);

#endif
