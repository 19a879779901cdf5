/* SPDX-License-Identifier: MIT */
/* Where the stacks of a thread cache lie. Behind it, in the same mapping and untouched until they are used, there is
 * one for each class, for its capacity. A second mapping, made when the first of them grows, has one more for each, for
 * all that it may grow to: most threads never need it, and limits count addresses. The slot below each is NULL, and
 * stays so. The first ones begin on a page of their own: before them is the remote buffer, which many threads never
 * touch.
 *
 * Holder of the cache; the sizes are constant after the start. Below: size_class, base/os. */
#ifndef HAK_THREAD_STACK_LAYOUT_H
#define HAK_THREAD_STACK_LAYOUT_H

#include <stddef.h>

struct thread_cache;

/* The bottom of the stack of CLASS in CACHE before it has grown. */
void **stack_layout_first(struct thread_cache *cache, unsigned class);

/* That of the one that it grows in; NULL where memory for it is refused. */
void **stack_layout_grown(struct thread_cache *cache, unsigned class);

/* Bytes of a cache with the first of its stacks, and of those that they grow in. */
size_t stack_layout_bytes(void);
size_t stack_layout_grown_bytes(void);

#endif
