/* SPDX-License-Identifier: MIT */
/* Sizes and alignments that are not those of the block, or that no block can have. */
#include "tests/misuse/misuse.h"

#include <stdlib.h>

typedef void release_sized(void *, size_t);
typedef void release_aligned_sized(void *, size_t, size_t);
typedef void delete_aligned(void *, size_t, size_t); /* size, alignment */

static const bool wide = sizeof(size_t) == 8;

/* A free with the wrong size, which an allocator that trusts it files under that size. */
static enum outcome free_as(release_sized *give, size_t size, size_t said)
{
    release_sized *volatile release_as = give;
    if (give == NULL)
        return ABSENT;
    char *block = block_of(size);
    release_as(block, said);
    misused();
    return live_on(said, NULL, 0);
}

static enum outcome free_sized_small(void)
{
    return free_as((release_sized *)function_called("free_sized"), SMALL, 4 * SMALL);
}

static enum outcome free_sized_large(void)
{
    return free_as((release_sized *)function_called("free_sized"), LARGE, 2 * LARGE);
}

static enum outcome free_sized_large_as_small(void)
{
    return free_as((release_sized *)function_called("free_sized"), LARGE, SMALL);
}

static enum outcome free_sized_small_as_large(void)
{
    return free_as((release_sized *)function_called("free_sized"), SMALL, LARGE);
}

static enum outcome free_aligned_sized(void)
{
    release_aligned_sized *volatile give = (release_aligned_sized *)function_called("free_aligned_sized");
    if (give == NULL)
        return ABSENT;
    give(aligned_block_of(64, 64), 64, 512);
    misused();
    return live_on(512, NULL, 0);
}

static release_sized *sized_delete(void)
{
    return (release_sized *)function_called(wide ? "_ZdlPvm" : "_ZdlPvj");
}

/* As `new char` deleted as an object of 32 bytes. */
static enum outcome delete_small(void)
{
    return free_as(sized_delete(), 1, 32);
}

static enum outcome delete_large_as_small(void)
{
    return free_as(sized_delete(), LARGE, SMALL);
}

static enum outcome delete_as(size_t alignment, size_t size, size_t said)
{
    delete_aligned *volatile give =
        (delete_aligned *)function_called(wide ? "_ZdlPvmSt11align_val_t" : "_ZdlPvjSt11align_val_t");
    void *(*volatile make)(size_t, size_t) =
        (void *(*)(size_t, size_t))function_called(wide ? "_ZnwmSt11align_val_t" : "_ZnwjSt11align_val_t");
    if (give == NULL || make == NULL)
        return ABSENT;
    give(make(size, alignment), said, alignment);
    misused();
    return live_on(said, NULL, 0);
}

static enum outcome delete_aligned_small(void)
{
    return delete_as(64, 64, 128);
}

static enum outcome delete_aligned_large(void)
{
    return delete_as(8 * KIB, 16 * KIB, 9 * KIB - 10);
}

static enum outcome refused_if(bool refused)
{
    misused();
    return refused ? REFUSED : SILENT;
}

static enum outcome alignment_no_power(void)
{
    void *block = NULL;
    return refused_if(allocate_aligned(&block, 3 * sizeof(void *), 100) != 0 && block == NULL);
}

static enum outcome alignment_too_small(void)
{
    void *block = NULL;
    return refused_if(allocate_aligned(&block, 2, 100) != 0 && block == NULL);
}

static enum outcome alignment_overflow(void)
{
    void *block = NULL;
    volatile size_t half = SIZE_MAX / 2 + 1;
    return refused_if(allocate_aligned(&block, half, half) != 0 && block == NULL);
}

static enum outcome aligned_size_overflow(void)
{
    void *(*volatile take)(size_t, size_t) = aligned_alloc;
    volatile size_t most = SIZE_MAX - 15;
    return refused_if(take(64, most) == NULL);
}

static enum outcome malloc_too_much(void)
{
    volatile size_t most = SIZE_MAX - 8;
    return refused_if(allocate(most) == NULL);
}

static enum outcome malloc_negative(void)
{
    volatile size_t most = (size_t)PTRDIFF_MAX + 1;
    return refused_if(allocate(most) == NULL);
}

static enum outcome calloc_overflow(void)
{
    volatile size_t half = SIZE_MAX / 2 + 1;
    return refused_if(allocate_zeroed(half, 2) == NULL);
}

static enum outcome realloc_too_much(void)
{
    volatile size_t most = SIZE_MAX - 8;
    char *block = block_of(SMALL);
    fill_foreign(block, SMALL);
    if (resize(block, most) != NULL)
        return SILENT;
    misused();
    return live_on(SMALL, block, SMALL) == HARMLESS ? REFUSED : SILENT;
}

static enum outcome reallocarray_overflow(void)
{
    void *(*volatile take)(void *, size_t, size_t) = reallocarray;
    volatile size_t half = SIZE_MAX / 2 + 1;
    char *block = block_of(SMALL);
    fill_foreign(block, SMALL);
    if (take(block, half, 2) != NULL)
        return SILENT;
    misused();
    return live_on(SMALL, block, SMALL) == HARMLESS ? REFUSED : SILENT;
}

const struct misuse wrong_sizes[] = {
    {"free_sized_small", free_sized_small},
    {"free_sized_large", free_sized_large},
    {"free_sized_large_as_small", free_sized_large_as_small},
    {"free_sized_small_as_large", free_sized_small_as_large},
    {"free_aligned_sized", free_aligned_sized},
    {"delete_size_small", delete_small},
    {"delete_size_large_as_small", delete_large_as_small},
    {"delete_size_aligned_small", delete_aligned_small},
    {"delete_size_aligned_large", delete_aligned_large},
    {"alignment_no_power", alignment_no_power},
    {"alignment_too_small", alignment_too_small},
    {"alignment_overflow", alignment_overflow},
    {"aligned_size_overflow", aligned_size_overflow},
    {"malloc_too_much", malloc_too_much},
    {"malloc_negative", malloc_negative},
    {"calloc_overflow", calloc_overflow},
    {"realloc_too_much", realloc_too_much},
    {"reallocarray_overflow", reallocarray_overflow},
    {NULL, NULL},
};
