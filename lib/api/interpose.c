/* SPDX-License-Identifier: MIT */
/* The C library's names for the hak_ functions. Compiled only where the library replaces the C library's allocator. */
#include "lib/api/free.h"
#include "lib/api/malloc.h"

#include <hakmem/hakmem.h>

#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* Names that not every C library's headers have: cfree went with glibc 2.26, the next two come with C23, the others are
 * glibc's alone. */
void cfree(void *pointer);
void free_sized(void *pointer, size_t size);
void free_aligned_sized(void *pointer, size_t alignment, size_t size);
void *pvalloc(size_t size);
int malloc_trim(size_t pad);
void malloc_stats(void);
int malloc_info(int options, FILE *stream);
int mallopt(int parameter, int value);

/* The two that matter have the fast path of their own; a jump would cost as much as the pop. */
HAK_EXPORT_FAST void *malloc(size_t size)
{
    return malloc_fast(size);
}

HAK_EXPORT_FAST void free(void *pointer)
{
    free_fast(pointer);
}

HAK_EXPORT_FAST void cfree(void *pointer)
{
    free_fast(pointer);
}

HAK_EXPORT_FAST void free_sized(void *pointer, size_t size)
{
    (void)size;
    free_fast(pointer);
}

HAK_EXPORT_FAST void free_aligned_sized(void *pointer, size_t alignment, size_t size)
{
    (void)alignment;
    (void)size;
    free_fast(pointer);
}

HAK_EXPORT void *calloc(size_t count, size_t size)
{
    return hak_calloc(count, size);
}

HAK_EXPORT void *realloc(void *pointer, size_t size)
{
    return hak_realloc(pointer, size);
}

HAK_EXPORT void *reallocarray(void *pointer, size_t count, size_t size)
{
    return hak_reallocarray(pointer, count, size);
}

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

HAK_EXPORT COLD int malloc_trim(size_t pad)
{
    return hak_malloc_trim(pad);
}

HAK_EXPORT COLD void malloc_stats(void)
{
    hak_malloc_stats();
}

HAK_EXPORT COLD int malloc_info(int options, FILE *stream)
{
    return hak_malloc_info(options, stream);
}

HAK_EXPORT COLD int mallopt(int parameter, int value)
{
    return hak_mallopt(parameter, value);
}

#ifdef HAVE_STRUCT_MALLINFO2
HAK_EXPORT COLD struct mallinfo2 mallinfo2(void)
{
    struct hak_mallinfo2 ours = hak_mallinfo2();
    struct mallinfo2 theirs;
    _Static_assert(sizeof ours == sizeof theirs, "same fields in the same order");
    memcpy(&theirs, &ours, sizeof theirs);
    return theirs;
}
#endif

#ifdef HAVE_STRUCT_MALLINFO
/* The old form's fields are int: values that do not fit read as the largest that does. */
static int clamp(size_t value)
{
    return value > INT_MAX ? INT_MAX : (int)value;
}

HAK_EXPORT COLD struct mallinfo mallinfo(void)
{
    struct hak_mallinfo2 all = hak_mallinfo2();
    return (struct mallinfo){clamp(all.arena),    clamp(all.ordblks), clamp(all.smblks),  clamp(all.hblks),
                             clamp(all.hblkhd),   clamp(all.usmblks), clamp(all.fsmblks), clamp(all.uordblks),
                             clamp(all.fordblks), clamp(all.keepcost)};
}
#endif
