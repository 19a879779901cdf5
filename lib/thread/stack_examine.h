/* SPDX-License-Identifier: MIT */
/* The last look at a thread's stacks, when the thread or the process ends: what was freed twice, or is no block, is
 * reported (report_misuse), which else nobody would notice: a drain comes to what has lain in a stack for long.
 *
 * Holder of the cache, inside of the gate. Below: thread_cache_state, heap/shared, heap/slab_examine. */
#ifndef HAK_THREAD_STACK_EXAMINE_H
#define HAK_THREAD_STACK_EXAMINE_H

struct thread_cache;

/* Looks at all stacks of CACHE. What is reported is removed from its stack. */
void stack_examine_all(struct thread_cache *cache);

#endif
