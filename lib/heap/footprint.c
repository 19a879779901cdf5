/* SPDX-License-Identifier: MIT */
#include "lib/heap/footprint.h"

#include "lib/space/pool.h"

/* A thread with WILL_FILL_FROM_BYTES of a class is going to use the next slab as a whole. One that needs a few blocks
 * of many sizes has one slab of each, nearly empty and never touched. */
#define WILL_FILL_FROM_BYTES ((uint64_t)2 << 20)

/* A thread with LARGE_FROM_BYTES in all is large: what is unused in its slabs, half a slab of each class, is a small
 * part of it. */
#define LARGE_FROM_BYTES ((uint64_t)128 << 20)

int64_t footprint_held(const struct heap *own, unsigned class)
{
    int64_t taken = heap_allocated(own, class), all = heap_allocated(&shared_heap, class);
    int64_t held = taken < all ? taken : all;
    return held > 0 ? held : 0;
}

/* Bytes of the shared heap's slabs of CLASS: the part of them that the thread's blocks are of all blocks. */
static uint64_t shared_bytes_of_class(const struct heap *own, unsigned class)
{
    int64_t held = footprint_held(own, class), all = heap_allocated(&shared_heap, class);
    uint64_t kib = heap_slab_bytes(&shared_heap, class) >> 10;
    return held == 0 ? 0 : (held >= all ? kib : kib * (uint64_t)held / (uint64_t)all) << 10;
}

static uint64_t bytes_of_class(const struct heap *own, unsigned class)
{
    return heap_shares(class) ? shared_bytes_of_class(own, class) : heap_slab_bytes(own, class);
}

static bool is_large(const struct heap *own)
{
    if (pool_slab_bytes() < LARGE_FROM_BYTES) /* of all threads */
        return false;
    uint64_t bytes = 0;
    for (unsigned class = 0; class < size_class_count; class ++)
        bytes += bytes_of_class(own, class);
    return bytes >= LARGE_FROM_BYTES;
}

/* Longer blocks have pages of their own, of which a program may leave some alone. */
#define WILL_FILL_BLOCK_MOST 2048

unsigned footprint_foresee_use(const struct heap *own, unsigned class)
{
    bool fills = size_classes[class].size <= WILL_FILL_BLOCK_MOST && bytes_of_class(own, class) >= WILL_FILL_FROM_BYTES;
    return (fills ? SLAB_WILL_FILL : 0) | (is_large(own) ? SLAB_OF_LARGE_HEAP : 0);
}
