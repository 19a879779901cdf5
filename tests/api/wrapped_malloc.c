/* SPDX-License-Identifier: MIT */
/* A program that counts its blocks by wrapping __libc_malloc and its kin, as memory debuggers do, and leaves aligned
 * blocks to the C library's names: all must be of one heap. */
#include "tests/harness/tap.h"

#include <features.h>
#include <malloc.h>
#include <stdint.h>

#ifdef __GLIBC__
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t), *__libc_valloc(size_t), *__libc_pvalloc(size_t);
extern void __libc_free(void *);

static long live, calls;

void *malloc(size_t size)
{
    void *block = __libc_malloc(size);
    live += block != NULL;
    calls++;
    return block;
}

void *calloc(size_t count, size_t size)
{
    void *block = __libc_calloc(count, size);
    live += block != NULL;
    return block;
}

void *realloc(void *pointer, size_t size)
{
    void *block = __libc_realloc(pointer, size);
    live += pointer == NULL && block != NULL;
    return block;
}

void free(void *pointer)
{
    live -= pointer != NULL;
    __libc_free(pointer);
}

static void fill_and_free(void *block, size_t size)
{
    if (block == NULL || malloc_usable_size(block) < size)
        abort();
    memset(block, 1, size);
    free(block);
}

static void test_aligned(void)
{
    void *block;
    if (posix_memalign(&block, 64, 1000) != 0)
        abort();
    fill_and_free(block, 1000);
    block = realloc(aligned_alloc(64, 640), 10000);
    fill_and_free(block, 10000);
    fill_and_free(memalign(256, 100), 100);
    fill_and_free(valloc(100), 100);
    fill_and_free(pvalloc(100), 100);
    tap_ok(true, "aligned blocks go back by way of __libc_free");
    free(__libc_memalign(4096, 100));
    free(__libc_valloc(100));
    free(__libc_pvalloc(100));
    tap_ok(true, "so do those of __libc_memalign, __libc_valloc and __libc_pvalloc");
}

static void test_plain(void)
{
    long before = live, calls_before = calls;
    for (size_t size = 1; size < 3000000; size = size * 3 + 1) {
        char *block = realloc(malloc(size), size * 2);
        fill_and_free(reallocarray(block, size, 3), size * 3);
        fill_and_free(calloc(size, 2), size * 2);
        block = strdup("text");
        free(block);
    }
    tap_ok(live == before && calls > calls_before, "the program's malloc and free were called for all of them");
}

int main(void)
{
    test_aligned();
    test_plain();
    return tap_done();
}
#else
int main(void)
{
    tap_skip("__libc_malloc: not a name of this C library");
    return tap_done();
}
#endif
