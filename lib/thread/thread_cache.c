/* SPDX-License-Identifier: MIT */
#include "lib/thread/thread_cache.h"

#include "lib/base/gate.h"
#include "lib/base/os.h"
#include "lib/heap/drain.h"
#include "lib/heap/footprint.h"
#include "lib/heap/refill.h"
#include "lib/heap/registry.h"
#include "lib/heap/shared.h"
#include "lib/profile/active.h"
#include "lib/thread/borrow.h"
#include "lib/thread/cache_quarantine.h"
#include "lib/thread/counted_stack.h"
#include "lib/thread/stack_drain.h"
#include "lib/thread/stack_growth.h"
#include "lib/thread/stack_layout.h"

#include <string.h>

_Thread_local struct thread_cache *thread_cache_of_thread = THREAD_CACHE_NONE;

size_t thread_cache_bytes(const struct thread_cache *cache)
{
    return stack_layout_grown_bytes(cache);
}

struct thread_cache *thread_cache_new(void)
{
    struct thread_cache *cache = registry_is_full() ? NULL : metadata_new_pages(sizeof *cache);
    if (cache == NULL)
        return NULL;
    for (unsigned class = 0; class < SIZE_CLASSES_MAX; class ++) /* counted ones as well */
        pointer_stack_set_up(thread_cache_stack(cache, class), DIVERT_STACK, 0);
    if (!registry_enter(&cache->heap)) /* another thread had the last id in between: this memory is lost */
        return NULL;
    for (unsigned class = 0; class < size_class_count; class ++) /* zeros match no page of other classes */
        cache->hot.key[class] = heap_entry(heap_for_class(&cache->heap, class), class);
    cache->moves = cache->heap.id == REGISTRY_FIRST_ID ? SLOW_START_END : 0;
    return cache;
}

struct thread_cache *thread_cache_of_heap(struct heap *heap)
{
    return (struct thread_cache *)((char *)heap - offsetof(struct thread_cache, heap));
}

/* --- refill ------------------------------------------------------------------------------------------------------- */

/* Blocks that the first refill of a stack brings. Each further one brings twice as many, up to the profile's refill: a
 * thread that needs one block of a class does not get a hundred. */
#define FIRST_REFILL 4u
/* Where chance is to have something to choose from (security.randomize). */
#define FIRST_REFILL_BY_CHANCE 64u

/* A refill of new memory brings a FRESH_SHARE-th of what the thread has of the class, or FRESH_BYTES, and no more than
 * others: what a class has too much of nobody else can use, and a class grows as fast as its need all the same. */
#define FRESH_SHARE 16
#define FRESH_BYTES 4096u

static uint32_t fresh_refill(const struct thread_cache *cache, unsigned class)
{
    int64_t share = footprint_held(&cache->heap, class) / FRESH_SHARE,
            least = size_maximum(FRESH_BYTES / size_classes[class].size, 1);
    return (uint32_t)size_minimum(size_classes[class].refill, share > least ? share : least);
}

/* COUNT blocks of new memory come. The number of blocks of a full refill counts as one refill: true when it is reached.
 */
static bool completes_refill(struct stack_history *history, unsigned class, uint32_t count)
{
    history->fresh = (uint16_t)(history->fresh + count);
    if (history->fresh < size_classes[class].refill)
        return false;
    history->fresh = 0;
    return true;
}

/* The most that a refill of CLASS brings: in slow start twice as much as may stay, since it is used at once. */
static uint32_t full_refill(const struct thread_cache *cache, unsigned class)
{
    uint32_t full = size_classes[class].refill;
    int8_t doublings = cache->history[class].doublings;
    if (LIKELY(!slow_start_is_on(cache->moves)))
        return LIKELY(doublings >= 0) ? full : (uint32_t)size_maximum(full >> -doublings, 1);
    return (uint32_t)size_minimum(full, size_maximum(2 * (size_t)slow_start_blocks(cache->moves, class), 1));
}

/* How many blocks of CLASS the next refill is to bring. */
static uint32_t next_refill(struct thread_cache *cache, unsigned class)
{
    struct stack_history *history = &cache->history[class];
    uint32_t full = full_refill(cache, class);
    uint32_t first = LIKELY(!HAK_PROFILE(security_randomize)) ? FIRST_REFILL : FIRST_REFILL_BY_CHANCE;
    if (UNLIKELY(first << history->refills < full))
        return first << history->refills++;
    if (UNLIKELY(slow_start_is_on(cache->moves)))
        return full;
    if (shared_is_used_up(class)) {
        uint32_t count = (uint32_t)size_minimum(fresh_refill(cache, class), full);
        if (completes_refill(history, class, count))
            stack_growth_before_refill(cache, class, history);
        return count;
    }
    stack_growth_before_refill(cache, class, history);
    uint32_t doublings = history->doublings > 0 ? (uint32_t)history->doublings : 0;
    uint32_t limit = stack_growth_limit(cache->moves, history, class);
    return (uint32_t)size_minimum(full << doublings << stack_is_one_way(history), size_maximum(limit, 1));
}

/* A block that passes the stack by. */
static void *take_one(struct thread_cache *cache, unsigned class)
{
    void *block;
    return refill_take(&cache->heap, class, &block + 1, 1) != 0 ? block : NULL;
}

/* Sees to it that the stack of CLASS, which is empty, has room for COUNT blocks. Who gets one needs no stack. */
static bool has_room(struct thread_cache *cache, unsigned class, uint32_t count)
{
    struct pointer_stack stack = thread_cache_stack(cache, class);
    if (LIKELY(*stack.limit - pointer_stack_bottom(stack) >= (ptrdiff_t)count))
        return true;
    return count > 1 && stack_growth_make_room(cache, class, count);
}

void *thread_cache_refill(struct thread_cache *cache, unsigned class)
{
    struct pointer_stack stack = thread_cache_stack(cache, class);
    struct stack_history *history = &cache->history[class];
    void *counted = UNLIKELY(cache->has_counted) ? counted_stack_pop(cache, class) : NULL;
    if (UNLIKELY(counted != NULL)) /* left from when the profile was on */
        return counted;
    uint32_t want = next_refill(cache, class);
    stack_growth_note_move(cache, class, want);
    if (UNLIKELY(!has_room(cache, class, want)))
        return take_one(cache, class);
    void **bottom = pointer_stack_bottom(stack);
    uint32_t got = refill_take(&cache->heap, class, bottom + want, want);
    if (UNLIKELY(got == 0))
        return NULL;
    if (got < want)
        memmove(bottom, bottom + want - got, got * sizeof *bottom);
    pointer_stack_set_top(stack, bottom + got - 1);
    history->borrowed = 0;
    stack_growth_after_refill(history);
    return bottom[got - 1];
}

void *thread_cache_take(struct thread_cache *cache, unsigned class)
{
    void *block = pointer_stack_pop(thread_cache_stack(cache, class));
    return block != NULL ? block : thread_cache_refill(cache, class);
}

bool thread_cache_would_borrow(const struct thread_cache *cache, unsigned class)
{
    return borrow_takes_line(cache, class) || borrow_lender(cache, class) != class;
}

void *thread_cache_take_or_borrow(struct thread_cache *cache, unsigned class)
{
    void *block = pointer_stack_pop(thread_cache_stack(cache, class));
    if (block != NULL)
        return block;
    if (UNLIKELY(borrow_takes_line(cache, class)))
        return thread_cache_take(cache, borrow_line_class(cache));
    unsigned lender = borrow_lender(cache, class);
    return lender != class ? borrow_take(cache, class, lender) : thread_cache_refill(cache, class);
}

/* --- push and drain ----------------------------------------------------------------------------------------------- */

/* How many of the HEIGHT blocks of CLASS a drain takes, whose stack may have LIMIT: the profile's share, and where it
 * is above the limit what is above half of that. */
static size_t next_drain(const struct thread_cache *cache, unsigned class, size_t height, size_t limit)
{
    size_t share = size_minimum(HAK_PROFILE(thread_cache_drain_batch) << stack_is_one_way(&cache->history[class]), 100);
    size_t count = size_maximum(height * share / 100, 1);
    return height > limit ? size_maximum(count, height - limit / 2) : count;
}

/* Makes room on a full stack: in a larger place, by growth where it thrashes or moves one way, else by a drain. False
 * where there is none: the thread may keep no block, or memory is refused. */
static bool make_stack_room(struct thread_cache *cache, unsigned class)
{
    if (UNLIKELY(stack_growth_is_over_total()))
        stack_growth_halve_over_total(cache, class);
    size_t height = thread_cache_height(cache, class),
           limit = stack_growth_limit(cache->moves, &cache->history[class], class);
    if (height < limit && stack_growth_make_room(cache, class, (uint32_t)height + 1))
        return true;
    if (height > 0 && UNLIKELY(stack_growth_is_fading(cache, class))) {
        stack_growth_note_move(cache, class, height);
        stack_growth_begin_anew(cache, class);
        return !pointer_stack_is_full(thread_cache_stack(cache, class));
    }
    bool grown = stack_growth_before_drain(cache, class);
    size_t count = size_minimum(next_drain(cache, class, height, limit), height);
    stack_growth_note_move(cache, class, count);
    if (grown)
        return true;
    if (LIKELY(count > 0))
        stack_drain_oldest(cache, class, count);
    if (UNLIKELY(height > limit))
        stack_growth_lower_limit(cache, class);
    return !pointer_stack_is_full(thread_cache_stack(cache, class));
}

/* Hands BLOCK to the heap. */
static void give_one(struct thread_cache *cache, unsigned class, void *block)
{
    if (UNLIKELY(drain_put(&cache->heap, class, &block, 1) == 0))
        heap_report_not_free(class, block, "free");
}

/* The stack of CLASS is full. */
static NOINLINE void push_onto_full(struct thread_cache *cache, unsigned class, void *block)
{
    if (UNLIKELY(!gate_enter())) {
        gate_leave_block(block);
        return;
    }
    if (LIKELY(make_stack_room(cache, class)))
        pointer_stack_push(thread_cache_stack(cache, class), block);
    else
        give_one(cache, class, block);
    gate_leave();
}

void thread_cache_push(struct thread_cache *cache, unsigned class, void *block)
{
    struct pointer_stack stack = thread_cache_stack(cache, class);
    if (pointer_stack_is_full(stack))
        push_onto_full(cache, class, block);
    else
        pointer_stack_push(stack, block);
}

void thread_cache_end_quarantine(struct thread_cache *cache)
{
    void *block;
    for (unsigned class = 0; class < size_class_count; class ++)
        while ((block = cache_quarantine_take(cache, class)) != NULL)
            thread_cache_give(cache, block, page_map_entry(block));
}

void thread_cache_drain_all(struct thread_cache *cache)
{
    thread_cache_end_quarantine(cache);
    counted_stack_drain_all(cache);
    for (unsigned class = 0; class < size_class_count; class ++) {
        stack_drain_all(cache, class);
        cache->history[class].refills = cache->history[class].same_direction = 0;
    }
    remote_free_flush(&cache->remote, &cache->heap);
}

void thread_cache_release_stacks(struct thread_cache *cache)
{
    stack_growth_revoke(cache);
    stack_layout_release(cache);
    cache->has_counted = false;
    memset(cache->history, 0, (size_class_count + size_class_counted) * sizeof cache->history[0]);
    slow_start_note_emptied(cache);
}

/* --- what others see ---------------------------------------------------------------------------------------------- */

size_t thread_cache_shared_bytes(const struct thread_cache *cache)
{
    size_t bytes = 0;
    for (unsigned class = 0; class < size_class_count; class ++)
        bytes += heap_shares(class) ? thread_cache_height(cache, class) * size_classes[class].size : 0;
    return bytes;
}

/* The most blocks that a stack of CLASS may have, and its counted stack. */
static size_t most_blocks(unsigned class)
{
    const struct size_class *of = &size_classes[class];
    return (size_t)of->limit << of->doublings;
}

/* Looks again after a height that no stack has: more than chance needs to see a stack on its way (pointer_stack_height)
 * each time. */
#define LOOKS_AT_HEIGHT 16

/* A height that stays impossible is returned as it is. */
static size_t look_at_height(struct pointer_stack stack, unsigned class)
{
    size_t height = pointer_stack_height(stack);
    for (int looks = 1; UNLIKELY(height > most_blocks(class)) && looks < LOOKS_AT_HEIGHT; looks++)
        height = pointer_stack_height(stack);
    return height;
}

size_t thread_cache_blocks(const struct thread_cache *cache, unsigned class)
{
    size_t blocks = look_at_height(thread_cache_stack(cache, class), class);
    if (class < size_class_counted)
        blocks += look_at_height(counted_stack(cache, class), class);
    return (blocks <= 2 * most_blocks(class) ? blocks : 0) + cache_quarantine_count(cache, class);
}

bool thread_cache_is_sound(const struct thread_cache *cache, unsigned class)
{
    struct pointer_stack stack = thread_cache_stack(cache, class);
    return pointer_stack_bottom(stack)[-1] == NULL && look_at_height(stack, class) <= most_blocks(class);
}
