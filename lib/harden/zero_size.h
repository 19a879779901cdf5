/* SPDX-License-Identifier: MIT */
/* Blocks of no bytes, by a profile with measures of security: addresses of their own that nobody may touch, so that who
 * reads or writes such a block gets a SIGSEGV. They are 16 bytes apart, in addresses without memory. Each is handed out
 * again only after all the others; a bit for each says which ones the program has.
 *
 * There are 1,048,576 of them. Where three quarters are in use, or the alignment is more than the kernel's page, a
 * block of no bytes is a small one as ever. Statistics do not count them: they have no memory.
 *
 * Any thread may call anything, at any time: there is no lock, so fork finds it whole. Below: metadata, base. */
#ifndef HAK_HARDEN_ZERO_SIZE_H
#define HAK_HARDEN_ZERO_SIZE_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* Reserves the addresses; where that is refused there are no such blocks. Called once, by the start. */
COLD void zero_size_start(void);

/* An address at a multiple of ALIGNMENT, a power of two; NULL where there is none. */
void *zero_size_take(size_t alignment);

/* Whether POINTER is among these addresses. */
bool zero_size_owns(const void *pointer);

/* Whether POINTER, which is among them, is a block in use. If not that is reported (report_misuse); FUNCTION names the
 * caller. */
bool zero_size_is_block(const void *pointer, const char *function);

/* Frees the block; or reports, as zero_size_is_block does. */
void zero_size_give(void *pointer);

#endif
