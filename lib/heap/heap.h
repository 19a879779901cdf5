/* SPDX-License-Identifier: MIT */
/* A heap: the slabs that one thread owns, or all threads together. It gives blocks out of them, and takes back what
 * stacks drain and what other threads free. A thread's heap goes from thread to thread: when one ends its heap becomes
 * idle, and the next thread takes it over (registry.h).
 *
 * "Owner" below is the thread that holds the heap, or, while nobody does, whoever holds the registry's lock; of the
 * shared heap whoever holds the lock of the class (shared.h). Heaps are never freed, so a stale pointer to one may
 * always be followed. Below: slab, size_class, space. */
#ifndef HAK_HEAP_HEAP_H
#define HAK_HEAP_HEAP_H

#include "lib/base/count.h"
#include "lib/heap/slab.h"
#include "lib/space/page_map.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

_Static_assert(SIZE_CLASSES_MAX <= PAGE_MAP_CLASSES && PAGE_SPECIAL_MOST < SIZE_CLASSES_MAX,
               "arrays of all classes hold any entry's");

/* Ids of heaps are the owner part of a page-map entry, 24 bits: 0 is nobody's, the shared heap has the last. */
#define HEAP_ID_SHARED ((UINT32_C(1) << (32 - PAGE_MAP_CLASS_BITS)) - 1)

/* What a heap counts. The owner alone writes, others read while it runs: relaxed atomics, each right at some moment. */
struct heap_counts {
    _Atomic uint64_t refills, refilled_blocks, drains, drained_blocks;
    _Atomic uint64_t remote_flushes, remote_blocks, slabs_adopted, zero_fills_spared;
    _Atomic uint64_t purged_bytes, refaulted_bytes; /* of holes in its slabs (slab_holes.h) */
    _Atomic uint64_t blocks_borrowed;               /* by its holders' stacks, of other classes */
    _Atomic uint32_t slabs[SIZE_CLASSES_MAX];       /* of each class, owned now */
    /* blocks of each class that were taken out of its slabs, less those that came back: in the program, in a stack or
     * in a remote buffer. A heap that adopts or takes back others' blocks may go below zero; the sum over all heaps
     * does not. In a thread's heap, of shared classes: what its holders took out of the shared heap, less what they put
     * back. */
    _Atomic int64_t allocated[SIZE_CLASSES_MAX];
};

/* What every thread's heap uses comes first, and what is used of short classes alone last: thread_cache.h. */
struct heap {
    /* stack of announced slabs: pushed by any thread (release), taken whole by the owner (acquire) */
    _Alignas(CACHE_LINE) _Atomic(struct slab *) pending;
    /* nobody holds it: written under the registry's lock (seq_cst, see registry.h), read by freers */
    _Atomic bool idle;
    /* const: 1, 2, ...; the owner part of its pages' entries. Other threads write to the line before */
    _Alignas(CACHE_LINE) uint32_t id;
    size_t drained_bytes;   /* owner: since it last looked at the holes (holes.h) */
    uint64_t own_purged;    /* owner: bytes of holes in a thread's own slabs, as `purged` */
    struct heap *next_idle; /* registry's lock: in the list of idle heaps */
    struct heap *next_made; /* const after it is made: in the list of all */
    /* pthread_self() of the thread that has it, or had it last: holder writes, others read (relaxed, a hint). Who
     * inspects the process finds the thread by it */
    _Atomic uintptr_t holder;
    /* const: by class, the blocks in its slabs that somebody has had (slab.h: all but the untouched). Each written as
     * the counts are; NULL in a thread's heap, where nobody asks */
    _Atomic int64_t *touched;
    /* const: by class, bytes of holes in its slabs that were given back and are not used again; as `touched` */
    _Atomic int64_t *purged;
    struct heap_counts counts;
    struct slab *partial[SIZE_CLASSES_MAX]; /* owner: slabs with free blocks, by class */
};

/* The heap of all threads (shared.h). */
extern HIDDEN struct heap shared_heap;

/* The heap of the blocks that the heap profile watches (sampled.h); its id is nobody's. */
extern HIDDEN struct heap sampled_heap;

/* Whether blocks of CLASS are the shared heap's. */
static inline bool heap_shares(unsigned class)
{
    return size_classes[class].shared;
}

/* The heap whose slabs the blocks of CLASS lie in, for the thread with the heap OWN. */
static inline struct heap *heap_for_class(struct heap *own, unsigned class)
{
    return heap_shares(class) ? &shared_heap : own;
}

/* Adds to a counter that only the owner writes: no locked instruction is needed. */
static inline void heap_count(_Atomic uint64_t *counter, uint64_t more)
{
    count_add(counter, more);
}

/* The page-map entry of this heap's pages of CLASS. */
static inline uint32_t heap_entry(const struct heap *heap, unsigned class)
{
    return LIKELY(heap != &sampled_heap) ? heap->id << PAGE_MAP_CLASS_BITS | class : PAGE_SAMPLED;
}

/* Notes that MORE slabs of CLASS, which may be negative, are the heap's. Owner. */
static inline void heap_count_slabs(struct heap *heap, unsigned class, int32_t more)
{
    _Atomic uint32_t *slabs = &heap->counts.slabs[class];
    atomic_store_explicit(slabs, atomic_load_explicit(slabs, memory_order_relaxed) + (uint32_t)more,
                          memory_order_relaxed);
}

/* Adds MORE, which may be negative, to one of the counts of blocks. Owner. */
static inline void heap_count_blocks(_Atomic int64_t *count, int64_t more)
{
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + more, memory_order_relaxed);
}

/* Adds MORE, which may be negative, to the allocated blocks of CLASS. Owner. */
static inline void heap_count_allocated(struct heap *heap, unsigned class, int64_t more)
{
    heap_count_blocks(&heap->counts.allocated[class], more);
}

/* Allocated blocks of CLASS: with the program, in stacks, in remote buffers. Owner, or a hint. */
static inline int64_t heap_allocated(const struct heap *heap, unsigned class)
{
    return atomic_load_explicit(&heap->counts.allocated[class], memory_order_relaxed);
}

/* Takes up to COUNT free blocks of CLASS out of the heap's slabs and writes them to END[-1], END[-2], ... Returns how
 * many. Owner. */
uint32_t heap_take(struct heap *heap, unsigned class, void **end, uint32_t count);

/* One block of CLASS that reads as zeros because it was never handed out, if the first slab with free blocks has one;
 * else NULL. Owner. */
void *heap_take_zeroed(struct heap *heap, unsigned class);

/* Adds a new slab of CLASS; USE is any of SLAB_WILL_FILL and so on. False if memory is refused. Owner. */
bool heap_add_slab(struct heap *heap, unsigned class, unsigned use);

/* Puts COUNT blocks of this heap and of CLASS back into their slabs. Returns how many: fewer, if the next one is none
 * that could be put; then it is for heap_report_not_free. Slabs that become empty, but for the last of a class, are the
 * heap's no more: they come before those in *EMPTIED. Owner. */
uint32_t heap_put(struct heap *heap, unsigned class, void *const *blocks, uint32_t count, struct slab **emptied);

/* Gives the slabs of that list back to the pool. Any thread. */
void heap_delete_slabs(struct slab *emptied);

/* Reports (report_misuse) that FUNCTION got POINTER, which had been taken for a block of CLASS: it is free already, or
 * no block starts there. */
COLD void heap_report_not_free(unsigned class, const void *pointer, const char *function);

/* Takes back what other threads freed into SLAB, which is this heap's and off its pending list. An idle heap keeps no
 * empty slab. Owner. */
void heap_take_back(struct heap *heap, struct slab *slab, bool heap_is_idle);

/* Whether other threads freed something since the last collection. Any thread; a hint. */
static inline bool heap_has_pending(const struct heap *heap)
{
    return atomic_load_explicit(&heap->pending, memory_order_relaxed) != NULL;
}

/* Bytes of its slabs of CLASS, and of all. Owner, or a hint. */
uint64_t heap_slab_bytes(const struct heap *heap, unsigned class);
uint64_t heap_bytes(const struct heap *heap);

/* Gives back about BYTES of the holes in slabs of CLASS, or all. Returns the bytes. Owner. */
size_t heap_purge_holes(struct heap *heap, unsigned class, size_t bytes);

/* All empty slabs of CLASS, the last as well, which are the heap's no more: for heap_delete_slabs. Owner. */
struct slab *heap_remove_empty(struct heap *heap, unsigned class);

/* Gives every empty slab back to the pool; false if there was none. Owner. */
bool heap_reclaim(struct heap *heap);

/* Links an announced slab into its owner's pending list; returns that heap. Whoever has announced the slab, or has it
 * off a list. */
struct heap *heap_push_pending(struct slab *slab);

/* Moves the slabs of CLASS that have free blocks from FROM, an idle heap, to HEAP. Owner of both. */
bool heap_adopt(struct heap *heap, struct heap *from, unsigned class);

#endif
