/* SPDX-License-Identifier: MIT */
/* Drains of one stack: its blocks go back into their slabs. Holder of the cache. Below: thread_cache_state, heap/drain.
 */
#ifndef HAK_THREAD_STACK_DRAIN_H
#define HAK_THREAD_STACK_DRAIN_H

#include <stddef.h>

struct thread_cache;

/* Puts the COUNT oldest blocks of the stack of CLASS, which is set up, back into their slabs. Ends the program where
 * one of them was free already. */
void stack_drain_oldest(struct thread_cache *cache, unsigned class, size_t count);

/* The same with all of them. */
void stack_drain_all(struct thread_cache *cache, unsigned class);

#endif
