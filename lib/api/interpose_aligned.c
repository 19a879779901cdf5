/* SPDX-License-Identifier: MIT */
/* The C library's names for the hak_ functions: aligned blocks, and how large a block is. A program with an allocator
 * of its own may leave them to us (see interpose_libc.c), or replace them as well. */
#include "lib/base/compiler.h"

#include <hakmem/hakmem.h>

#include <malloc.h>
#include <stdlib.h>

/* For the library itself, as in interpose.c. */
HIDDEN int interposed_posix_memalign(void **result, size_t alignment, size_t size) ALIAS_OF(posix_memalign);
HIDDEN size_t interposed_usable_size(void *pointer) ALIAS_OF(malloc_usable_size);

void *pvalloc(size_t size); /* not in every C library's headers */

HAK_EXPORT int posix_memalign(void **result, size_t alignment, size_t size)
{
    return hak_posix_memalign(result, alignment, size);
}

HAK_EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    return hak_aligned_alloc(alignment, size);
}

HAK_EXPORT void *memalign(size_t alignment, size_t size)
{
    return hak_memalign(alignment, size);
}

HAK_EXPORT void *valloc(size_t size)
{
    return hak_valloc(size);
}

HAK_EXPORT void *pvalloc(size_t size)
{
    return hak_pvalloc(size);
}

HAK_EXPORT size_t malloc_usable_size(void *pointer)
{
    return hak_malloc_usable_size(pointer);
}
