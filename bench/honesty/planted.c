/* SPDX-License-Identifier: MIT */
/* The allocator of bench/honesty/honesty: the C library's own malloc under another name, so that nothing differs but
 * what is planted. glibc. */
#include <stddef.h>

#define PUBLIC __attribute__((visibility("default")))

void *__libc_malloc(size_t size);
void __libc_free(void *block);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

PUBLIC void *malloc(size_t size);
PUBLIC void free(void *block);
PUBLIC void *calloc(size_t count, size_t size);
PUBLIC void *realloc(void *block, size_t size);

void *malloc(size_t size)
{
    return __libc_malloc(size);
}

void free(void *block)
{
    __libc_free(block);
}

void *calloc(size_t count, size_t size)
{
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return __libc_realloc(block, size);
}
