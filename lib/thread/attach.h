/* SPDX-License-Identifier: MIT */
/* A thread's first use of the allocator: it gets a cache, one that an ended thread has left or a new one. And what
 * serves a thread that has none.
 *
 * Any thread may call anything here. Below: start, detach, thread_cache, stack_growth, registry. */
#ifndef HAK_THREAD_ATTACH_H
#define HAK_THREAD_ATTACH_H

#include "lib/thread/thread_cache.h"

/* What the calling thread allocates with. */
enum attach_stage {
    ATTACH_CACHED,   /* its cache, which is in *CACHE */
    ATTACH_STARTING, /* it is starting the allocator: the bootstrap arena */
    ATTACH_ASIDE,    /* this library has stepped aside: what serves instead (space/aside.h) */
    ATTACH_ENDING,   /* it has retired its cache: single blocks, each from an idle or a new cache */
    ATTACH_NO_MEMORY /* a cache was refused */
};

/* Brings the thread as far as it gets, starting the process if need be. */
enum attach_stage attach_thread(struct thread_cache **cache);

/* The same for a thread that has no cache and is going to free a block; false where it does that without one: the first
 * few times, since a thread that only frees a block or two needs no cache, and where it gets none. */
bool attach_to_free(struct thread_cache **cache);

/* A block of CLASS for a thread without a cache; NULL if memory is refused. */
void *attach_take_one(unsigned class);

#endif
