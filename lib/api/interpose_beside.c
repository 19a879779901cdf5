/* SPDX-License-Identifier: MIT */
/* The C library's names beside those that a program replaces (interpose.c, interpose_aligned.c): they go by way of
 * these, whoever defines them, or tell of this heap. */
#include "lib/api/sized.h"

#include <hakmem/hakmem.h>

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* Names that not every C library's headers have: cfree went with glibc 2.26, the next two come with C23, the others are
 * glibc's alone. */
void cfree(void *pointer);
void free_sized(void *pointer, size_t size);
void free_aligned_sized(void *pointer, size_t alignment, size_t size);
int malloc_trim(size_t pad);
void malloc_stats(void);
int malloc_info(int options, FILE *stream);
int mallopt(int parameter, int value);

HAK_EXPORT void cfree(void *pointer)
{
    free(pointer);
}

HAK_EXPORT void free_sized(void *pointer, size_t size)
{
    if (LIKELY(!sized_is_wrong(pointer, size, "free_sized")))
        free(pointer);
}

HAK_EXPORT void free_aligned_sized(void *pointer, size_t alignment, size_t size)
{
    (void)alignment;
    if (LIKELY(!sized_is_wrong(pointer, size, "free_aligned_sized")))
        free(pointer);
}

HAK_EXPORT void *reallocarray(void *pointer, size_t count, size_t size)
{
    size_t bytes;
    if (UNLIKELY(__builtin_mul_overflow(count, size, &bytes))) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(pointer, bytes);
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
