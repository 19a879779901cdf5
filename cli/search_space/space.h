/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search space: every searched row of a subject, cut down to what makes sense on this machine.
 *
 * Each row becomes a dimension with a few levels, its default among them. A point is one level for each dimension.
 * Fewer levels than values lose nothing: what lies between two levels is smaller than the noise.
 *
 * A space is read-only once made; any thread may read it. Below: dimension, cli/subject/subject. */
#ifndef HAK_SEARCH_SPACE_SPACE_H
#define HAK_SEARCH_SPACE_SPACE_H

#include "cli/machine/limits.h"
#include "cli/search_space/dimension.h"
#include "cli/subject/subject.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPACE_MAX_DIMENSIONS SUBJECT_MAX_ROWS

struct space {
    size_t count; /* dimensions */
    struct space_dimension dimension[SPACE_MAX_DIMENSIONS];
    struct subject subject;
    struct machine_limits machine;
};

struct space_point {
    uint8_t level[SPACE_MAX_DIMENSIONS]; /* of each dimension; 0 beyond the last */
};

/* Makes the space of SUBJECT's settings for MACHINE. */
void space_init(struct space *space, const struct subject *subject, const struct machine_limits *machine);

/* The point of the subject as it comes. */
struct space_point space_default(const struct space *space);

/* The point with the levels nearest to VALUES. */
struct space_point space_from_values(const struct space *space, const struct subject_values *values);

/* The values of POINT: the subject's defaults, and the point's own. */
void space_to_values(const struct space *space, const struct space_point *point, struct subject_values *values);

/* Between points and the unit cube: each level of a dimension owns an equal part of [0, 1). UNIT holds space->count
 * numbers. */
struct space_point space_from_unit(const struct space *space, const double *unit);
void space_to_unit(const struct space *space, const struct space_point *point, double *unit);

/* Changes POINT as little as possible, so that its values go together: the subject adjusts them, and its check passes.
 * Every point that leaves this file has been through it; strategies call it for
 * those that they make. */
void space_repair(const struct space *space, struct space_point *point);

bool space_equal(const struct space *space, const struct space_point *a, const struct space_point *b);

/* In how many dimensions A differs from B. */
size_t space_distance(const struct space *space, const struct space_point *a, const struct space_point *b);

/* The index of the dimension of KEY, or -1. */
int space_find(const struct space *space, const char *key);

/* Sets the dimension of KEY to the level nearest to VALUE; does nothing where the space has no such dimension. */
void space_set(const struct space *space, struct space_point *point, const char *key, uint64_t value);

/* Writes "key: value" of each dimension that differs from the default, with ", " between, or "default" where none does.
 * Returns TEXT. */
const char *space_describe(const struct space *space, const struct space_point *point, char *text, size_t size);

#endif
