/* SPDX-License-Identifier: MIT */
/* A thread's end: what is in quarantine comes out, the stacks get a last look (stack_examine.h), and its cache is kept
 * as it is for the next thread (registry.h), or emptied and given up. Afterwards the thread has none, though it may
 * still allocate, in the destructors of other keys. When the process ends, the stacks of the thread that ends it get
 * that look as well.
 *
 * Below: thread_cache, stack_growth, stack_examine, registry. */
#ifndef HAK_THREAD_DETACH_H
#define HAK_THREAD_DETACH_H

#include "lib/base/compiler.h"

struct thread_cache;

/* Makes the thread-specific key whose destructor runs at a thread's end. Called once, by the start. */
COLD void detach_start(void);

/* Whether the calling thread must do without a cache: its end is under way, or there is no key to notice it by. */
bool detach_is_over(void);

/* Has CACHE, which is the calling thread's, retired at the thread's end. False if that end would not be noticed: then
 * CACHE has retired already. */
bool detach_at_end(struct thread_cache *cache);

/* Retires CACHE, which the caller holds: for the next thread as it is, or empty. */
void detach_retire(struct thread_cache *cache);

/* Empties the caches that are kept for threads that begin; false if there is none. Any thread; no lock is held. */
bool detach_reclaim(void);

#endif
