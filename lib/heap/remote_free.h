/* SPDX-License-Identifier: MIT */
/* Freeing blocks of other threads' heaps (of classes that are not shared), in batches: a thread collects them in a
 * buffer, and hands the buffer back when it is full, brought together by slab: blocks of one bitmap word take one
 * atomic operation, and each slab is signed for once. slab.h describes the protocol.
 *
 * A buffer belongs to one thread; remote_free_one needs none. Below: registry, shared, heap, slab. */
#ifndef HAK_HEAP_REMOTE_FREE_H
#define HAK_HEAP_REMOTE_FREE_H

#include "lib/heap/heap.h"
#include "lib/profile/active.h"

/* The most that the profile may ask for (remote_free.drain_threshold). */
#define REMOTE_BUFFER_MAX 1024
/* A buffer is handed back when it holds this much, however few blocks: their owner cannot use them meanwhile. */
#define REMOTE_BUFFER_MAX_BYTES ((size_t)256 << 10)

struct remote_buffer {
    _Atomic uint32_t count; /* owner writes; statistics read */
    size_t bytes;           /* in those blocks */
    /* the same; relaxed, as the blocks themselves are the freer's */
    _Atomic(void *) block[REMOTE_BUFFER_MAX];
};

/* One of the blocks of a buffer; any thread: it may have been handed back by then. */
static ALWAYS_INLINE void *remote_free_block(const _Atomic(void *) *blocks, uint32_t index)
{
    return atomic_load_explicit(&blocks[index], memory_order_relaxed);
}

/* Hands all of the buffer back. */
void remote_free_flush(struct remote_buffer *buffer, struct heap *heap);

/* The same, or leaves the blocks at the gate where that is closed. */
void remote_free_hand_back(struct remote_buffer *buffer, struct heap *heap);

/* Whether BLOCK is the one that was added last. */
static ALWAYS_INLINE bool remote_free_has_newest(const struct remote_buffer *buffer, const void *block)
{
    uint32_t count = atomic_load_explicit(&buffer->count, memory_order_relaxed);
    return count != 0 && remote_free_block(buffer->block, count - 1) == block;
}

/* Adds a block of CLASS, which belongs to another heap; HEAP counts what is handed back. */
static ALWAYS_INLINE void remote_free_add(struct remote_buffer *buffer, struct heap *heap, unsigned class, void *block)
{
    uint32_t count = atomic_load_explicit(&buffer->count, memory_order_relaxed);
    atomic_store_explicit(&buffer->block[count++], block, memory_order_relaxed);
    buffer->bytes += size_classes[class].size;
    atomic_store_explicit(&buffer->count, count, memory_order_relaxed);
    if (UNLIKELY(count >= HAK_PROFILE(remote_free_drain_threshold) || buffer->bytes >= REMOTE_BUFFER_MAX_BYTES))
        remote_free_hand_back(buffer, heap);
}

/* Hands one block back at once: for threads that have no heap. The shared heap counts it. */
void remote_free_one(void *block);

#endif
