/* SPDX-License-Identifier: MIT */
/* A thread's end: its cache is kept as it is for the next thread (registry.h), or emptied and given up. Afterwards the
 * thread has none, though it may still allocate, in the destructors of other keys.
 *
 * Below: thread_cache, registry. */
#ifndef HAK_THREAD_DETACH_H
#define HAK_THREAD_DETACH_H

#include "lib/base/compiler.h"

struct thread_cache;

/* Makes the key whose destructor tells of threads' ends. Called once, by the start. */
COLD void detach_start(void);

/* Whether the calling thread must do without a cache: its end is under way, or nothing would tell of it. */
bool detach_is_over(void);

/* At the end of the calling thread CACHE, which is the thread's, goes. False if nothing would tell of the end: then it
 * has gone already. */
bool detach_at_end(struct thread_cache *cache);

/* CACHE, which the caller holds, has no thread any more. */
void detach_retire(struct thread_cache *cache);

/* Gives back what is kept of threads that ended, for those that begin; false if there is nothing. Any thread; no lock
 * is held. */
bool detach_reclaim(void);

#endif
