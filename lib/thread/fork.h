/* SPDX-License-Identifier: MIT */
/* fork: closes the gate and takes all locks, in their order, before it, and makes them anew in the child, so that the
 * child finds every structure whole. Below: the gate, the locks of registry, shared, large, slab,
 * stack_layout, pool, page map and metadata. */
#ifndef HAK_THREAD_FORK_H
#define HAK_THREAD_FORK_H

#include "lib/base/compiler.h"

/* Has it done at each fork from now on. Called once, by the start. */
COLD void fork_start(void);

#endif
