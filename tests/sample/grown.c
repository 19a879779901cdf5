/* SPDX-License-Identifier: MIT */
/* Blocks that grow step by step, each to a length of its own, and some of which shrink again: realloc leaves many where
 * they are. Prints how many there are in the end and how many bytes they have, for tests/sample/truth.tap.
 *
 *   grown COUNT */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define STEP 100
#define STEPS_MOST 1000
#define COUNT_MOST 100000

static void *blocks[COUNT_MOST];

static uint32_t random_next(uint32_t *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 8;
}

/* Most are short, some have several pages; one in eight is large in the end. */
static size_t length_of(uint32_t *random)
{
    size_t steps = random_next(random) % 100 + 1;
    return random_next(random) % 8 == 0 ? STEP * steps * (STEPS_MOST / 100) : STEP * steps;
}

static void *resize(void *block, size_t bytes)
{
    void *resized = realloc(block, bytes);
    if (resized == NULL)
        abort();
    return resized;
}

static __attribute__((noinline)) void *grow(size_t length)
{
    void *block = NULL;
    for (size_t bytes = STEP; bytes <= length; bytes += STEP)
        block = resize(block, bytes);
    return block;
}

int main(int arguments, char **argument)
{
    size_t count = arguments > 1 ? (size_t)atoi(argument[1]) : 0, bytes = 0;
    uint32_t random = 1;
    if (count > COUNT_MOST)
        return 2;
    for (size_t i = 0; i < count; i++) {
        size_t length = length_of(&random);
        blocks[i] = grow(length);
        if (i % 4 == 0)
            blocks[i] = resize(blocks[i], length / 2 + 1);
        bytes += malloc_usable_size(blocks[i]);
    }
    printf("%zu %zu\n", count, bytes);
    return 0;
}
