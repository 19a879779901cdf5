/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One dimension of the search space: a row of the subject and its levels on this machine.
 *
 * Levels ascend: doublings for a logarithmic row, equal steps for a linear one, the words of a choice. The row's
 * default is always a level, so that a search can come back to it exactly, and values stay round ones that people read.
 * Pure functions; any thread may call them. Below: cli/subject/subject, cli/machine/limits. */
#ifndef HAK_SEARCH_SPACE_DIMENSION_H
#define HAK_SEARCH_SPACE_DIMENSION_H

#include "cli/machine/limits.h"
#include "cli/subject/subject.h"
#include "lib/profile/schema.h"

#include <stddef.h>
#include <stdint.h>

#define SPACE_MAX_LEVELS 48

struct space_dimension {
    const struct hak_parameter *row;
    size_t index;                     /* of the row in the subject */
    size_t count;                     /* levels */
    size_t default_level;             /* the level of the row's default */
    uint64_t level[SPACE_MAX_LEVELS]; /* their values, ascending */
};

/* Makes the levels of SUBJECT's row number INDEX that make sense on MACHINE; at least one, the default. */
void space_dimension_init(struct space_dimension *dimension, const struct subject *subject, size_t index,
                          const struct machine_limits *machine);

/* The level nearest to VALUE; the default's for a word that this machine does not have. */
size_t space_dimension_nearest(const struct space_dimension *dimension, uint64_t value);

#endif
