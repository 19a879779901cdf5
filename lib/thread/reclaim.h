/* SPDX-License-Identifier: MIT */
/* The ladder after a refusal of memory. On each step floors give back what they hold empty or keep for later (their
 * ..._reclaim), and the request is tried once more.
 *
 * Any thread; no lock is held. Below: detach, thread_cache, shared, heap, space/pool. */
#ifndef HAK_THREAD_RECLAIM_H
#define HAK_THREAD_RECLAIM_H

#include "lib/base/compiler.h"

/* Goes on from *STEP, 0 at first, to the next step that gives something back; false at the end of the ladder. */
COLD bool reclaim_next(unsigned *step);

#endif
