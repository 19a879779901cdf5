/* SPDX-License-Identifier: MIT */
/* Of the system calls (os.h) those for pages that nobody may touch, and for mappings at addresses of one's own choice.
 * As there, nothing allocates, locks or changes errno. Below: os. */
#ifndef HAK_BASE_OS_GUARD_H
#define HAK_BASE_OS_GUARD_H

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* Where a mapping is to lie: its address plus OFFSET is a multiple of ALIGNMENT (a power of two, at least a page), and
 * near HINT if there is room; NULL: anywhere. */
struct os_place {
    size_t alignment, offset;
    char *hint;
};

/* BYTES at PLACE: zeros, readable and writable; or, if CLOSED, addresses that nobody may touch until they are made
 * writable (os_make_writable). NULL if refused. */
void *os_map_at(size_t bytes, struct os_place place, bool closed);

/* The same anywhere and for ever: addresses alone, as of os_reserve, but not to be read either. */
void *os_reserve_closed(size_t bytes);

/* As os_map_sparse, with a page before and behind it that nobody may touch; without where these are refused. What is
 * mapped so stays. */
void *os_map_guarded(size_t bytes);

/* Nobody may touch these whole pages from now on; what they hold stays. False if refused: the kernel lets a process
 * have so many mappings (vm.max_map_count), and each such stretch makes two more. */
bool os_close(void *address, size_t bytes);

#endif
