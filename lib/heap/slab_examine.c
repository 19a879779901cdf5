/* SPDX-License-Identifier: MIT */
#include "lib/heap/slab_examine.h"

#include "lib/space/page_map.h"

/* Marks BLOCK as free for a while; false where it is so, or is no block. */
static bool mark(uint32_t entry, void *block)
{
    if (page_map_entry(block) != entry) /* its slab has gone */
        return false;
    struct slab *slab = page_map_descriptor(block);
    uint32_t index = slab_index(slab, block);
    return index != SLAB_NO_BLOCK && !test_and_set_bit(&slab->free_bits[index / 64], index % 64);
}

static void unmark(void *block)
{
    struct slab *slab = page_map_descriptor(block);
    uint32_t index = slab_index(slab, block);
    slab->free_bits[index / 64] &= ~(UINT64_C(1) << index % 64);
}

size_t slab_examine(uint32_t entry, void *const *blocks, size_t count)
{
    size_t good = 0;
    while (good < count && mark(entry, blocks[good]))
        good++;
    for (size_t i = 0; i < good; i++)
        unmark(blocks[i]);
    return good;
}
