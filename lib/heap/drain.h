/* SPDX-License-Identifier: MIT */
/* Drain: where the blocks go that a thread's stack has too many of, to the thread's own heap or to the shared one.
 *
 * The caller holds the heap. Below: shared, heap, space/pool. */
#ifndef HAK_HEAP_DRAIN_H
#define HAK_HEAP_DRAIN_H

#include "lib/heap/heap.h"

/* Puts COUNT blocks of CLASS back into their slabs; those that become empty go back to the pool, but for the last of a
 * class. Returns how many: fewer, if the next one is for heap_report_not_free. */
uint32_t drain_put(struct heap *heap, unsigned class, void *const *blocks, uint32_t count);

#endif
