/* SPDX-License-Identifier: MIT */
#include "lib/space/aside.h"

#include "lib/base/bootstrap_arena.h"
#include "lib/base/gate.h"
#include "lib/base/report.h"
#include "lib/base/sanitizer.h"
#include "lib/base/valgrind.h"
#include "lib/space/checked_heap.h"

#include <malloc.h>
#include <stdlib.h>

static enum valgrind_way way; /* const after the start */

/* This library's functions of the C library's names (api/interpose.c), where it has them; valgrind replaces them too.
 * By names of their own: the program may have a malloc before this one. */
extern HIDDEN void *interposed_malloc(size_t) __attribute__((weak));
extern HIDDEN void interposed_free(void *) __attribute__((weak));
extern HIDDEN void *interposed_realloc(void *, size_t) __attribute__((weak));
extern HIDDEN int interposed_posix_memalign(void **, size_t, size_t) __attribute__((weak));
extern HIDDEN size_t interposed_usable_size(void *) __attribute__((weak));
#define CHOOSE(own, name) (own != NULL ? own : name)

static bool keeps_own_heap(void)
{
    const char *value = secure_getenv("HAKMEM_VALGRIND");
    return value != NULL && value[0] == '0' && value[1] == '\0';
}

/* The first thread's variables are 0, but in a static program memcheck takes them for undefined: the C library has them
 * in memory that it asked of the kernel as a heap (brk). */
static void allow_thread_locals(void)
{
    valgrind_allow(&gate_pass, sizeof gate_pass);
    valgrind_allow(&lock_forks, sizeof lock_forks);
}

void aside_start(void)
{
    if (!valgrind_runs() || keeps_own_heap())
        return;
    void *own_block = bootstrap_take(BLOCK_ALIGNMENT, BLOCK_ALIGNMENT);
    way = valgrind_find(interposed_usable_size, own_block);
    if (way == VALGRIND_LISTENS)
        allow_thread_locals();
    if (own_block == NULL || (way == VALGRIND_LISTENS && !checked_heap_start()))
        report_fatal("there is no memory to start with on valgrind");
    bootstrap_give(own_block);
    bootstrap_release();
}

bool aside_serves(void)
{
    return sanitizer_allocates() || way != VALGRIND_ABSENT;
}

const char *aside_reason(void)
{
    return sanitizer_allocates() ? "a sanitizer's runtime allocates in this process"
                                 : "valgrind watches the blocks of this process";
}

static void *replaced_take(size_t size, size_t alignment)
{
    void *block = NULL;
    if (alignment <= BLOCK_ALIGNMENT)
        return CHOOSE(interposed_malloc, malloc)(size);
    return CHOOSE(interposed_posix_memalign, posix_memalign)(&block, alignment, size) == 0 ? block : NULL;
}

void *aside_take(size_t size, size_t alignment)
{
    if (sanitizer_allocates())
        return sanitizer_take(size, alignment);
    return way == VALGRIND_REPLACES ? replaced_take(size, alignment) : checked_heap_take(size, alignment);
}

void aside_give(void *pointer)
{
    if (sanitizer_allocates())
        sanitizer_give(pointer);
    else if (way == VALGRIND_REPLACES)
        CHOOSE(interposed_free, free)(pointer);
    else
        checked_heap_give(pointer);
}

void *aside_resize(void *pointer, size_t size)
{
    if (sanitizer_allocates())
        return sanitizer_resize(pointer, size);
    return way == VALGRIND_REPLACES ? CHOOSE(interposed_realloc, realloc)(pointer, size)
                                    : checked_heap_resize(pointer, size);
}

size_t aside_usable(void *pointer)
{
    if (sanitizer_allocates())
        return sanitizer_usable(pointer);
    return way == VALGRIND_REPLACES ? CHOOSE(interposed_usable_size, malloc_usable_size)(pointer)
                                    : checked_heap_usable(pointer);
}
