/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First points: those of the subject, as points of this machine's space. Pure functions; any thread may call them.
 * Below: space. */
#ifndef HAK_SEARCH_SPACE_SEEDS_H
#define HAK_SEARCH_SPACE_SEEDS_H

#include "cli/search_space/space.h"

#include <stdbool.h>
#include <stddef.h>

/* Points worth a first look on this machine, the most promising for speed first, or for little memory if LOW_MEMORY.
 * Writes at most MAX different ones, none of them the default, and returns how many. */
size_t space_seeds(const struct space *space, bool low_memory, struct space_point *points, size_t max);

#endif
