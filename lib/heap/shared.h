/* SPDX-License-Identifier: MIT */
/* The shared heap: the slabs of all threads, for the size classes that belong to none (heap.shared; by default those of
 * 64 bytes and more). Whoever frees such a block has it in its own stack, by the fast path, and stacks of such classes
 * are refilled from here and drained to here. So these blocks never travel home one by one, and what one thread gives
 * back serves all. Other blocks stay with the heap of the thread that allocated them: a cache line of many blocks that
 * are several threads' would travel between these for ever.
 *
 * Each class has its lock; whoever holds that is the owner of its slabs, in the sense of heap.h and slab.h. Nobody
 * needs two of them, but fork, which takes all in order. Nothing here is remote: the heap's pending list and its slabs'
 * remote bitmaps stay empty. What a thread takes and puts is counted in its own heap. Any thread may call anything.
 * Below: footprint, heap. */
#ifndef HAK_HEAP_SHARED_H
#define HAK_HEAP_SHARED_H

#include "lib/heap/heap.h"
#include "lib/space/pool.h"

/* Takes up to COUNT blocks of CLASS and writes them to END[-1], END[-2], ... Returns how many: at least one, or none if
 * memory is refused. Never goes for new memory once it has some. OWN is the thread's heap. */
uint32_t shared_take(struct heap *own, unsigned class, void **end, uint32_t count);

/* One block of CLASS that is known to read as zeros; NULL if the slab at hand has none, or memory is refused. */
void *shared_take_zeroed(struct heap *own, unsigned class);

/* Puts COUNT blocks of CLASS back into their slabs; returns how many, as heap_put does. */
uint32_t shared_put(unsigned class, void *const *blocks, uint32_t count);

/* Whether CLASS is shared, no free block of it has been somebody's, and no such memory waits in the pool: then the next
 * block touches new memory. (Or nearly so: some of it may have come along before, as part of a huge page or of a slab
 * that was prefaulted.) A hint, without a lock. */
static inline bool shared_is_used_up(unsigned class)
{
    return heap_shares(class) &&
           atomic_load_explicit(&shared_heap.touched[class], memory_order_relaxed) <= heap_out(&shared_heap, class) &&
           !pool_has_waiting();
}

/* Gives every empty slab back to the pool; false if there was none. */
bool shared_reclaim(void);

/* For fork: all locks. */
void shared_lock(void);
void shared_unlock(void);
void shared_reset_lock(void);

#endif
