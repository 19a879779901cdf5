/* SPDX-License-Identifier: MIT */
/* A program that brings its own malloc, which hides any that is preloaded; it works for some tenths of a second. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 60000000u

static _Alignas(16) char heap[16 << 20];
static size_t used;

void *malloc(size_t size)
{
    size_t at = used;
    used += (size + 15) / 16 * 16;
    return used <= sizeof heap ? heap + at : NULL;
}

void free(void *block)
{
    (void)block;
}

void *calloc(size_t count, size_t size)
{
    return malloc(count * size); /* never given back, so it is still zero */
}

void *realloc(void *block, size_t size)
{
    void *other = malloc(size);
    if (block && other)
        memcpy(other, block, size);
    return other;
}

int main(void)
{
    unsigned long sum = 1;
    char *block = malloc(100);
    for (unsigned i = 0; i < ROUNDS && block; i++) {
        sum = sum * 6364136223846793005u + i;
        block[sum % 100] = (char)i;
        __asm__ volatile("" : : "r"(block) : "memory");
    }
    return 0;
}
