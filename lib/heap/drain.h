/* Drain: where the blocks go that a thread's stack has too many of. The caller holds the heap. Below: shared, heap. */
#ifndef HAK_HEAP_DRAIN_H
#define HAK_HEAP_DRAIN_H

#include "lib/heap/heap.h"

/* Puts COUNT blocks of CLASS back into their slabs, which are HEAP's or the shared heap's. */
void drain_put(struct heap *heap, unsigned class, void *const *blocks, uint32_t count);

#endif
