/* SPDX-License-Identifier: MIT */
/* Blocks for threads that cannot wait for another one's fork (base/gate.h): cut off mappings without a lock, so that
 * the child finds whole whatever it finds. A mapping goes when its last block does. There are few such blocks: those of
 * the calls that a thread makes until it lets go of what the forking thread waits for, or of a fork that takes long.
 *
 * Any thread may call anything here. Below: os. */
#ifndef HAK_SPACE_FORK_ARENA_H
#define HAK_SPACE_FORK_ARENA_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SIZE bytes of zeros at a multiple of ALIGNMENT, a power of two; NULL where memory or the places for mappings are used
 * up. */
COLD void *fork_arena_take(size_t size, size_t alignment);

/* Whether POINTER is a block of the arena. */
COLD bool fork_arena_owns(const void *pointer);

/* Bytes that may be used in the arena's block at POINTER. */
COLD size_t fork_arena_usable(const void *pointer);

COLD void fork_arena_give(void *pointer);

struct fork_arena_counts {
    uint64_t mapped_bytes;        /* for its blocks */
    uint64_t blocks, block_bytes; /* in use, as fork_arena_usable says */
};
COLD void fork_arena_count(struct fork_arena_counts *counts);

#endif
