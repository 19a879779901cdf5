/* SPDX-License-Identifier: MIT */
#include "lib/heap/slab_random.h"

#include "lib/base/secret.h"

/* The bit of the set bit of BITS that has N set ones below it. */
static uint64_t bit_after(uint64_t bits, uint32_t n)
{
    for (; n > 0; n--)
        bits &= bits - 1;
    return bits & -bits;
}

/* Takes the block that has N free ones before it; returns its index. */
static uint32_t take_after(struct slab *slab, uint32_t n)
{
    while (slab->free_bits[slab->first_word] == 0)
        slab->first_word++;
    uint32_t word = slab->first_word, here;
    while ((here = (uint32_t)__builtin_popcountll(slab->free_bits[word])) <= n) {
        n -= here;
        word++;
    }
    uint64_t bit = bit_after(slab->free_bits[word], n);
    slab->free_bits[word] &= ~bit;
    return word * 64 + (uint32_t)__builtin_ctzll(bit);
}

uint32_t slab_random_take(struct slab *slab, void **end, uint32_t count)
{
    size_t size = size_classes[slab->class].size;
    uint32_t beyond = 0;
    uint64_t state = secret_random();
    for (uint32_t taken = 0; taken < count; taken++) {
        uint32_t choice = (uint32_t)size_minimum(slab->free_blocks - taken, SLAB_RANDOM_CHOICE);
        uint32_t index = take_after(slab, splitmix_below(&state, choice));
        *--end = slab->base + index * size;
        beyond = (uint32_t)size_maximum(beyond, index + 1);
    }
    return beyond;
}

void slab_random_shuffle(void **blocks, uint32_t count)
{
    uint64_t state = secret_random();
    for (; count > 1; count--) {
        uint32_t other = splitmix_below(&state, count);
        void *block = blocks[other];
        blocks[other] = blocks[count - 1];
        blocks[count - 1] = block;
    }
}
