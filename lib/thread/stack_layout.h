/* SPDX-License-Identifier: MIT */
/* Where the stacks of a thread cache lie: behind it, in the same mapping, untouched until they are used. First comes
 * one stack for each class, for its capacity; then one more for each, for all that it may grow to. The slot below each
 * is NULL, and stays so. They begin on a page of their own: before them is the remote buffer, which many threads never
 * touch.
 *
 * Constant after the start; any thread may call anything. Below: size_class. */
#ifndef HAK_THREAD_STACK_LAYOUT_H
#define HAK_THREAD_STACK_LAYOUT_H

#include <stddef.h>

struct thread_cache;

/* The bottom of the stack of CLASS in CACHE before it has grown, and of the one that it grows in. */
void **stack_layout_first(struct thread_cache *cache, unsigned class);
void **stack_layout_grown(struct thread_cache *cache, unsigned class);

/* Bytes of a cache with its stacks. */
size_t stack_layout_bytes(void);

#endif
