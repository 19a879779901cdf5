/* SPDX-License-Identifier: MIT */
#include "lib/base/sanitizer.h"

#ifdef HAK_INTERPOSE

/* The runtime's names for what it puts in the place of the C library's functions: with two underscores in front, and
 * with three in newer ones (LLVM 17, GCC 14). Weak: NULL in a process that has none. */
#define RUNTIME(type, name, ...)                                         \
    extern type __interceptor_##name(__VA_ARGS__) __attribute__((weak)); \
    extern type ___interceptor_##name(__VA_ARGS__) __attribute__((weak));
#define CHOOSE(name) (___interceptor_##name != NULL ? ___interceptor_##name : __interceptor_##name)

RUNTIME(void *, malloc, size_t)
RUNTIME(void, free, void *)
RUNTIME(void *, realloc, void *, size_t)
RUNTIME(int, posix_memalign, void **, size_t, size_t)
RUNTIME(size_t, malloc_usable_size, void *)

bool sanitizer_allocates(void)
{
    return CHOOSE(malloc) != NULL;
}

void *sanitizer_take(size_t size, size_t alignment)
{
    void *block = NULL;
    if (alignment <= BLOCK_ALIGNMENT)
        return CHOOSE(malloc)(size);
    return CHOOSE(posix_memalign)(&block, alignment, size) == 0 ? block : NULL;
}

void sanitizer_give(void *pointer)
{
    CHOOSE(free)(pointer);
}

void *sanitizer_resize(void *pointer, size_t size)
{
    return CHOOSE(realloc)(pointer, size);
}

size_t sanitizer_usable(void *pointer)
{
    return CHOOSE(malloc_usable_size)(pointer);
}

#else

bool sanitizer_allocates(void)
{
    return false;
}

void *sanitizer_take(size_t size, size_t alignment)
{
    (void)size, (void)alignment;
    return NULL;
}

void sanitizer_give(void *pointer)
{
    (void)pointer;
}

void *sanitizer_resize(void *pointer, size_t size)
{
    (void)pointer, (void)size;
    return NULL;
}

size_t sanitizer_usable(void *pointer)
{
    (void)pointer;
    return 0;
}

#endif
