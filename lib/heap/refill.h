/* SPDX-License-Identifier: MIT */
/* Refill: where blocks come from when a thread needs some. Those of shared classes from the shared heap; others from
 * the thread's own: first its slabs, then what other threads freed, then an idle heap's slabs. Then new memory.
 *
 * The caller holds the heap. Below: registry, shared, heap, space/pool. */
#ifndef HAK_HEAP_REFILL_H
#define HAK_HEAP_REFILL_H

#include "lib/heap/heap.h"

/* Takes up to COUNT blocks of CLASS and writes them to END[-1], END[-2], ... Returns how many: at least one, or none if
 * memory is refused. Never goes for new memory once it has some. */
uint32_t refill_take(struct heap *heap, unsigned class, void **end, uint32_t count);

/* The periodic work of a refill, for a thread that does without one: collects what other threads freed into HEAP, and
 * purges what is due. */
void refill_tick(struct heap *heap);

/* One block of CLASS that is known to read as zeros, or NULL. */
void *refill_take_zeroed(struct heap *heap, unsigned class);

#endif
