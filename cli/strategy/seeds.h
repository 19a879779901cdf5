/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First points: profiles that experience holds for good on a machine. Pure functions; any thread may call them. Below:
 * cli/search_space. */
#ifndef HAK_STRATEGY_SEEDS_H
#define HAK_STRATEGY_SEEDS_H

#include "cli/search_space/space.h"

#include <stdbool.h>
#include <stddef.h>

/* Points worth a first look on this machine, the most promising for speed first, or for little memory if LOW_MEMORY.
 * Writes at most MAX different ones, none of them the default, and returns how many. */
size_t strategy_seeds(const struct space *space, bool low_memory, struct space_point *points, size_t max);

#endif
