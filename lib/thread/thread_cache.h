/* SPDX-License-Identifier: MIT */
/* The thread cache: for each size class a stack of free blocks' addresses (pointer_stack.h). malloc pops, free pushes;
 * no free block's memory is read or written. An empty stack is refilled from the heap, or borrows (borrow.h); a full
 * one grows (stack_growth.h) or is drained.
 *
 * The stacks belong to the heap, not to the thread: a cache and its heap are one piece, which goes from a thread that
 * ends to one that begins, and often with all that is in it, and with the stacks' history (registry.h). A thread finds
 * its cache through one thread-local pointer; that of a thread without one, or whose cache is hidden (held_cache.h),
 * is THREAD_CACHE_NONE (divert.h), so the fast paths do not test for it.
 *
 * Only the holding thread uses a cache. Below: thread_cache_state, stack_growth, stack_drain, stack_layout, borrow,
 * heap. */
#ifndef HAK_THREAD_THREAD_CACHE_H
#define HAK_THREAD_THREAD_CACHE_H

#include "lib/thread/divert.h"
#include "lib/thread/thread_cache_state.h"

/* The initial-exec model makes it one load relative to the thread pointer; 8 bytes always fit into the room that the
 * loader keeps for dlopen. */
extern HIDDEN _Thread_local struct thread_cache *thread_cache_of_thread __attribute__((tls_model("initial-exec")));

/* A block of CLASS, whose stack is empty, from the heap, which may refill the stack; NULL if memory is refused. Holder.
 */
void *thread_cache_refill(struct thread_cache *cache, unsigned class);

/* The same of any stack. Holder. */
void *thread_cache_take(struct thread_cache *cache, unsigned class);

/* The same; it may be a block of a larger class, which need not be aligned as one of CLASS is. Holder. */
void *thread_cache_take_or_borrow(struct thread_cache *cache, unsigned class);

/* Whether that would take a block of a larger class, the stack of CLASS being empty. Holder. */
bool thread_cache_would_borrow(const struct thread_cache *cache, unsigned class);

/* Pushes a block that the cache may keep onto the stack of CLASS, making room on a full one first, or hands it to the
 * heap where there is no room to make. Where the gate (base/gate.h) is closed to that the block is left there. Holder.
 */
void thread_cache_push(struct thread_cache *cache, unsigned class, void *block);

/* A block in a page with ENTRY that was freed: onto the stack of its class, or into the remote buffer where it is of
 * another heap. Holder. */
static ALWAYS_INLINE void thread_cache_give(struct thread_cache *cache, void *block, uint32_t entry)
{
    unsigned class = page_map_class(entry);
    if (LIKELY(entry == cache->hot.key[class]))
        thread_cache_push(cache, class, block);
    else
        remote_free_add(&cache->remote, &cache->heap, class, block);
}

/* Ends the wait of what is in the cache's quarantine (cache_quarantine.h): as thread_cache_give. Holder. */
void thread_cache_end_quarantine(struct thread_cache *cache);

/* Puts everything back: what is in quarantine and the stacks into their slabs, the remote buffer to its owners. Holder.
 */
void thread_cache_drain_all(struct thread_cache *cache);

/* Gives up the memory of the stacks, which are empty, and forgets what they have done. Holder. */
void thread_cache_release_stacks(struct thread_cache *cache);

/* Makes a cache with a new heap. NULL if memory is refused. */
struct thread_cache *thread_cache_new(void);

/* The cache that HEAP is part of. */
struct thread_cache *thread_cache_of_heap(struct heap *heap);

/* Whether the stack of CLASS is in a state that pushes and pops can make; any thread. */
bool thread_cache_is_sound(const struct thread_cache *cache, unsigned class);

/* Blocks of CLASS in the stack, in the counted stack, and in quarantine; any thread. Inexact while they move, but never
 * more than two stacks and a quarantine have. */
size_t thread_cache_blocks(const struct thread_cache *cache, unsigned class);

/* Bytes that CACHE takes beside metadata; any thread. */
size_t thread_cache_bytes(const struct thread_cache *cache);

/* Bytes of the shared heap's blocks in the stacks. Holder. */
size_t thread_cache_shared_bytes(const struct thread_cache *cache);

#endif
