/* SPDX-License-Identifier: MIT */
/* Zeros (security.zero_on_free): a small block is cleared when it is freed, and read when it is taken, when it goes
 * back to its slab, and when the thread or the process ends: what is no zero then was written to after the free. (A
 * slab begins with zeros, see slab_new. A large block is unmapped.)
 *
 * Whoever frees or takes the block. Below: size_class. */
#ifndef HAK_HARDEN_ZERO_H
#define HAK_HARDEN_ZERO_H

#include "lib/base/compiler.h"

/* Called once, by the start. */
COLD void zero_start(void);

/* The block of CLASS at BLOCK is freed. */
void zero_block(unsigned class, void *block);

/* The same block is taken, or is on its way there: reports (report_misuse) where it was written to meanwhile, and
 * clears it again. FUNCTION names who finds out. */
void zero_check(unsigned class, void *block, const char *function);

#endif
