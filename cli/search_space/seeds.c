/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See seeds.h. */
#include "config.h"

#include "cli/search_space/seeds.h"

static bool is_new_seed(const struct space *space, const struct space_point *points, size_t count,
                        const struct space_point *point)
{
    struct space_point default_point = space_default(space);
    if (space_equal(space, point, &default_point))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (space_equal(space, point, &points[i]))
            return false;
    }
    return true;
}

size_t space_seeds(const struct space *space, bool low_memory, struct space_point *points, size_t max)
{
    const struct subject *subject = &space->subject;
    struct subject_values values;
    size_t count = 0;
    for (size_t i = 0; count < max; i++) {
        subject_defaults(subject, &values);
        if (!subject->kind->seed(subject, &space->machine, low_memory, i, &values))
            break;
        struct space_point point = space_from_values(space, &values);
        if (is_new_seed(space, points, count, &point))
            points[count++] = point;
    }
    return count;
}
