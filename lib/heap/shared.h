/* The shared heap: the slabs of all threads for the blocks of a cache line and more (heap.shared_from). No thread owns such a block: whoever frees it
 * has it in its own stack, by the fast path, and a stack's refills and drains come from here and go here, for any number of blocks at a time. So
 * such blocks never travel home one by one, and what one thread frees, another one uses. Shorter blocks stay with the heap of the thread that
 * allocated them, so that no two threads are handed parts of one cache line.
 *
 * One lock for each class guards its slabs; whoever holds it is their owner in the sense of heap.h and slab.h. Nobody needs two of them, but fork,
 * which takes them in the order of the classes. Nothing here is remote: the heap's pending list and its slabs' remote bitmaps stay empty.
 * Any thread may call anything. Below: heap. */
#ifndef HAK_HEAP_SHARED_H
#define HAK_HEAP_SHARED_H

#include "lib/heap/heap.h"

extern HIDDEN struct heap shared_heap;

/* Whether the blocks of CLASS are the shared heap's. */
static ALWAYS_INLINE bool shared_has(unsigned class)
{
    return class >= size_class_shared_from;
}

/* Takes up to COUNT blocks of CLASS and writes them to END[-1], END[-2], ... Returns how many: at least one, or none if memory is refused. Never goes
 * for new memory once it has some. OWN is the heap of the thread. */
uint32_t shared_take(const struct heap *own, unsigned class, void **end, uint32_t count);

/* One block of CLASS that is known to read as zeros; NULL if the slab at hand has none, or memory is refused. */
void *shared_take_zeroed(const struct heap *own, unsigned class);

/* Puts COUNT blocks of CLASS back into their slabs. */
void shared_put(unsigned class, void *const *blocks, uint32_t count);

/* Gives every empty slab back to the pool. */
void shared_release_empty(void);

/* A thread begins, or ends, to take blocks: how many do says how large a large heap is. */
void shared_enter(void);
void shared_leave(void);

/* For fork: all locks. */
void shared_lock(void);
void shared_unlock(void);
void shared_reset_lock(void);

#endif
