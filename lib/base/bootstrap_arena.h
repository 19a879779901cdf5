/* SPDX-License-Identifier: MIT */
/* The bootstrap arena: a mapping for the allocations that are made while the allocator starts (libyaml allocates while
 * the profile is read), made if there are any. Only the starting thread takes from it; any thread may give back. It is
 * small and used once: what was given back by the end of the start goes back to the kernel, the rest stays. Below: os.
 */
#ifndef HAK_BASE_BOOTSTRAP_ARENA_H
#define HAK_BASE_BOOTSTRAP_ARENA_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* BYTES of zeros at a multiple of ALIGNMENT (a power of two, at most 64 KiB);
 * NULL when the arena is used up or refused. */
void *bootstrap_take(size_t bytes, size_t alignment);

/* Whether POINTER is a block of the arena. */
bool bootstrap_owns(const void *pointer);

/* Bytes that may be used in the block at POINTER, which the arena owns. */
size_t bootstrap_usable(const void *pointer);

/* POINTER's block, which the arena owns, is not needed any more. */
void bootstrap_give(void *pointer);

/* Bytes mapped for it. */
COLD size_t bootstrap_bytes(void);

/* At the end of the start, when nothing will be taken any more: the pages on which nothing is in use go back to the
 * kernel. */
COLD void bootstrap_release(void);

/* Reading the default profile takes 76 KB in all, and the worst texts of the largest size that is read (64 KiB) took
 * 331 KB. Pages that are not touched cost nothing. */
#define BOOTSTRAP_BYTES ((size_t)1 << 20)

/* Where it is; NULL: nobody has asked for anything. For bootstrap_arena.c, and for observe/root.c. */
extern HIDDEN char *bootstrap_arena;

#endif
