/* SPDX-License-Identifier: MIT */
/* Where mappings for blocks lie: as the kernel likes it, one below the other; or under security.randomize anywhere in a
 * range of 64 GiB, itself at a place by chance. The page map's window has such a range as a whole.
 *
 * Any thread. Below: base/os_guard, base/secret, the profile. */
#ifndef HAK_SPACE_PLACE_H
#define HAK_SPACE_PLACE_H

#include <stddef.h>

/* An address for the next mapping under security.randomize; else NULL. */
char *place_hint(void);

/* As os_map_aligned, at such an address if there is room. */
void *place_map(size_t bytes, size_t alignment);

#endif
