/* SPDX-License-Identifier: MIT */
/* The C library's names for memory stand for the hak_ functions in what is compiled with this file first (-include), so
 * that a program for the preloaded library runs under a sanitizer, whose runtime has a malloc of its own. Blocks that
 * the C library itself allocates are that runtime's, and not to be freed by these names.
 *
 * Any thread may call hak_named. Below: the library's API. */
#ifndef HAK_TESTS_HAK_NAMES_H
#define HAK_TESTS_HAK_NAMES_H

#include <hakmem/hakmem.h>

/* As long as the names are the C library's. */
#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>
#ifdef __cplusplus
#include <cstdlib>
#include <new>
#include <string>

namespace std
{
using ::hak_aligned_alloc;
using ::hak_calloc;
using ::hak_free;
using ::hak_malloc;
using ::hak_realloc;
} // namespace std

extern "C" {
#endif

/* dlsym, which finds this program's hak_ functions as well, by these names and by the C library's. */
void *hak_named(void *handle, const char *name);

#ifdef __cplusplus
}
#endif

#define dlsym hak_named
#define malloc hak_malloc
#define free hak_free
#define calloc hak_calloc
#define realloc hak_realloc
#define reallocarray hak_reallocarray
#define posix_memalign hak_posix_memalign
#define aligned_alloc hak_aligned_alloc
#define memalign hak_memalign
#define malloc_usable_size hak_malloc_usable_size
#define malloc_trim hak_malloc_trim
#define mallinfo2 hak_mallinfo2

#endif
