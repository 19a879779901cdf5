/* SPDX-License-Identifier: MIT */
/* The registry of heaps: makes them, hands them from a thread that ends to one that begins, and keeps idle ones from
 * stranding memory.
 *
 * A heap that nobody holds is idle. Most idle heaps' stacks are empty, and other heaps adopt their slabs. A few small
 * ones, the newest, are kept as their threads left them, so that a thread that begins as others end finds the blocks
 * that it needs in its stacks; these are the stack's heap's or the shared heap's, so nobody adopts slabs of a kept one.
 *
 * One lock guards it; "owner" of an idle heap is whoever holds it. A freer that announced a slab to a heap looks at its
 * `idle` flag afterwards, and a heap that becomes idle sets the flag and collects afterwards; both are seq_cst, so one
 * of the two sees the other (Dekker), and no announced slab stays unseen on an idle heap. Below: heap, space/metadata.
 */
#ifndef HAK_HEAP_REGISTRY_H
#define HAK_HEAP_REGISTRY_H

#include "lib/heap/heap.h"

#include <stdbool.h>
#include <stddef.h>

/* An idle heap, kept or not, held by the caller from now on; NULL if there is none. Any thread. */
struct heap *registry_take(void);

/* The heap that is kept for longest, held by the caller from now on; NULL if none is. Any thread. */
struct heap *registry_take_kept(void);

/* Whether there is no id left for another heap. Any thread; a hint. */
bool registry_is_full(void);

/* The id of the heap that is entered first. */
#define REGISTRY_FIRST_ID 1

/* Enters a new heap (zeroed memory), held by the caller. False if all 2^24 - 2 ids are used. Any thread. */
bool registry_enter(struct heap *heap);

/* How many heaps are kept. Any thread; a hint. */
uint32_t registry_kept(void);

/* The holder gives its heap up. All blocks in its stacks have been put back before. */
void registry_give(struct heap *heap);

/* The same with the blocks in its stacks, SHARED_BYTES of which are the shared heap's, if that and its slabs are
 * little; what it collected for other heaps has been handed back before. Returns the heap that has to go for it, HEAP
 * itself where it is not kept: the caller holds it from now on, and puts back all its blocks and gives it up; or NULL.
 */
struct heap *registry_keep(struct heap *heap, size_t shared_bytes);

/* Takes back what other threads freed into the slabs of HEAP, which the caller holds. */
void registry_collect(struct heap *heap);

/* The most idle heaps that one search for slabs looks at: bounds the time under the lock where thousands are idle. */
#define REGISTRY_SEARCH_LIMIT 16

/* Gives HEAP the slabs of CLASS of an idle heap that is not kept and has some with free blocks; false if none was
 * found. Owner of HEAP. */
bool registry_adopt(struct heap *heap, unsigned class);

/* After a slab was pushed to HEAP's pending list: if nobody holds HEAP, collects on its behalf. Any thread, but not
 * with the lock held, unless HEAP is held by somebody. */
void registry_after_push(struct heap *heap);

/* Collects for all idle heaps, kept or not, which give their empty slabs back to the pool. Any thread. */
void registry_collect_idle(void);

/* The heap that was made last; the others follow by next_made. For registry.c, and for observe/root.c. */
extern HIDDEN _Atomic(struct heap *) registry_made;

/* Calls VISIT for every heap ever made, without the lock: the list only grows. */
void registry_each(void (*visit)(struct heap *heap, void *context), void *context);

void registry_lock(void);
void registry_unlock(void);
void registry_reset_lock(void);

#endif
