/* SPDX-License-Identifier: MIT */
/* How high a stack may get follows the need of its thread and of its class.
 *
 * Slow start: what a thread that begins may keep of each class is SLOW_START_BYTES, or nothing where a block is longer;
 * then blocks come and go one by one. For each SLOW_START_MOVES refills and drains the thread may keep twice as much,
 * until after SLOW_START_DOUBLINGS of them it is the profile's capacity. So a thread that does little, and then waits,
 * keeps little. The thread that began first has all at once: there is one in each process. So has a
 * thread that gets a kept cache (registry.h) of one that has lived shortly: where a thread is started for each task
 * they take turns, and do not wait. A thread that gets an emptied cache begins with half of what was moved through it.
 *
 * From then on the height of a stack follows the need of its class. A stack thrashes when it drains blocks, refills,
 * and is full again: the same blocks travel to the heap and back. A stack that has thrashed THRASHES_TO_GROW times gets
 * twice as high, and from then on at each thrash again, up to thread_cache.growth times its capacity.
 *
 * A stack that is refilled ONE_WAY_MOVES times and never drained between, or the other way round, moves blocks one way:
 * another thread frees what this one allocates, or the program's need rises or falls. It moves twice as many at once.
 *
 * Where all stacks together may hold more than thread_cache.total, none grows, and one that is full may hold half as
 * much as before, down to 2^-HALVINGS_MOST times its capacity.
 *
 * For every BYTES_PER_GC_PASS that refills and drains move, one stack has a gc pass, each class in its turn. A stack
 * that has stood still between two passes gives its blocks back and begins anew; a high one gives them back at every
 * GC_PASSES_PER_SORT-th, to get them again in the order of their addresses.
 *
 * Holder of the cache. Below: stack_layout, stack_drain, thread_cache_state, size_class. */
#ifndef HAK_THREAD_STACK_GROWTH_H
#define HAK_THREAD_STACK_GROWTH_H

#include "lib/thread/thread_cache_state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ONE_WAY_MOVES refills or drains in the same direction are one way. What stays in the stack then is of no use to this
 * thread: twice as much moves at once (by the default profile, all of it), and the stack may get 2^ONE_WAY_DOUBLINGS
 * times as high for that. A higher stack moves enough at once, and a random walk of ONE_WAY_MOVES high stacks is none.
 */
#define ONE_WAY_MOVES 8
#define ONE_WAY_DOUBLINGS 1

static inline bool stack_is_one_way(const struct stack_history *history)
{
    return history->same_direction == ONE_WAY_MOVES && history->doublings <= ONE_WAY_DOUBLINGS;
}

/* What a thread may keep of each class at first, and how many refills and drains it takes to double that how often. */
#define SLOW_START_BYTES 128u
#define SLOW_START_MOVES 128u
#define SLOW_START_DOUBLINGS 8u
#define SLOW_START_END (SLOW_START_MOVES * SLOW_START_DOUBLINGS)

/* Of a thread after MOVES refills and drains. */
static inline bool slow_start_is_on(uint32_t moves)
{
    return moves < SLOW_START_END;
}

/* A thread begins with CACHE; it ends; and the stacks have not been kept then. */
void slow_start_note_begin(struct thread_cache *cache);
void slow_start_note_end(struct thread_cache *cache);
void slow_start_note_emptied(struct thread_cache *cache);

/* How many blocks of CLASS make up what a thread may keep of it after MOVES refills and drains, while slow start is
 * on. */
static inline uint32_t slow_start_blocks(uint32_t moves, unsigned class)
{
    return (SLOW_START_BYTES << moves / SLOW_START_MOVES) / size_classes[class].size;
}

/* How many blocks a stack of CLASS with that history may have, in a thread after MOVES. */
static inline uint32_t stack_growth_limit(uint32_t moves, const struct stack_history *history, unsigned class)
{
    const struct size_class *of = &size_classes[class];
    if (UNLIKELY(slow_start_is_on(moves)))
        return (uint32_t)size_minimum(of->limit, slow_start_blocks(moves, class));
    if (UNLIKELY(history->doublings < 0))
        return (uint32_t)size_maximum(of->limit >> -history->doublings, 1);
    return (uint32_t)of->limit << history->doublings;
}

/* How often the limit of a stack is halved at most: busy threads go on with low stacks whatever others have. */
#define HALVINGS_MOST 3

/* Where all stacks together may hold too much: the stack of CLASS, which is full, may hold half as much. */
void stack_growth_halve_over_total(struct thread_cache *cache, unsigned class);

/* Whether all stacks together may hold more than the profile says (thread_cache.total). Any thread. */
bool stack_growth_is_over_total(void);

/* The stacks of CACHE are about to be given up. */
void stack_growth_revoke(struct thread_cache *cache);

/* Sees to it that COUNT blocks fit into the stack of CLASS, which may be more than its limit, but no more than its
 * class's. False where memory is refused. */
bool stack_growth_make_room(struct thread_cache *cache, unsigned class, uint32_t count);

/* After a drain: the stack of CLASS, which slow start had let become higher than its limit, has that limit again. */
void stack_growth_lower_limit(struct thread_cache *cache, unsigned class);

/* Doubles the height that the stack of CLASS may have; false where it may not grow further. */
bool stack_growth_double(struct thread_cache *cache, unsigned class);

/* Counts refills or drains in the same direction; returns whether the stack grew. */
static inline bool stack_growth_count_direction(struct thread_cache *cache, unsigned class,
                                                struct stack_history *history, bool same_direction)
{
    history->same_direction = same_direction ? (uint8_t)size_minimum(history->same_direction + 1u, ONE_WAY_MOVES) : 0;
    return UNLIKELY(stack_is_one_way(history) && history->doublings < ONE_WAY_DOUBLINGS) &&
           stack_growth_double(cache, class);
}

/* The stack of CLASS, which has that history, is going to be refilled; it may grow. */
static inline void stack_growth_before_refill(struct thread_cache *cache, unsigned class, struct stack_history *history)
{
    stack_growth_count_direction(cache, class, history, history->phase != STACK_DRAINED);
}

/* The stack with that history has been refilled. */
static inline void stack_growth_after_refill(struct stack_history *history)
{
    if (history->phase == STACK_DRAINED)
        history->phase = STACK_REFILLED;
}

/* The stack of CLASS is full, and is going to be drained; true if it has grown instead. */
bool stack_growth_before_drain(struct thread_cache *cache, unsigned class);

/* A refill or a drain is going to move COUNT blocks of CLASS: other stacks may have their gc pass. */
void stack_growth_note_move(struct thread_cache *cache, unsigned class, size_t count);

/* Whether most of the memory of CLASS is free, in a class that has much: what its stack keeps would keep that from
 * going back. Holder. */
bool stack_growth_is_fading(struct thread_cache *cache, unsigned class);

/* Gives everything in the stack of CLASS back to the heap, and has it begin with the class's capacity again. Holder. */
void stack_growth_begin_anew(struct thread_cache *cache, unsigned class);

#endif
