/* SPDX-License-Identifier: MIT */
/* A pointer stack: the addresses of free blocks, oldest first.
 *
 *     NULL | oldest ... newest | unused ... |
 *           ^ bottom            ^ top        ^ limit
 *
 * The slot below the bottom holds NULL, so "empty" is one test of the value that a pop finds. A push writes to *top,
 * and needs a top below the limit. A stack that is not set up is DIVERT_STACK (divert.h).
 *
 * The three words of a stack lie in three arrays over all size classes, each of which the fast paths index once
 * (thread_cache.h); a struct pointer_stack says where the words of one stack are. One thread, the holder, changes a
 * stack; any thread may ask for its height. Below: divert, base. */
#ifndef HAK_THREAD_POINTER_STACK_H
#define HAK_THREAD_POINTER_STACK_H

#include "lib/thread/divert.h"

#include <stdatomic.h>
#include <string.h>

struct pointer_stack {
    _Atomic(void **) *top, *bottom;
    void ***limit;
};

/* Holder, or a hint. */
static inline void **pointer_stack_top(struct pointer_stack stack)
{
    return atomic_load_explicit(stack.top, memory_order_relaxed);
}

/* Acquire pairs with the release in pointer_stack_set_bottom: a thread that sees a stack's bottom sees a top in the
 * same stack. Any thread. */
static inline void **pointer_stack_bottom(struct pointer_stack stack)
{
    return atomic_load_explicit(stack.bottom, memory_order_acquire);
}

/* Holder, like all below that does not say otherwise. */
static inline void pointer_stack_set_top(struct pointer_stack stack, void **top)
{
    atomic_store_explicit(stack.top, top, memory_order_relaxed);
}

static inline void pointer_stack_set_bottom(struct pointer_stack stack, void **bottom)
{
    atomic_store_explicit(stack.bottom, bottom, memory_order_release);
}

static inline bool pointer_stack_is_set_up(struct pointer_stack stack)
{
    return pointer_stack_bottom(stack) != DIVERT_STACK;
}

/* Sets up an empty stack of at most LIMIT addresses in memory at BOTTOM, below which is a NULL. With DIVERT_STACK and 0
 * it is not set up. */
static inline void pointer_stack_set_up(struct pointer_stack stack, void **bottom, uint32_t limit)
{
    *stack.limit = bottom + limit;
    pointer_stack_set_top(stack, bottom);
    pointer_stack_set_bottom(stack, bottom);
}

/* An empty stack that was set up is so no more. As in a move, a reader of the old bottom must not take the new top for
 * one in the same stack. */
static inline void pointer_stack_take_down(struct pointer_stack stack)
{
    pointer_stack_set_bottom(stack, DIVERT_STACK);
    atomic_thread_fence(memory_order_release); /* pairs with the acquire fence in pointer_stack_height */
    pointer_stack_set_top(stack, DIVERT_STACK);
    *stack.limit = DIVERT_STACK;
}

/* Moves a stack, one that is not set up as well, to memory at TO, below which is a NULL; its limit is for the caller to
 * set. A reader of the old bottom must not take the new top for one in the same stack, so there is no stack between the
 * two: the release fence pairs with the acquire fence in pointer_stack_height. */
static inline void pointer_stack_move(struct pointer_stack stack, void **to)
{
    void **from = pointer_stack_bottom(stack);
    size_t height = (size_t)(pointer_stack_top(stack) - from);
    memcpy(to, from, height * sizeof *to);
    pointer_stack_set_bottom(stack, DIVERT_STACK);
    atomic_thread_fence(memory_order_release);
    pointer_stack_set_top(stack, to + height);
    pointer_stack_set_bottom(stack, to);
}

/* STACK and OTHER, which is empty, change their memory, so that OTHER has what STACK had. STACK keeps its limit, OTHER,
 * which is only popped, has none. Readers: as in a move. */
static inline void pointer_stack_hand_over(struct pointer_stack stack, struct pointer_stack other)
{
    void **full = pointer_stack_bottom(stack), **empty = pointer_stack_bottom(other), **top = pointer_stack_top(stack);
    ptrdiff_t limit = *stack.limit - full;
    pointer_stack_set_bottom(stack, DIVERT_STACK);
    pointer_stack_set_bottom(other, DIVERT_STACK);
    atomic_thread_fence(memory_order_release);
    pointer_stack_set_top(stack, empty);
    pointer_stack_set_top(other, top);
    *stack.limit = empty + limit;
    pointer_stack_set_bottom(stack, empty);
    pointer_stack_set_bottom(other, full);
}

/* Removes the COUNT oldest addresses. */
static inline void pointer_stack_drop_oldest(struct pointer_stack stack, size_t count)
{
    void **bottom = pointer_stack_bottom(stack);
    size_t height = (size_t)(pointer_stack_top(stack) - bottom);
    ASSERT(count <= height);
    memmove(bottom, bottom + count, (height - count) * sizeof *bottom);
    pointer_stack_set_top(stack, bottom + height - count);
}

static inline bool pointer_stack_is_full(struct pointer_stack stack)
{
    return pointer_stack_top(stack) >= *stack.limit;
}

/* Pushes BLOCK onto a stack that is not full. */
static inline void pointer_stack_push(struct pointer_stack stack, void *block)
{
    void **top = pointer_stack_top(stack);
    *top = block;
    pointer_stack_set_top(stack, top + 1);
}

/* Pops the newest; NULL from an empty stack. */
static inline void *pointer_stack_pop(struct pointer_stack stack)
{
    void **top = pointer_stack_top(stack);
    void *block = top[-1];
    if (block != NULL)
        pointer_stack_set_top(stack, top - 1);
    return block;
}

/* The newest, which stays; NULL of an empty stack. */
static inline void *pointer_stack_newest(struct pointer_stack stack)
{
    return pointer_stack_top(stack)[-1];
}

/* Whether ADDRESS, which is not NULL, is among the COUNT newest. */
static inline bool pointer_stack_has_newest(struct pointer_stack stack, const void *address, size_t count)
{
    void **top = pointer_stack_top(stack);
    for (; count > 0 && top[-1] != NULL; count--)
        if (*--top == address)
            return true;
    return false;
}

/* The newest address and another one of the MOST newest, or itself, change places: that which DRAW says, a random
 * number of 32 bits. */
static inline void pointer_stack_swap_newest(struct pointer_stack stack, uint32_t draw, size_t most)
{
    void **top = pointer_stack_top(stack), *newest = top[-1];
    if (UNLIKELY(newest == NULL)) /* a thread without a cache has no bottom either */
        return;
    size_t choice = size_minimum((size_t)(top - pointer_stack_bottom(stack)), most);
    void **other = top - 1 - ((uint64_t)draw * choice >> 32);
    top[-1] = *other;
    *other = newest;
}

/* The newest address and the one below it, if there are two, change places. */
static inline void pointer_stack_swap_two(struct pointer_stack stack)
{
    void **top = pointer_stack_top(stack), *newest = top[-1];
    if (UNLIKELY(newest == NULL || top[-2] == NULL))
        return;
    top[-1] = top[-2];
    top[-2] = newest;
}

/* How many addresses there are. Any thread; inexact while the stack moves, and any number at all if it moves away and
 * back between two of the loads. */
static inline size_t pointer_stack_height(struct pointer_stack stack)
{
    void **bottom = pointer_stack_bottom(stack); /* first, see there */
    void **top = pointer_stack_top(stack);
    atomic_thread_fence(memory_order_acquire); /* pairs with the release fence in pointer_stack_move */
    bool moved = atomic_load_explicit(stack.bottom, memory_order_relaxed) != bottom;
    return moved || bottom == DIVERT_STACK || top < bottom ? 0 : (size_t)(top - bottom);
}

#endif
