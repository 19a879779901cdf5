/* SPDX-License-Identifier: MIT */
/* Holes: parts of a slab that hold no block and can be given back to the kernel though the slab is in use.
 *
 * A slab is looked at in units, of which it has up to 64: the kernel's pages, or more of them in long slabs. Its free
 * bitmap says which units no block lies in. A unit that was given back reads as zeros and costs a page fault when a
 * block in it is handed out again.
 *
 * Owner of the slab. Below: slab. */
#ifndef HAK_HEAP_SLAB_HOLES_H
#define HAK_HEAP_SLAB_HOLES_H

#include "lib/heap/slab.h"

/* Gives back the units of SLAB without a block that somebody has used. Returns their bytes. */
size_t slab_purge_holes(struct slab *slab);

/* Blocks of SLAB, which has purged units, were handed out: those with a block are none any more. */
void slab_note_refault(struct slab *slab);

/* Bytes of its units that are purged. */
size_t slab_purged_bytes(const struct slab *slab);

#endif
