/* SPDX-License-Identifier: MIT */
/* The GNU C library's other names for its allocator's functions. A program or a debugger that wraps malloc calls them
 * for the work, and leaves aligned blocks, say, to the plain names: both must be of one heap. */
#include "lib/api/free.h"
#include "lib/api/malloc.h"

#include <hakmem/hakmem.h>

#include <features.h>

#ifdef __GLIBC__
#include <malloc.h>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* mallinfo */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"      /* no header of the C library declares them */

HAK_EXPORT_FAST void *__libc_malloc(size_t size)
{
    return malloc_fast(size);
}

HAK_EXPORT_FAST void __libc_free(void *pointer)
{
    free_fast(pointer);
}

HAK_EXPORT void *__libc_calloc(size_t count, size_t size)
{
    return hak_calloc(count, size);
}

HAK_EXPORT void *__libc_realloc(void *pointer, size_t size)
{
    return hak_realloc(pointer, size);
}

HAK_EXPORT void *__libc_reallocarray(void *pointer, size_t count, size_t size)
{
    return hak_reallocarray(pointer, count, size);
}

HAK_EXPORT void *__libc_memalign(size_t alignment, size_t size)
{
    return hak_memalign(alignment, size);
}

HAK_EXPORT int __posix_memalign(void **result, size_t alignment, size_t size)
{
    return hak_posix_memalign(result, alignment, size);
}

HAK_EXPORT void *__libc_valloc(size_t size)
{
    return hak_valloc(size);
}

HAK_EXPORT void *__libc_pvalloc(size_t size)
{
    return hak_pvalloc(size);
}

HAK_EXPORT COLD struct mallinfo __libc_mallinfo(void)
{
    return mallinfo();
}

HAK_EXPORT COLD int __libc_mallopt(int parameter, int value)
{
    return hak_mallopt(parameter, value);
}
#endif
