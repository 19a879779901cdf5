/* SPDX-License-Identifier: MIT */
#include "lib/thread/stack_growth.h"

#include "lib/base/os.h"
#include "lib/thread/stack_drain.h"
#include "lib/thread/stack_layout.h"
#include "lib/thread/thread_cache_state.h"

/* Sixteen thrashes take a program some milliseconds of work: a thread that has little to do, and then waits, does not
 * get there and keeps less. A stack that has grown once grows on at each thrash: otherwise thousands of drains would be
 * the slowest calls of free. */
#define THRASHES_TO_GROW 16

/* A stack that stands still between two gc passes has not taken part while others moved as much as some tens of stacks
 * hold. */
#define BYTES_PER_GC_PASS ((size_t)64 << 10)

/* Gc passes from one sort of a high stack to the next. */
#define GC_PASSES_PER_SORT 8

/* Bytes that all stacks may hold by their limits; kept where the profile asks. Relaxed: no other data hangs on it. */
static _Atomic uint64_t granted;

bool stack_growth_is_over_total(void)
{
    return HAK_PROFILE(thread_cache_total) != 0 &&
           atomic_load_explicit(&granted, memory_order_relaxed) > HAK_PROFILE(thread_cache_total);
}

static void grant(unsigned class, int64_t blocks)
{
    if (HAK_PROFILE(thread_cache_total) != 0 && blocks != 0)
        atomic_fetch_add_explicit(&granted, (uint64_t)(blocks * (int64_t)size_classes[class].size),
                                  memory_order_relaxed);
}

/* The stack of CLASS gets its limit, as far as there is room, or one at LEAST. */
static void set_limit(struct thread_cache *cache, unsigned class, size_t least)
{
    struct pointer_stack stack = thread_cache_stack(cache, class);
    void **bottom = pointer_stack_bottom(stack);
    size_t limit =
        size_minimum(stack_growth_limit(cache->moves, &cache->history[class], class), stack_layout_room(cache, class));
    limit = size_maximum(limit, least);
    grant(class, (int64_t)limit - (*stack.limit - bottom));
    *stack.limit = bottom + limit;
}

void stack_growth_revoke(struct thread_cache *cache)
{
    for (unsigned class = 0; class < size_class_count; class ++) {
        struct pointer_stack stack = thread_cache_stack(cache, class);
        grant(class, pointer_stack_bottom(stack) - *stack.limit);
    }
}

bool stack_growth_make_room(struct thread_cache *cache, unsigned class, uint32_t count)
{
    if (!stack_layout_widen(cache, class, count))
        return false;
    set_limit(cache, class, count);
    return true;
}

void stack_growth_lower_limit(struct thread_cache *cache, unsigned class)
{
    set_limit(cache, class, thread_cache_height(cache, class));
}

/* --- slow start --------------------------------------------------------------------------------------------------- */

/* A thread that has lived no longer had one task. */
#define SHORT_LIFE_MS 1000

void slow_start_note_begin(struct thread_cache *cache)
{
    cache->began = os_milliseconds();
    if (cache->takes_turns)
        cache->moves = SLOW_START_END;
}

void slow_start_note_end(struct thread_cache *cache)
{
    cache->takes_turns = os_milliseconds() - cache->began <= SHORT_LIFE_MS;
}

void slow_start_note_emptied(struct thread_cache *cache)
{
    cache->takes_turns = false;
    cache->moves /= 2;
}

/* --- up ----------------------------------------------------------------------------------------------------------- */

bool stack_growth_double(struct thread_cache *cache, unsigned class)
{
    struct stack_history *history = &cache->history[class];
    if (history->doublings >= (int)size_classes[class].doublings || slow_start_is_on(cache->moves) ||
        stack_growth_is_over_total() || !stack_layout_grow(cache, class))
        return false;
    history->doublings++;
    set_limit(cache, class, 0);
    return true;
}

/* Counts a thrash; returns whether the stack grew. */
static bool grow_by_thrash(struct thread_cache *cache, unsigned class)
{
    struct stack_history *history = &cache->history[class];
    return (history->doublings > 0 || ++history->thrashes >= THRASHES_TO_GROW) && stack_growth_double(cache, class);
}

bool stack_growth_before_drain(struct thread_cache *cache, unsigned class)
{
    struct stack_history *history = &cache->history[class];
    if (UNLIKELY(slow_start_is_on(cache->moves)))
        return false;
    bool grown = stack_growth_count_direction(cache, class, history, history->phase == STACK_DRAINED) ||
                 (history->phase == STACK_REFILLED && grow_by_thrash(cache, class));
    history->phase = STACK_DRAINED;
    return grown;
}

/* --- down --------------------------------------------------------------------------------------------------------- */

/* Of a stack that begins anew. */
static int8_t least_doublings(void)
{
    return stack_growth_is_over_total() ? -HALVINGS_MOST : 0;
}

void stack_growth_halve_over_total(struct thread_cache *cache, unsigned class)
{
    int8_t *doublings = &cache->history[class].doublings;
    if (*doublings > -HALVINGS_MOST && !slow_start_is_on(cache->moves))
        --*doublings;
}

/* Everything back to the heap, and back to the class's capacity: a block in a stack keeps its slab from becoming empty,
 * and those of a stack that nobody uses may lie in a slab each. */
void stack_growth_begin_anew(struct thread_cache *cache, unsigned class)
{
    struct stack_history *history = &cache->history[class];
    *history = (struct stack_history){.place = history->place, .doublings = least_doublings()};
    set_limit(cache, class, 0);
    stack_drain_all(cache, class);
}

/* A stack that is so high that it is never drained hands blocks out in the order in which they were freed, which gets
 * ever more random: blocks that are allocated in a row then lie far apart, and several of a cache line are in use at
 * different times. The slabs' bitmaps give them back in the order of their addresses. */
static void sort_now_and_then(struct thread_cache *cache, unsigned class)
{
    struct stack_history *history = &cache->history[class];
    if (history->doublings > ONE_WAY_DOUBLINGS && ++history->gc_passes % GC_PASSES_PER_SORT == 0)
        stack_drain_all(cache, class);
}

/* A class that needed much memory once and needs little now: from so many bytes of slabs on, of which a PINNED_SHARE-th
 * is in use at most. */
#define PINNED_BYTES ((uint64_t)1 << 20)
#define PINNED_SHARE 4

/* Whether half of the blocks of CLASS that are out of its slabs are those in the stack, while most of the slabs' memory
 * is free: each block keeps a slab, or a page of it, from going back. */
static bool pins_free_memory(struct thread_cache *cache, unsigned class, uint32_t height)
{
    const struct heap *heap = heap_for_class(&cache->heap, class);
    uint64_t slabs = heap_slab_bytes(heap, class);
    int64_t allocated = heap_allocated(heap, class);
    return slabs >= PINNED_BYTES && 2 * (int64_t)height >= allocated &&
           (uint64_t)height * size_classes[class].size <= slabs / PINNED_SHARE;
}

bool stack_growth_is_fading(struct thread_cache *cache, unsigned class)
{
    const struct heap *heap = heap_for_class(&cache->heap, class);
    int64_t allocated = heap_allocated(heap, class);
    int64_t purged = heap->purged != NULL ? atomic_load_explicit(&heap->purged[class], memory_order_relaxed) : 0;
    int64_t resident = (int64_t)heap_slab_bytes(heap, class) - purged;
    return resident >= (int64_t)PINNED_BYTES &&
           allocated * (int64_t)size_classes[class].size <= resident / PINNED_SHARE;
}

static void gc_pass(struct thread_cache *cache, unsigned class)
{
    struct stack_history *history = &cache->history[class];
    uint32_t height = (uint32_t)thread_cache_height(cache, class);
    bool idle = (height > 0 || history->doublings > 0) && !history->moved && history->height == (uint16_t)height;
    if (idle || (height > 0 && pins_free_memory(cache, class, height)))
        stack_growth_begin_anew(cache, class);
    else
        sort_now_and_then(cache, class);
    history->moved = false;
    history->height = (uint16_t)thread_cache_height(cache, class);
}

/* A stack that had two passes in a row would seem to stand still, so the classes take turns. CLASS is left out: the
 * caller is about to change its stack, and sorts it by that. */
void stack_growth_note_move(struct thread_cache *cache, unsigned class, size_t count)
{
    cache->history[class].moved = true;
    if (UNLIKELY(slow_start_is_on(cache->moves)))
        cache->moves++;
    cache->moved_bytes += count * size_classes[class].size;
    size_t passes = size_minimum(cache->moved_bytes / BYTES_PER_GC_PASS, size_class_count);
    cache->moved_bytes %= BYTES_PER_GC_PASS;
    for (; passes > 0; passes--) {
        unsigned other = cache->next_gc++ % size_class_count;
        if (other != class)
            gc_pass(cache, other);
    }
}
