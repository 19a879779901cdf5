/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First points: profiles that experience holds for good on a machine. Pure functions; any thread may call them. Below:
 * lib/profile/schema, cli/machine/limits. */
#ifndef HAK_SUBJECT_HAKMEM_SEEDS_H
#define HAK_SUBJECT_HAKMEM_SEEDS_H

#include "cli/machine/limits.h"
#include "lib/profile/schema.h"

#include <stdbool.h>
#include <stddef.h>

/* A class's cached objects may fill the second-level cache, or this much where it is smaller or unknown. */
#define HAKMEM_LEAST_CACHE_BYTES (UINT64_C(256) * 1024)

/* Changes PROFILE, the default, into seed number INDEX for speed, or for little memory. False: there are no more. */
bool hakmem_seed(const struct machine_limits *machine, bool low_memory, size_t index, struct hak_profile *profile);

#endif
