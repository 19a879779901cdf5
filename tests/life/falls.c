/* SPDX-License-Identifier: MIT */
/* Programs of which little stays live among much that was freed: what is resident then.
 *
 *   drift     sizes that drift from 16 to 1,000 bytes while as much stays live: each phase replaces all of it eight
 * times over scattered 256 MiB of blocks of 4 KiB, of which 15 of 16 are freed; then malloc_trim flushed   a million
 * blocks of mixed sizes, half of them freed, as many again allocated, then all freed in random order
 *
 * Prints "NAME_live BYTES" and "NAME_resident BYTES", resident beyond what the program began with. */
#include "tests/life/resident.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* musl has none. */
extern int malloc_trim(size_t pad) __attribute__((weak));

#define MIB ((size_t)1 << 20)
#define MOST_BLOCKS 2500000

static struct block {
    char *base;
    uint32_t bytes;
} blocks[MOST_BLOCKS];
static size_t count, live, begun;
static uint64_t state = 88172645463325252;

static uint32_t random_next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

static void add(uint32_t bytes)
{
    struct block *block = &blocks[count++];
    *block = (struct block){malloc(bytes), bytes};
    if (block->base == NULL)
        exit(98);
    memset(block->base, 1, bytes);
    live += bytes;
}

static void drop(size_t index)
{
    free(blocks[index].base);
    live -= blocks[index].bytes;
    blocks[index] = blocks[--count];
}

static void tell(const char *name)
{
    size_t resident = resident_now();
    printf("%s_live %zu\n%s_resident %zu\n", name, live, name, resident > begun ? resident - begun : 0);
}

static void drift(void)
{
    enum { PHASES = 8, LIVE = 48, TURNS = 8 };
    for (uint32_t phase = 0; phase < PHASES; phase++) {
        uint32_t least = 16 + (900 - 16) * phase / (PHASES - 1);
        for (size_t replaced = 0; replaced < TURNS * LIVE * MIB;) {
            uint32_t bytes = least + random_next() % 101;
            while (live + bytes > LIVE * MIB || count == MOST_BLOCKS)
                drop(random_next() % count);
            add(bytes);
            replaced += bytes;
        }
        tell("drift");
    }
}

static void scattered(void)
{
    for (size_t i = 0; i < 256 * MIB / 4096; i++)
        add(4096);
    for (size_t i = 256 * MIB / 4096; i-- > 0;)
        if (i % 16 != 0)
            drop(i);
    tell("scattered");
    if (malloc_trim != NULL)
        malloc_trim(0);
    tell("trimmed");
}

static void flushed(void)
{
    for (int i = 0; i < 1000000; i++)
        add(16 + random_next() % 400);
    for (int i = 0; i < 500000; i++)
        drop(random_next() % count);
    for (int i = 0; i < 500000; i++)
        add(16 + random_next() % 400);
    while (count > 2000)
        drop(random_next() % count);
    tell("flushed");
}

int main(int argc, char **argv)
{
    const char *scenario = argc > 1 ? argv[1] : "";
    memset(blocks, 1, sizeof blocks);
    begun = resident_now();
    if (strcmp(scenario, "drift") == 0)
        drift();
    else if (strcmp(scenario, "scattered") == 0)
        scattered();
    else if (strcmp(scenario, "flushed") == 0)
        flushed();
    else
        return 99;
    return 0;
}
