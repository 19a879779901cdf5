/* SPDX-License-Identifier: MIT */
/* Reads and writes of blocks that were freed. */
#include "tests/misuse/misuse.h"

#include <string.h>
#include <unistd.h>

#define SECRET 's'

/* Whether any of SIZE bytes, or every 64th of many, is SECRET. */
static bool holds_secret(const char *block, size_t size)
{
    const volatile char *bytes = block;
    size_t step = size > 4 * KIB ? 64 : 1;
    for (size_t i = 0; i < size; i += step)
        if (bytes[i] == SECRET)
            return true;
    return false;
}

static char *secret_block(size_t size)
{
    char *block = block_of(size);
    memset(block, SECRET, size);
    return block;
}

/* SILENT: what the block held is there to read. */
static enum outcome read_freed(size_t size)
{
    char *block = secret_block(size);
    release(block);
    bool found = holds_secret(block, size);
    misused();
    return silent_if(found);
}

static enum outcome read_small(void)
{
    return read_freed(128);
}

static enum outcome read_medium(void)
{
    return read_freed(MEDIUM);
}

static enum outcome read_large(void)
{
    return read_freed(LARGE);
}

static enum outcome read_huge(void)
{
    return read_freed(HUGE);
}

static enum outcome read_moved(void)
{
    char *block = secret_block(SMALL), *moved = resize(block, 100 * SMALL);
    if (moved == block)
        return ABSENT;
    bool found = holds_secret(block, SMALL);
    misused();
    return silent_if(found);
}

static enum outcome read_moved_large(void)
{
    char *block = secret_block(LARGE), *other = block_of(LARGE), *moved = resize(block, 100 * LARGE);
    release(other);
    if (moved == block)
        return ABSENT;
    bool found = holds_secret(block, LARGE);
    misused();
    return silent_if(found);
}

static void read_in_child(void *block)
{
    if (!holds_secret(block, LARGE))
        _exit(0);
    misused();
}

static enum outcome read_large_in_forked_child(void)
{
    char *block = secret_block(LARGE);
    release(block);
    in_child(read_in_child, block);
    return SILENT;
}

/* A block that was kept back for a while is handed out again. */
static void take_and_release(size_t size)
{
    size_t times = size > 4 * KIB ? 100 : 100000;
    for (size_t i = 0; i < times; i++)
        release(block_of(size));
}

/* SILENT: the byte that was written is in a block that was handed out afterwards. */
static enum outcome write_freed(size_t size, size_t offset)
{
    enum { TAKEN = 200 };
    static char *taken[TAKEN];
    char *block = block_of(size);
    size_t count = size > 4 * KIB ? 8 : TAKEN;
    memset(block, 0, size);
    release(block);
    *(volatile char *)(block + offset) = SECRET;
    misused();
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        taken[i] = block_of(size);
        found |= *(volatile char *)(taken[i] + offset) == SECRET;
    }
    for (size_t i = 0; i < count; i++)
        release(taken[i]);
    take_and_release(size);
    return silent_if(found);
}

static enum outcome write_small(void)
{
    return write_freed(128, 65);
}

static enum outcome write_small_start(void)
{
    return write_freed(128, 0);
}

static enum outcome write_medium(void)
{
    return write_freed(MEDIUM, 65);
}

static enum outcome write_large(void)
{
    return write_freed(LARGE, 64 * KIB + 1);
}

static enum outcome write_huge(void)
{
    return write_freed(HUGE, 64 * KIB + 1);
}

/* The block may be another owner's by now. SILENT: that owner's bytes are others. */
static enum outcome write_reused(size_t size)
{
    enum { TAKEN = 100 };
    char *block = block_of(size), *taken[TAKEN];
    size_t count = size > 4 * KIB ? 4 : TAKEN;
    release(block);
    for (size_t i = 0; i < count; i++) {
        taken[i] = block_of(size);
        memset(taken[i], 0, size);
    }
    *(volatile char *)(block + size / 2) = SECRET;
    misused();
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        found |= holds_secret(taken[i] + size / 2, 1);
        release(taken[i]);
    }
    take_and_release(size);
    enum outcome later = live_on(size, NULL, 0);
    return found ? SILENT : later;
}

static enum outcome write_small_reused(void)
{
    return write_reused(128);
}

static enum outcome write_large_reused(void)
{
    return write_reused(LARGE);
}

static void *release_in_thread(void *block)
{
    release(block);
    return NULL;
}

static enum outcome read_freed_elsewhere(void)
{
    char *block = secret_block(SHARED);
    in_thread(release_in_thread, block);
    bool found = holds_secret(block, SHARED);
    misused();
    return silent_if(found);
}

/* A write into memory of a freed block that asks for it zeroed gets it zeroed. */
static enum outcome write_before_calloc(void)
{
    enum { TAKEN = 1000 };
    char *block = block_of(SHARED);
    bool zeros = true;
    release(block);
    *(volatile char *)(block + 100) = SECRET;
    misused();
    for (size_t i = 0; i < TAKEN; i++) {
        const char *taken = allocate_zeroed(1, SHARED);
        zeros = zeros && taken != NULL && !holds_secret(taken, SHARED);
    }
    return silent_if(!zeros);
}

const struct misuse after_free[] = {
    {"read_freed_small", read_small},
    {"read_freed_medium", read_medium},
    {"read_freed_large", read_large},
    {"read_freed_huge", read_huge},
    {"read_freed_by_another_thread", read_freed_elsewhere},
    {"read_freed_by_realloc", read_moved},
    {"read_freed_by_realloc_large", read_moved_large},
    {"read_freed_large_in_forked_child", read_large_in_forked_child},
    {"write_freed_small", write_small},
    {"write_freed_small_start", write_small_start},
    {"write_freed_medium", write_medium},
    {"write_freed_large", write_large},
    {"write_freed_huge", write_huge},
    {"write_freed_small_reused", write_small_reused},
    {"write_freed_large_reused", write_large_reused},
    {"write_freed_before_calloc", write_before_calloc},
    {NULL, NULL},
};
