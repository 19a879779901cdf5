/* SPDX-License-Identifier: MIT */
/* Where the stacks of thread caches lie. A stack begins in a small place and moves to one of twice the size when it
 * fills, up to its class's capacity; whoever needs a place of that size next gets the one that it left. So what a
 * thread's stacks take follows what it does, and the stacks of threads that do little lie side by side. What stacks
 * grow in beyond their capacities is a mapping for all classes of one cache, made when the first of them grows.
 *
 * No two stacks share a cache line. The slot below each is NULL, and stays so: places are never cut anew. A place stays
 * readable for ever, as other threads may ask for a stack's height.
 *
 * Holder of the cache. There is one lock, under which no other is taken. Below: thread_cache_state, space/metadata,
 * base/os. */
#ifndef HAK_THREAD_STACK_LAYOUT_H
#define HAK_THREAD_STACK_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thread_cache;

/* How many addresses the place of the stack of CLASS has room for; 0 where it is not set up. */
uint32_t stack_layout_room(const struct thread_cache *cache, unsigned class);

/* Sees to it that there is room for COUNT addresses, at most the class's capacity, by a move if need be; its limit
 * stays. False where memory is refused: then all is as it was. */
bool stack_layout_widen(struct thread_cache *cache, unsigned class, uint32_t count);

/* Moves the stack of CLASS to where it may grow; false where memory for that is refused. */
bool stack_layout_grow(struct thread_cache *cache, unsigned class);

/* The stack of CLASS and its counted one, which is empty, change their memory, so that the counted one has what CLASS
 * had. False where memory is refused. */
bool stack_layout_hand_over(struct thread_cache *cache, unsigned class, unsigned counted);

/* No stack of CACHE, all of which are empty, is set up any more, and their memory goes to others. */
void stack_layout_release(struct thread_cache *cache);

/* Bytes of what the stacks of a cache have grown in; any thread. The places are metadata. */
size_t stack_layout_grown_bytes(const struct thread_cache *cache);

/* For fork. */
void stack_layout_lock(void);
void stack_layout_unlock(void);
void stack_layout_reset_lock(void);

#endif
