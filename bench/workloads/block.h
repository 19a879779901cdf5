/* SPDX-License-Identifier: MIT */
/* What all workloads do with a block: it comes from plain malloc, its first bytes hold the size that it was asked for
 * with (this is the write that touches it), and before it goes back the size is looked at again, so that a block that
 * was handed out twice is seen. */
#ifndef BENCH_BLOCK_H
#define BENCH_BLOCK_H

#include "bench/support.h"

#include <stdint.h>
#include <stdlib.h>

/* MEMORY, as malloc(SIZE) gave it, with SIZE in it. Ends the process where there was no memory. */
static inline void *block_mark(void *memory, size_t size)
{
    uint32_t *block = memory;
    if (__builtin_expect(!block, 0))
        bench_out_of_memory(size);
    *block = (uint32_t)size;
    return block;
}

/* SIZE bytes, at least 4. Ends the process where there is no memory. */
static inline void *block_new(size_t size)
{
    return block_mark(malloc(size), size);
}

/* The size that a block was asked for with. Ends the process if it is not MINIMUM to MAXIMUM. */
static inline uint32_t block_size(const void *block, uint32_t minimum, uint32_t maximum)
{
    uint32_t size = *(const uint32_t *)block;
    if (__builtin_expect(size - minimum > maximum - minimum, 0))
        bench_block_overwritten(block);
    return size;
}

#endif
