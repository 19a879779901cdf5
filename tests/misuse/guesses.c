/* SPDX-License-Identifier: MIT */
/* What an attacker, or a program with a fault, relies on: that memory holds what it held, that blocks lie where one
 * thinks, and that what the allocator notes of them can be written over. */
#include "tests/misuse/misuse.h"

#include <string.h>

#define SECRET 's'

/* SILENT: a new block shows what a freed one held. */
static enum outcome left_over(size_t size)
{
    enum { BLOCKS = 200 };
    char *blocks[BLOCKS];
    size_t count = size > 4 * KIB ? 4 : BLOCKS;
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        blocks[i] = block_of(size);
        memset(blocks[i], SECRET, size);
    }
    for (size_t i = 0; i < count; i++)
        release(blocks[i]);
    for (size_t i = 0; i < count; i++) {
        blocks[i] = block_of(size);
        found |= *(volatile char *)(blocks[i] + size / 2) == SECRET;
    }
    misused();
    return silent_if(found);
}

static enum outcome left_over_small(void)
{
    return left_over(SHARED);
}

static enum outcome left_over_large(void)
{
    return left_over(LARGE);
}

/* SILENT: the block that is freed is the next one that is handed out, so that a stale pointer leads to it. */
static enum outcome reused(size_t size)
{
    enum { TRIES = 16 };
    size_t same = 0;
    for (size_t i = 0; i < TRIES; i++) {
        char *block = block_of(size);
        release(block);
        same += block_of(size) == block;
    }
    misused();
    return silent_if(same > TRIES / 2);
}

static enum outcome reused_small(void)
{
    return reused(SMALL);
}

static enum outcome reused_large(void)
{
    return reused(LARGE);
}

/* SILENT: most blocks lie right behind, or before, the one that was handed out before. */
static enum outcome in_order(void)
{
    enum { BLOCKS = 256 };
    char *last = block_of(SMALL);
    size_t beside = 0;
    ptrdiff_t usual = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        char *block = block_of(SMALL);
        ptrdiff_t step = block - last;
        beside += step == usual;
        usual = step;
        last = block;
    }
    misused();
    return silent_if(beside > BLOCKS / 2);
}

/* An address is written where an allocator may keep its list of free blocks: SILENT if it is handed out. */
static enum outcome free_list(size_t words)
{
    enum { BLOCKS = 64, TAKEN = 20000 };
    static _Alignas(64) char target[256];
    char *blocks[BLOCKS];
    bool found = false;
    for (size_t i = 0; i < BLOCKS; i++)
        blocks[i] = block_of(SMALL);
    for (size_t i = 0; i < BLOCKS; i++)
        release(blocks[i]);
    for (size_t i = 0; i < BLOCKS; i++)
        for (size_t word = 0; word < words; word++)
            ((void *volatile *)blocks[i])[word] = target + 64;
    misused();
    for (size_t i = 0; i < TAKEN; i++) {
        char *block = block_of(SMALL);
        found |= block >= target && block < target + sizeof target;
    }
    return silent_if(found);
}

static enum outcome poke_free_list(void)
{
    return free_list(1);
}

static enum outcome poke_free_list_both(void)
{
    return free_list(2);
}

/* What may lie before a block is written over with VALUE, and the block is freed. */
static enum outcome header(size_t size, unsigned char value)
{
    char *block = block_among(size);
    volatile unsigned char *before = (volatile unsigned char *)block;
    for (size_t i = 1; i <= 16; i++)
        before[-(ptrdiff_t)i] = value;
    misused();
    release(block);
    bool intact = neighbours_are_intact();
    enum outcome later = live_on(size, NULL, 0);
    return intact ? later : SILENT;
}

static enum outcome poke_header_small(void)
{
    return header(SMALL, 0x41);
}

static enum outcome poke_header_zero(void)
{
    return header(SMALL, 0);
}

static enum outcome poke_header_large(void)
{
    return header(LARGE, 0x41);
}

/* The start of a region of 64 KiB that blocks lie in, where allocators that align their regions keep their notes. */
static enum outcome poke_region(void)
{
    enum { BLOCKS = 40000 };
    static char *blocks[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = block_of(SMALL);
        fill_foreign(blocks[i], SMALL);
    }
    volatile char *start = (char *)((uintptr_t)blocks[BLOCKS / 2] & ~(64 * KIB - 1));
    for (size_t i = 0; i < 256; i++)
        start[i] = 0x41;
    misused();
    bool intact = true;
    for (size_t i = 0; i < BLOCKS; i++) {
        intact = intact && memchr(blocks[i], 0x41, SMALL) == NULL;
        release(blocks[i]);
    }
    enum outcome later = live_on(SMALL, NULL, 0);
    return intact ? later : SILENT;
}

const struct misuse guesses[] = {
    {"left_over_small", left_over_small},
    {"left_over_large", left_over_large},
    {"reused_at_once_small", reused_small},
    {"reused_at_once_large", reused_large},
    {"in_order", in_order},
    {"poke_free_list", poke_free_list},
    {"poke_free_list_both", poke_free_list_both},
    {"poke_header_small", poke_header_small},
    {"poke_header_zero", poke_header_zero},
    {"poke_header_large", poke_header_large},
    {"poke_region_start", poke_region},
    {NULL, NULL},
};
