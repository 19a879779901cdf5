/* SPDX-License-Identifier: MIT */
/* Which allocations are guarded: about one in security.guarded of them, without an instruction on the fast paths.
 *
 * Where no more than one in GUARDED_COUNTED_MOST is asked for, or a profile has each malloc take its slow path anyway,
 * every malloc is counted. Otherwise a thread runs its fast paths, and what its slow path sees of it, refills and large
 * blocks, is when it may open a window: its cache is hidden (thread/held_cache.h), so each malloc comes by the slow
 * path, for WINDOW_MALLOCS of them. One of these, as chance has it, is guarded. How much time of the thread the window
 * took tells how often it allocates, and so after how much of its time one in security.guarded will have been
 * allocated: then the next window is due. Where slow paths are rare several windows follow one another.
 *
 * A guarded block costs some microseconds. So that it stays a small share of the thread's time, a malloc counts as
 * MALLOC_TIME_LEAST at least: threads that allocate more often have fewer guarded. That rule is of windows alone.
 *
 * The calling thread's. Below: guarded_clock, held_cache. */
#ifndef HAK_GUARDED_CHOOSE_H
#define HAK_GUARDED_CHOOSE_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* Before the first malloc that is counted. */
COLD void choose_start(void);

/* Counts a malloc, on its slow path; true: it is to be guarded. */
bool choose_strikes(void);

/* The same, and the block for it; NULL where it is not to be guarded, or cannot be: see guarded_take. */
void *choose_take(size_t size, size_t alignment, const void *caller);

#endif
