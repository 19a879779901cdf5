/* SPDX-License-Identifier: MIT */
/* What follows a refusal of memory: a ladder, on whose steps each floor gives back what it holds empty or keeps for
 * later (its ..._reclaim), so that the request may be tried once more after each.
 *
 * Any thread; no lock is held. Below: detach, thread_cache, shared, heap, space/purge. */
#ifndef HAK_THREAD_RECLAIM_H
#define HAK_THREAD_RECLAIM_H

#include "lib/base/compiler.h"

/* Goes on from *STEP, 0 at first, to the next step that gives something back; false at the end of the ladder. */
COLD bool reclaim_next(unsigned *step);

#endif
