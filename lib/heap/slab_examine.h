/* SPDX-License-Identifier: MIT */
/* A look at blocks that are in a thread's stack: each has to be the start of a block that is not free in its slab, and
 * be there once. A drain would find out as well, but of a stack that is kept, or whose process ends, there is none.
 *
 * Owner of the blocks' slabs. Below: slab, page_map. */
#ifndef HAK_HEAP_SLAB_EXAMINE_H
#define HAK_HEAP_SLAB_EXAMINE_H

#include "lib/heap/slab.h"

/* How many of COUNT blocks at the start of BLOCKS, which should lie in pages with ENTRY, are good: all, or those before
 * the first one that is for heap_report_not_free. */
size_t slab_examine(uint32_t entry, void *const *blocks, size_t count);

#endif
