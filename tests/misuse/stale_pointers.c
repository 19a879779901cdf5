/* SPDX-License-Identifier: MIT */
/* Pointers that are no block, given to realloc and malloc_usable_size. */
#include "tests/misuse/misuse.h"

#include <string.h>

/* SILENT: what realloc returns is a copy of bytes that are no block's, and the wrong pointer is freed. */
static enum outcome resize_it(void *pointer, size_t size)
{
    volatile char *moved = resize(pointer, size);
    misused();
    if (moved == NULL)
        return REFUSED;
    moved[size - 1] = 1;
    return SILENT;
}

static enum outcome realloc_freed_small(void)
{
    void *block = block_of(SMALL);
    release(block);
    return resize_it(block, 4000);
}

static enum outcome realloc_freed_in_place(void)
{
    void *block = block_of(SMALL);
    release(block);
    return resize_it(block, SMALL);
}

static enum outcome realloc_freed_large(void)
{
    void *block = block_of(MIB);
    release(block);
    return resize_it(block, 2 * MIB);
}

static enum outcome realloc_interior_small(void)
{
    return resize_it(block_of(160) + 16, 4000);
}

static enum outcome realloc_interior_large(void)
{
    return resize_it(block_of(MIB) + 64 * KIB, 2 * MIB);
}

static enum outcome realloc_stack(void)
{
    _Alignas(16) char local[64];
    memset(local, 1, sizeof local);
    return resize_it(local, 1000);
}

static enum outcome realloc_number(void)
{
    return resize_it((void *)(uintptr_t)1, 16);
}

static enum outcome measure(void *pointer)
{
    volatile size_t bytes = usable(pointer);
    misused();
    return silent_if(bytes != 0);
}

static enum outcome usable_size_freed_small(void)
{
    void *block = block_of(16);
    release(block);
    return measure(block);
}

static enum outcome usable_size_freed_large(void)
{
    void *block = block_of(LARGE);
    release(block);
    return measure(block);
}

static enum outcome usable_size_unaligned(void)
{
    return measure(block_of(16) + 1);
}

static enum outcome usable_size_interior(void)
{
    return measure(block_of(160) + 32);
}

static enum outcome usable_size_interior_large(void)
{
    return measure(block_of(LARGE) + 64 * KIB);
}

static enum outcome usable_size_never_allocated(void)
{
    return measure(block_of(16) + 16 * KIB);
}

static enum outcome usable_size_stack(void)
{
    _Alignas(16) char local[64];
    memset(local, 1, sizeof local);
    release(block_of(64));
    return measure(local + 32);
}

static enum outcome usable_size_number(void)
{
    return measure((void *)(uintptr_t)1);
}

const struct misuse stale_pointers[] = {
    {"realloc_freed_small", realloc_freed_small},
    {"realloc_freed_in_place", realloc_freed_in_place},
    {"realloc_freed_large", realloc_freed_large},
    {"realloc_interior_small", realloc_interior_small},
    {"realloc_interior_large", realloc_interior_large},
    {"realloc_stack", realloc_stack},
    {"realloc_number", realloc_number},
    {"usable_size_freed_small", usable_size_freed_small},
    {"usable_size_freed_large", usable_size_freed_large},
    {"usable_size_unaligned", usable_size_unaligned},
    {"usable_size_interior", usable_size_interior},
    {"usable_size_interior_large", usable_size_interior_large},
    {"usable_size_never_allocated", usable_size_never_allocated},
    {"usable_size_stack", usable_size_stack},
    {"usable_size_number", usable_size_number},
    {NULL, NULL},
};
