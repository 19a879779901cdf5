/* SPDX-License-Identifier: MIT */
/* Beginnings and ends: the process's start (profile, tables, page map), a thread's first use of the allocator and its
 * end, and fork.
 *
 * Any thread may call anything here. Below: thread_cache, registry, shared, the profile. */
#ifndef HAK_THREAD_LIFE_H
#define HAK_THREAD_LIFE_H

#include "lib/thread/thread_cache.h"

#include <stdbool.h>

/* What the calling thread allocates with. */
enum life_stage {
    LIFE_CACHED,   /* its cache, which is in *CACHE */
    LIFE_STARTING, /* it is starting the allocator: the bootstrap arena */
    LIFE_ENDING,   /* it has put its cache away: single blocks, out of whichever cache is at hand */
    LIFE_NO_MEMORY /* a cache was refused */
};

/* Brings the thread as far as it gets, starting the process if need be. */
enum life_stage life_attach(struct thread_cache **cache);

/* A block of CLASS for a thread without a cache; NULL if memory is refused. */
void *life_take_one(unsigned class);

/* Gives back what is kept of threads that ended, for those that begin, and the shared heap's empty slabs; false if
 * there is nothing. No lock is held. */
bool life_release_kept(void);

#endif
