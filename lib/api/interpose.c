/* SPDX-License-Identifier: MIT */
/* The C library's names for the hak_ functions: the four that every program with an allocator of its own replaces. Each
 * interpose file is an object that such a program can take from the static library without the others. Compiled only
 * where the library replaces the C library's allocator. */
#include "lib/api/free.h"
#include "lib/api/malloc.h"

#include <hakmem/hakmem.h>

#include <stdlib.h>

#ifdef FOR_ARCHIVE
/* Of a static library the linker takes what is referred to: the plug-ins of a program are to find the names beside
 * these in it as well. */
__attribute__((used)) static void *(*const linked_with_malloc)(void *, size_t, size_t) = reallocarray;
#endif

/* The two that matter have the fast path of their own; a jump would cost as much as the pop. */
HAK_EXPORT_FAST void *malloc(size_t size)
{
    return malloc_fast(size);
}

HAK_EXPORT_FAST void free(void *pointer)
{
    free_fast(pointer);
}

/* For the library itself, wherever the program's own malloc is (space/aside.h). */
HIDDEN void *interposed_malloc(size_t size) ALIAS_OF(malloc);
HIDDEN void interposed_free(void *pointer) ALIAS_OF(free);
HIDDEN void *interposed_realloc(void *pointer, size_t size) ALIAS_OF(realloc);

HAK_EXPORT void *calloc(size_t count, size_t size)
{
    return hak_calloc(count, size);
}

HAK_EXPORT void *realloc(void *pointer, size_t size)
{
    return hak_realloc(pointer, size);
}
