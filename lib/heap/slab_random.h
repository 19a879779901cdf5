/* SPDX-License-Identifier: MIT */
/* Free blocks of a slab by chance (security.randomize). Owner. Below: slab, base/secret. */
#ifndef HAK_HEAP_SLAB_RANDOM_H
#define HAK_HEAP_SLAB_RANDOM_H

#include "lib/heap/slab.h"

/* Among so many free blocks each one is drawn, those with the lowest addresses: what is near each other in time lies in
 * few pages and cache lines still. */
#define SLAB_RANDOM_CHOICE 64u

/* Takes COUNT blocks, no more than are free, each of the lowest SLAB_RANDOM_CHOICE ones with the same chance, and
 * writes them to END[-1], END[-2], ... The free bitmap alone is changed, and first_word. Returns the index behind the
 * highest block of them. */
NOINLINE uint32_t slab_random_take(struct slab *slab, void **end, uint32_t count);

/* Leaves the order of COUNT blocks to chance. */
NOINLINE void slab_random_shuffle(void **blocks, uint32_t count);

#endif
