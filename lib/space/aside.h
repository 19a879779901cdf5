/* SPDX-License-Identifier: MIT */
/* Stepping aside. Some tools find a program's mistakes by blocks of their own: a sanitizer's runtime brings an
 * allocator (base/sanitizer.h), and valgrind's tools do (base/valgrind.h). In their processes this library does not
 * start, and leaves every block to the tool, also those of its hak_ names. Where a tool of valgrind's could not replace
 * malloc, as in a static program, the checked heap serves, and the tool is told of its blocks.
 *
 * HAKMEM_VALGRIND=0 keeps this library's own heap on valgrind.
 *
 * Any thread may call anything here. Below: sanitizer, valgrind, checked_heap, bootstrap_arena. */
#ifndef HAK_SPACE_ASIDE_H
#define HAK_SPACE_ASIDE_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* Finds out whether this library steps aside for valgrind; in the thread that starts the process, after os_start. */
COLD void aside_start(void);

/* Whether it has stepped aside. The same from the end of the start to the last call. */
COLD bool aside_serves(void);

/* For whom, as the end of a sentence; where it has. */
COLD const char *aside_reason(void);

/* What serves then. SIZE bytes at a multiple of ALIGNMENT, a power of two; NULL if refused. */
COLD void *aside_take(size_t size, size_t alignment);
COLD void aside_give(void *pointer);
COLD void *aside_resize(void *pointer, size_t size);
COLD size_t aside_usable(void *pointer);

#endif
