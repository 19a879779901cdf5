/* SPDX-License-Identifier: MIT */
/* The checked heap: what serves a program on valgrind whose malloc the tool could not replace (aside.h). It exists for
 * what memcheck can find by it, and is slow: each block has red zones, which nobody may touch, and has exactly the
 * bytes that were asked for; one that is freed is not handed out again until much else was freed after it. What is said
 * of the blocks is kept apart from them, so that nothing that a program overwrites matters.
 *
 * Memory of its own is all that it knows. Short blocks are cut out of chunks, in slots whose lengths are powers of two;
 * long ones are mapped by themselves. Any thread may call anything: one lock. Below: valgrind, lock, os. */
#ifndef HAK_SPACE_CHECKED_HEAP_H
#define HAK_SPACE_CHECKED_HEAP_H

#include "lib/base/compiler.h"

#include <stddef.h>

/* Once, before all else here. False if memory is refused. */
COLD bool checked_heap_start(void);

/* SIZE bytes at a multiple of ALIGNMENT, a power of two; NULL if memory is refused. */
COLD void *checked_heap_take(size_t size, size_t alignment);

/* Frees a block. What is none memcheck reports, and then nothing happens. */
COLD void checked_heap_give(void *pointer);

/* As realloc, of a SIZE and a POINTER that are not 0; the block always moves. What is no block memcheck reports, and
 * then the answer is NULL. */
COLD void *checked_heap_resize(void *pointer, size_t size);

/* The bytes that were asked for; 0 for what is no block. */
COLD size_t checked_heap_usable(const void *pointer);

#endif
