/* SPDX-License-Identifier: MIT */
/* The allocator under test as a table of functions, found by name at run time: the C library's names (so whatever
 * LD_PRELOAD says) or the same with "hak_" in front. One source so tests both, and the compiler, which knows malloc's
 * name, cannot reason calls away.
 *
 * Any thread may call anything after allocator_load(). */
#ifndef HAK_TESTS_ALLOCATOR_H
#define HAK_TESTS_ALLOCATOR_H

#include "config.h"

#include "tests/harness/pattern.h"

#include <hakmem/hakmem.h>

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct allocator {
    void *(*malloc)(size_t);
    void (*free)(void *);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*reallocarray)(void *, size_t, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    size_t (*usable_size)(void *);
    void (*free_sized)(void *, size_t);                 /* NULL where the C library is older than C23 */
    void (*free_aligned_sized)(void *, size_t, size_t); /* the same */
    struct hak_mallinfo2 (*mallinfo2)(void);            /* the C library's struct has the same fields */
    int (*trim)(size_t);
    void (*stats)(void);
    int (*info)(int, FILE *);
    int (*mallopt)(int, int);
};

static struct allocator under_test;

/* Is libhakmem loaded at all? Then nothing of its interface may be missing. */
static inline bool allocator_is_hakmem(void)
{
    return dlsym(RTLD_DEFAULT, "hak_malloc") != NULL;
}

static inline bool allocator_find(const char *prefix, const char *name, void *pointer)
{
    char symbol[64];
    snprintf(symbol, sizeof symbol, "%s%s", prefix, name);
    void *found = dlsym(RTLD_DEFAULT, symbol);
    memcpy(pointer, &found, sizeof found);
    return found != NULL;
}

/* Fills in under_test with the functions called PREFIX + name. Returns the name of the first one that is missing, or
 * NULL. */
static inline const char *allocator_load(const char *prefix)
{
    const struct {
        const char *name;
        void *pointer;
        bool optional;
    } functions[] = {
        {"malloc", &under_test.malloc, false},
        {"free", &under_test.free, false},
        {"calloc", &under_test.calloc, false},
        {"realloc", &under_test.realloc, false},
        {"reallocarray", &under_test.reallocarray, false},
        {"posix_memalign", &under_test.posix_memalign, false},
        {"aligned_alloc", &under_test.aligned_alloc, false},
        {"memalign", &under_test.memalign, false},
        {"valloc", &under_test.valloc, false},
        {"pvalloc", &under_test.pvalloc, false},
        {"malloc_usable_size", &under_test.usable_size, false},
        {"free_sized", &under_test.free_sized, true},
        {"free_aligned_sized", &under_test.free_aligned_sized, true},
#ifdef HAVE_STRUCT_MALLINFO2
        {"mallinfo2", &under_test.mallinfo2, false},
#endif
        {"malloc_trim", &under_test.trim, false},
        {"malloc_stats", &under_test.stats, false},
        {"malloc_info", &under_test.info, false},
        {"mallopt", &under_test.mallopt, false},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        bool found = allocator_find(prefix, functions[i].name, functions[i].pointer);
        if (!found && (!functions[i].optional || allocator_is_hakmem()))
            return functions[i].name;
    }
    /* A C library without the struct has no function that returns it; the library's own serves. */
    if (under_test.mallinfo2 == NULL)
        allocator_find("hak_", "mallinfo2", &under_test.mallinfo2);
    return NULL;
}

#endif
