/* SPDX-License-Identifier: MIT */
/* What a thread cache is made of: the stacks, their history, and the heap. thread_cache.h says what it does; the files
 * between (stack_layout.c, stack_drain.c, stack_growth.c, borrow.c) work on its stacks, and so look into it.
 *
 * Only the holding thread writes; other threads read the stacks' heights for the statistics (relaxed). Below: heap,
 * pointer_stack. */
#ifndef HAK_THREAD_THREAD_CACHE_STATE_H
#define HAK_THREAD_THREAD_CACHE_STATE_H

#include "lib/base/compiler.h"
#include "lib/heap/heap.h"
#include "lib/heap/remote_free.h"
#include "lib/space/metadata.h"
#include "lib/thread/guarded_clock.h"
#include "lib/thread/pointer_stack.h"
#include "lib/thread/sample_clock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct quarantine;
struct stack_memo;

enum stack_phase {
    STACK_NOT_DRAINED, /* since it was set up or gave everything back */
    STACK_DRAINED,     /* and not refilled since */
    STACK_REFILLED     /* after a drain: to drain once more is to thrash */
};

/* What a stack has done. Holder writes; zeros for one that has done nothing. */
struct stack_history {
    uint8_t place;          /* where it lies: stack_layout.c; 0 where it is not set up */
    uint8_t phase;          /* enum stack_phase */
    int8_t doublings;       /* the stack may have 2^doublings times its class's limit */
    uint8_t refills;        /* so far, counted until one brings a full refill */
    uint8_t thrashes;       /* before it first grew */
    uint8_t same_direction; /* refills, or drains, that followed one another: ONE_WAY_MOVES at most */
    uint8_t gc_passes;      /* with doublings > ONE_WAY_DOUBLINGS; modulo 256 */
    bool moved;             /* drained or refilled since its last gc pass */
    uint16_t fresh;         /* blocks of new memory since the last that counted as a refill (completes_refill) */
    uint16_t height;        /* at its last gc pass; modulo 65536 */
    uint32_t borrowed;      /* blocks of other classes instead of a refill, since the last one */
};
_Static_assert(sizeof(struct stack_history) == 16, "short: there is one for each class in each thread cache");

/* What the fast paths of malloc and free use. */
struct thread_cache_hot {
    _Atomic(void **) top[SIZE_CLASSES_MAX]; /* holder writes */
    void **limit[SIZE_CLASSES_MAX];         /* holder: a push with top at the limit has to make room first */
    /* const: the page-map entry of the pages whose blocks of this class free may push here */
    uint32_t key[SIZE_CLASSES_MAX];
};

/* Many threads do little and wait: what every thread touches lies on two pages. */
struct thread_cache {
    struct thread_cache_hot hot;
    struct stack_history history[SIZE_CLASSES_MAX]; /* holder */
    _Atomic(void **) bottom[SIZE_CLASSES_MAX];      /* holder writes */
    size_t moved_bytes;                             /* holder: by refills and drains since the last gc pass */
    uint32_t next_gc;                               /* holder: the class whose stack has the next gc pass */
    uint32_t moves;                 /* holder: refills and drains, counted until slow start ends (stack_growth.h) */
    uint64_t began;                 /* holder: os_milliseconds when its thread began with it */
    bool takes_turns;               /* holder: its last thread had a short life, and left its stacks as they are */
    bool has_counted;               /* holder: there may be blocks in counted stacks */
    _Atomic(void **) grown;         /* holder writes: what stacks grow in (stack_layout.h); NULL at first */
    _Atomic(void **) counted_grown; /* the same of counted stacks */
    struct sample_clock clock;
    _Atomic(struct quarantine *) quarantine; /* holder writes: cache_quarantine.h; NULL at first */
    struct stack_memo *memo; /* holder: of the heap profile's last samples (sample/stack_memo.h); NULL at first */
    struct heap heap;
    /* blocks of other heaps on their way back; behind all else, as threads that free none never touch it */
    struct remote_buffer remote;
    struct guarded_clock guarded; /* holder: untouched without security.guarded */
};
_Static_assert(offsetof(struct thread_cache, heap.partial[64]) <= 2 * METADATA_PAGE, "see above");

/* The stack of CLASS. The caller only reads that of a const cache. */
static inline struct pointer_stack thread_cache_stack(const struct thread_cache *cache, unsigned class)
{
    struct thread_cache *of = (struct thread_cache *)cache;
    return (struct pointer_stack){
        .top = &of->hot.top[class], .bottom = &of->bottom[class], .limit = &of->hot.limit[class]};
}

/* How many blocks of CLASS lie in the stack; any thread. Inexact while the stack moves. */
static inline size_t thread_cache_height(const struct thread_cache *cache, unsigned class)
{
    return pointer_stack_height(thread_cache_stack(cache, class));
}

#endif
