/* SPDX-License-Identifier: MIT */
/* The thread cache: for each size class a stack of free blocks' addresses. malloc pops, free pushes; no free block's
 * memory is read or written.
 *
 * How high a stack gets follows the need. It begins with the profile's capacity. Where a class keeps draining and
 * refilling, so that the same blocks travel to the heap and back, its stack may get twice as high, and again, up to
 * thread_cache.growth times its capacity; a stack that stands still while others move gives its blocks back, and one
 * that is high does now and then, to get them again in the order of their addresses. A stack that is refilled again and
 * again and never drained, or the other way round, since another thread frees what this one allocates, moves twice as
 * many at once. The first refill brings a few blocks, each further one twice as many, up to the profile's refill: a
 * thread that needs one block of a class does not get a hundred.
 *
 * Memory that nothing has used yet is the last resort: before it a class borrows. malloc takes a block of one of the
 * next larger classes, if that one's stack has many. Only the block itself tells whose it is, so free brings it back to
 * the class that lent it.
 *
 * The stacks belong to the heap, not to the thread: a cache and its heap are one piece, which goes from a thread that
 * ends to one that begins, and often with all that is in it, and what is known of the stacks' needs (registry.h). A
 * thread finds its cache through one thread-local pointer; a thread without one points at THREAD_CACHE_NONE, whose
 * stacks are all empty and full at once and whose keys match no page, so the fast paths need no test for it.
 *
 * Only the holding thread uses a cache; other threads read the stacks' heights for the statistics (relaxed). Below:
 * heap. */
#ifndef HAK_THREAD_THREAD_CACHE_H
#define HAK_THREAD_THREAD_CACHE_H

#include "lib/base/compiler.h"
#include "lib/heap/heap.h"
#include "lib/heap/remote_free.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* What a stack has done, to see what height it needs. */
struct stack_swing {
    uint8_t phase;     /* enum swing_phase */
    uint8_t doublings; /* it may be 2^doublings times its class's capacity high */
    uint8_t refills;   /* so far, up to as many as it takes to bring a full refill */
    uint8_t swings;    /* drains of blocks that had been fetched back, before it first grew */
    uint8_t streak;    /* refills, or drains, that followed one another */
    uint8_t looks;     /* so many there were while it was higher than flows make it; modulo 256 */
    bool moved;        /* drained or refilled since it was last looked at */
    uint16_t fresh;    /* blocks of new memory since as many came as a full refill brings */
    uint32_t borrowed; /* blocks of other classes instead of a refill, since the last one */
    uint32_t height;   /* when it was last looked at */
};

enum swing_phase {
    SWING_NONE,    /* not drained since it was made or gave everything back */
    SWING_DRAINED, /* drained, not refilled since */
    SWING_BACK     /* drained, then refilled: to drain once more would send blocks to and fro */
};

/* What the fast paths of malloc and free use. */
struct thread_cache_hot {
    _Atomic(void **)
        top[SIZE_CLASSES_MAX];      /* holder writes: above the newest address; top[-1] is NULL in an empty stack */
    void **limit[SIZE_CLASSES_MAX]; /* holder: a push with top at the limit has to drain first */
    uint32_t key[SIZE_CLASSES_MAX]; /* const: the page-map entry of the pages whose blocks of this class free may push
                                       here */
};

struct thread_cache {
    struct thread_cache_hot hot;
    /* holder writes: the oldest address is at bottom[0]; bottom[-1] is NULL */
    _Atomic(void **) bottom[SIZE_CLASSES_MAX];
    struct stack_swing swing[SIZE_CLASSES_MAX]; /* holder */
    size_t moved_bytes;      /* holder: what refills and drains moved since the last look at a stack */
    uint32_t next_looked_at; /* holder: the class whose stack is looked at next */
    struct heap heap;
    /* blocks of other heaps on their way back; last, as threads that free none never touch it */
    struct remote_buffer remote;
};

extern HIDDEN struct thread_cache_hot thread_cache_none;
#define THREAD_CACHE_NONE ((struct thread_cache *)&thread_cache_none)

/* Completes THREAD_CACHE_NONE. Before size_class_start: until then every size has class 0, the only class that it has
 * from the beginning. */
COLD void thread_cache_start(void);

/* The initial-exec model makes it one load relative to the thread pointer; 8 bytes always fit into the room that the
 * loader keeps for dlopen. */
extern HIDDEN _Thread_local struct thread_cache *thread_cache_of_thread __attribute__((tls_model("initial-exec")));

/* Pops a block of CLASS off the empty stack, refilling it from the heap first; NULL if memory is refused. Holder. */
void *thread_cache_refill(struct thread_cache *cache, unsigned class);

/* The same of any stack. Holder. */
void *thread_cache_take(struct thread_cache *cache, unsigned class);

/* The same; it may be a block of a larger class, which need not be aligned as one of CLASS is. Holder. */
void *thread_cache_take_or_borrow(struct thread_cache *cache, unsigned class);

/* Whether that would take a block of a larger class, the stack of CLASS being empty. Holder. */
bool thread_cache_would_borrow(const struct thread_cache *cache, unsigned class);

/* Pushes a block that the cache may keep onto the stack of CLASS, draining the full stack first. Holder. */
void thread_cache_push(struct thread_cache *cache, unsigned class, void *block);

/* Puts everything back: the stacks into their slabs, the remote buffer to its owners. Holder. */
void thread_cache_drain_all(struct thread_cache *cache);

/* Puts stacks that had grown, and are empty, back where they began, and gives the memory back that they had grown into.
 * Holder. */
void thread_cache_ungrow(struct thread_cache *cache);

/* Makes a cache with a new heap. NULL if memory is refused. */
struct thread_cache *thread_cache_new(void);

/* The cache that HEAP is part of. */
struct thread_cache *thread_cache_of_heap(struct heap *heap);

/* Whether the stack of CLASS is in a state that pushes and pops can make; any thread. */
bool thread_cache_is_sound(const struct thread_cache *cache, unsigned class);

/* Bytes of one cache with its stacks and its heap. */
size_t thread_cache_bytes(void);

/* Bytes of the shared heap's blocks in the stacks. Holder. */
size_t thread_cache_shared_bytes(const struct thread_cache *cache);

/* How many blocks of CLASS lie in the stack; any thread. Inexact while the stack moves. */
size_t thread_cache_height(const struct thread_cache *cache, unsigned class);

#endif
