/* SPDX-License-Identifier: MIT */
/* Reads and writes before a block and behind it. */
#include "tests/misuse/misuse.h"

#include <string.h>

/* Changes one byte at OFFSET from the start of BLOCK, by XOR: it has another value afterwards, whatever it was. */
static void change(char *block, ptrdiff_t offset)
{
    volatile char *byte = block + offset;
    *byte ^= 1;
    misused();
}

/* A byte of what belongs to a block's neighbours, among which BLOCK lies. */
static enum outcome change_near(char *block, ptrdiff_t offset, size_t size)
{
    change(block, offset);
    release(block);
    enum outcome outcome = silent_if(!neighbours_are_intact());
    enum outcome later = live_on(size, NULL, 0);
    return outcome == HARMLESS ? later : outcome;
}

/* The BYTES-th byte behind what malloc_usable_size says. */
static enum outcome overflow(size_t size, size_t bytes)
{
    char *block = block_among(size);
    return change_near(block, (ptrdiff_t)(usable(block) + bytes - 1), size);
}

static enum outcome small_by_1(void)
{
    return overflow(8, 1);
}

static enum outcome small_by_8(void)
{
    return overflow(8, 8);
}

static enum outcome shared_by_1(void)
{
    return overflow(SHARED, 1);
}

static enum outcome medium_by_1(void)
{
    return overflow(MEDIUM, 1);
}

static enum outcome large_by_1(void)
{
    return overflow(LARGE, 1);
}

static enum outcome large_by_8(void)
{
    return overflow(LARGE, 8);
}

static enum outcome huge_by_1(void)
{
    char *block = block_of(HUGE);
    change(block, (ptrdiff_t)usable(block));
    release(block);
    return SILENT;
}

static enum outcome aligned_by_1(void)
{
    char *block = aligned_block_of(4 * KIB, 4 * KIB);
    change(block, (ptrdiff_t)usable(block));
    release(block);
    return SILENT;
}

/* Behind what was asked for, where the block has room: no neighbour loses by it. */
static enum outcome requested_by_1(void)
{
    return change_near(block_among(SMALL - 3), SMALL - 3, SMALL - 3);
}

static enum outcome underflow_small(void)
{
    return change_near(block_among(SMALL), -1, SMALL);
}

static enum outcome underflow_large(void)
{
    return change_near(block_among(LARGE), -1, LARGE);
}

/* The thread that frees the block is not the one that wrote behind it. */
static void *release_in_thread(void *block)
{
    release(block);
    return NULL;
}

static enum outcome small_freed_elsewhere(void)
{
    char *block = block_among(SMALL);
    change(block, (ptrdiff_t)usable(block));
    in_thread(release_in_thread, block);
    return silent_if(!neighbours_are_intact());
}

static enum outcome small_reallocated(void)
{
    char *block = block_among(SMALL);
    change(block, (ptrdiff_t)usable(block));
    block = resize(block, 100 * SMALL);
    release(block);
    return silent_if(!neighbours_are_intact());
}

static void change_and_release(void *block)
{
    change(block, (ptrdiff_t)usable(block));
    release(block);
}

static enum outcome small_in_forked_child(void)
{
    in_child(change_and_release, block_among(SMALL));
    return SILENT;
}

/* A loop without an end: what stops it stops it before all of the neighbours are gone. */
#define LINEAR (256 * KIB)
#define IN_LINE (4 * MIB / SMALL)

static enum outcome linear(void)
{
    static char *blocks[IN_LINE];
    for (size_t i = 0; i < IN_LINE; i++)
        blocks[i] = block_of(SMALL);
    for (volatile char *byte = blocks[0], *end = byte + LINEAR; byte < end; byte++)
        *byte = 'x';
    misused();
    for (size_t i = 0; i < IN_LINE; i++)
        release(blocks[i]);
    return SILENT;
}

/* SILENT: what was read is what a neighbour holds. */
static enum outcome read_behind(size_t size)
{
    char *block = block_among(size);
    const volatile char *behind = block + usable(block);
    bool found = false;
    for (size_t i = 0; i < 64; i++)
        found |= behind[i] == block[0];
    misused();
    return silent_if(found);
}

static enum outcome read_small(void)
{
    return read_behind(SMALL);
}

static enum outcome read_large(void)
{
    return read_behind(LARGE);
}

/* A text without its end. */
static enum outcome read_string(void)
{
    size_t (*volatile length)(const char *) = strlen;
    char *block = block_among(16);
    memset(block, 'a', usable(block));
    size_t read = length(block);
    misused();
    return silent_if(read > usable(block));
}

static enum outcome read_of_zero(void)
{
    volatile char *block = block_of(0);
    volatile char byte = *block;
    (void)byte;
    misused();
    return HARMLESS;
}

static enum outcome write_of_zero(void)
{
    volatile char *block = block_of(0);
    *block = 5;
    misused();
    return HARMLESS;
}

static enum outcome read_shrunk_large(void)
{
    char *block = block_of(4 * LARGE);
    memset(block, 'a', 4 * LARGE);
    block = resize(block, LARGE);
    const volatile char *byte = block + 3 * LARGE;
    bool found = *byte == 'a';
    misused();
    return silent_if(found);
}

static enum outcome write_shrunk_large(void)
{
    char *block = block_of(4 * LARGE);
    memset(block, 'a', 4 * LARGE);
    block = resize(block, LARGE);
    char *other = block_of(3 * LARGE);
    memset(other, 0, 3 * LARGE);
    volatile char *bytes = block;
    for (size_t i = LARGE; i < 4 * LARGE; i += 64)
        bytes[i] = 'b';
    misused();
    return silent_if(memchr(other, 'b', 3 * LARGE) != NULL);
}

const struct misuse out_of_bounds[] = {
    {"overflow_small_by_1", small_by_1},
    {"overflow_small_by_8", small_by_8},
    {"overflow_shared_by_1", shared_by_1},
    {"overflow_medium_by_1", medium_by_1},
    {"overflow_large_by_1", large_by_1},
    {"overflow_large_by_8", large_by_8},
    {"overflow_huge_by_1", huge_by_1},
    {"overflow_aligned_by_1", aligned_by_1},
    {"overflow_requested_by_1", requested_by_1},
    {"overflow_freed_elsewhere", small_freed_elsewhere},
    {"overflow_reallocated", small_reallocated},
    {"overflow_in_forked_child", small_in_forked_child},
    {"overflow_linear", linear},
    {"underflow_small", underflow_small},
    {"underflow_large", underflow_large},
    {"read_behind_small", read_small},
    {"read_behind_large", read_large},
    {"read_behind_string", read_string},
    {"read_of_zero_bytes", read_of_zero},
    {"write_of_zero_bytes", write_of_zero},
    {"read_behind_shrunk_large", read_shrunk_large},
    {"write_behind_shrunk_large", write_shrunk_large},
    {NULL, NULL},
};
