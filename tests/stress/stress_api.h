/* SPDX-License-Identifier: MIT */
/* The allocator that the stress test calls: the C library's names (whatever is preloaded), or, with STRESS_HAK defined,
 * the hak_ API it is linked with, so that a sanitizer sees every access of the allocator's own code. */
#ifndef HAK_TESTS_STRESS_API_H
#define HAK_TESTS_STRESS_API_H

#ifdef STRESS_HAK
#include <hakmem/hakmem.h>
#define stress_malloc hak_malloc
#define stress_calloc hak_calloc
#define stress_realloc hak_realloc
#define stress_memalign hak_memalign
#define stress_usable_size hak_malloc_usable_size
#define stress_free hak_free
#define stress_trim hak_malloc_trim
#else
#include <malloc.h>
#include <stdlib.h>
#define stress_malloc malloc
#define stress_calloc calloc
#define stress_realloc realloc
#define stress_memalign memalign
#define stress_usable_size malloc_usable_size
#define stress_free free
#ifdef __GLIBC__
#define stress_trim malloc_trim
#else /* there is none */
#define stress_trim(pad) ((void)(pad))
#define STRESS_UNTRIMMED ", without malloc_trim, which this C library has not"
#endif
#endif

/* What the last line says that was left out. */
#ifndef STRESS_UNTRIMMED
#define STRESS_UNTRIMMED ""
#endif

#endif
