/* SPDX-License-Identifier: MIT */
/* The footprint of a thread: the bytes of its own heap's slabs and of its share of the shared heap's. It foresees what
 * a new slab of either heap will be used for, and so decides whether the slab's pages are made present at once
 * (pages.prefault) and whether huge pages lie behind it (pages.huge).
 *
 * Holder of the thread's heap. Below: heap, pool. */
#ifndef HAK_HEAP_FOOTPRINT_H
#define HAK_HEAP_FOOTPRINT_H

#include "lib/heap/heap.h"

/* Estimates how many blocks of CLASS, a shared one, the thread with the heap OWN holds: those that it took less those
 * that it put back, but no more than all threads hold, since other threads may have freed them. */
int64_t footprint_held(const struct heap *own, unsigned class);

/* What a new slab of CLASS for the thread with the heap OWN, in that heap or in the shared one, is going to be used
 * for: SLAB_WILL_FILL and so on. */
unsigned footprint_foresee_use(const struct heap *own, unsigned class);

#endif
