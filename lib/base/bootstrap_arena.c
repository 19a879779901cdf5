/* SPDX-License-Identifier: MIT */
#include "lib/base/bootstrap_arena.h"

#include "lib/base/compiler.h"

#include <stdint.h>

/* Reading the default profile takes 76 KB in all, and the worst texts of the largest size that is read (64 KiB) took
 * 331 KB. Pages that are not touched cost nothing. */
#define ARENA_BYTES ((size_t)1 << 20)

/* Stands before each block. */
struct header {
    _Alignas(BLOCK_ALIGNMENT) size_t bytes;
};

static _Alignas(BLOCK_ALIGNMENT) char arena[ARENA_BYTES]; /* more could not be relied on: some loaders place libraries
                                                             at any page */
static size_t used;                                       /* the starting thread only */

void *bootstrap_take(size_t bytes, size_t alignment)
{
    uintptr_t first = (uintptr_t)arena + used + sizeof(struct header);
    size_t start = round_up(first, size_maximum(alignment, BLOCK_ALIGNMENT)) - (uintptr_t)arena;
    if (alignment > PAGE_BYTES || bytes > ARENA_BYTES || start > ARENA_BYTES - bytes)
        return NULL;
    struct header *header = (struct header *)(arena + start) - 1;
    header->bytes = bytes;
    used = start + bytes;
    return arena + start;
}

bool bootstrap_owns(const void *pointer)
{
    return (uintptr_t)pointer - (uintptr_t)arena < ARENA_BYTES;
}

size_t bootstrap_usable(const void *pointer)
{
    return ((const struct header *)pointer - 1)->bytes;
}
