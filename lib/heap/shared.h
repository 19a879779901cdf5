/* SPDX-License-Identifier: MIT */
/* The shared heap: the slabs of all threads, for the size classes that belong to none (heap.shared; by default those of
 * 64 bytes and more). A thread that frees such a block pushes it on its own stack, by the fast path, and stacks of such
 * classes are refilled from here and drained to here. So no such block is handed back to another heap, and memory that
 * one thread frees serves all. Shorter blocks stay with the heap of the thread that allocated them: a cache line of
 * blocks of several threads would move between their processors for ever.
 *
 * Each class has its lock; whoever holds that is the owner of its slabs, in the sense of heap.h and slab.h. Only
 * fork holds two of them: it takes all in order. Nothing here is remote: the heap's pending list and its slabs'
 * remote bitmaps stay empty. What a thread takes and puts is counted in its own heap. Any thread may call anything.
 * Below: footprint, heap. */
#ifndef HAK_HEAP_SHARED_H
#define HAK_HEAP_SHARED_H

#include "lib/heap/heap.h"
#include "lib/space/pool.h"

/* Takes up to COUNT blocks of CLASS and writes them to END[-1], END[-2], ... Returns how many: at least one, or none if
 * memory is refused. Never goes for new memory once it has some. OWN is the thread's heap. */
uint32_t shared_take(struct heap *own, unsigned class, void **end, uint32_t count);

/* One block of CLASS that is known to read as zeros; NULL if the first slab with free blocks has none, or memory is
 * refused. */
void *shared_take_zeroed(struct heap *own, unsigned class);

/* Puts COUNT blocks of CLASS back into their slabs; returns how many, as heap_put does. */
uint32_t shared_put(unsigned class, void *const *blocks, uint32_t count);

/* Whether CLASS is shared, no free block of it was ever allocated, and the pool retains no memory that was used: then
 * the next block touches new memory. (Or nearly so: some of it may have come along before, as part of a huge page or of
 * a slab that was prefaulted.) A hint, without a lock. */
static inline bool shared_is_used_up(unsigned class)
{
    return heap_shares(class) &&
           atomic_load_explicit(&shared_heap.touched[class], memory_order_relaxed) <=
               heap_allocated(&shared_heap, class) &&
           pool_slab_retained_bytes() == 0;
}

/* As slab_examine, of blocks of CLASS. */
size_t shared_examine(unsigned class, void *const *blocks, size_t count);

/* Gives back about BYTES of the holes in slabs of CLASS, a shared one, or all; returns the bytes. */
size_t shared_purge_holes(unsigned class, size_t bytes);

/* Gives every empty slab back to the pool; false if there was none. */
bool shared_reclaim(void);

/* For fork: all locks. */
void shared_lock(void);
void shared_unlock(void);
void shared_reset_lock(void);

#endif
