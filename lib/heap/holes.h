/* SPDX-License-Identifier: MIT */
/* When the holes of slabs that are in use (slab_holes.h) go back to the kernel: where they are more than purge.keep and
 * more than purge.holes of the memory in use, so that resident memory follows what is live though no slab becomes
 * empty.
 *
 * Memory that is used again within a second of having gone raises that limit, as with whole pages (retention.h). Any
 * thread, with its heap held and without a lock. Below: shared, heap, retention. */
#ifndef HAK_HEAP_HOLES_H
#define HAK_HEAP_HOLES_H

#include "lib/heap/heap.h"

/* BYTES of blocks went back to their slabs by the holder of OWN: looks at the holes now and then. */
void holes_note_drain(struct heap *own, size_t bytes);

/* Gives back the holes of all slabs of OWN, which the caller holds, and of the shared heap. Returns the bytes. */
size_t holes_purge_all(struct heap *own);

/* For fork: the lock, before those of the shared heap. */
void holes_lock(void);
void holes_unlock(void);
void holes_reset_lock(void);

#endif
