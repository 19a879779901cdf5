/* SPDX-License-Identifier: MIT */
/* What the library asks of valgrind and tells it, by requests that cost a few instructions and do nothing outside of
 * it. In a build without valgrind's headers there is never a valgrind.
 *
 * Any thread may call anything here. Below: nothing. */
#ifndef HAK_BASE_VALGRIND_H
#define HAK_BASE_VALGRIND_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* How the tool that runs this process sees blocks. */
enum valgrind_way {
    VALGRIND_ABSENT,   /* there is none; or it sees none, but code as such (cachegrind, callgrind, lackey) */
    VALGRIND_REPLACES, /* it has put its malloc in the place of the program's (memcheck, massif, dhat, helgrind, drd) */
    VALGRIND_LISTENS   /* it could not do so, as in a static program, and takes note of blocks that it is told of */
};

/* Whether this process runs on valgrind. */
COLD bool valgrind_runs(void);

/* Which of these, where it does. OWN_USABLE_SIZE is this library's malloc_usable_size, which the tool would have
 * replaced as well, and OWN_BLOCK a block for which that gives more than 0; NULL where the library has no such name. */
COLD enum valgrind_way valgrind_find(size_t (*own_usable_size)(void *), void *own_block);

/* BYTES at BLOCK are a block from now on, with red zones of RED_ZONE bytes before and behind it; or they are not any
 * more. What was no block, or is none any more, memcheck reports then. */
COLD void valgrind_note_block(void *block, size_t bytes, size_t red_zone);
COLD void valgrind_note_free(void *block, size_t red_zone);

/* Nobody may read or write BYTES at ADDRESS; or the library may. */
COLD void valgrind_forbid(void *address, size_t bytes);
COLD void valgrind_allow(void *address, size_t bytes);

#endif
