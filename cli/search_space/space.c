/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See space.h. */
#include "config.h"

#include "cli/search_space/space.h"

#include "lib/base/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void space_init(struct space *space, const struct subject *subject, const struct machine_limits *machine)
{
    memset(space, 0, sizeof *space);
    space->subject = *subject;
    space->machine = *machine;
    for (size_t i = 0; i < subject->count; i++) {
        if (!subject->rows[i].searched)
            continue;
        space_dimension_init(&space->dimension[space->count], subject, i, machine);
        if (space->dimension[space->count].count > 1) /* a row with one level left has nothing to search */
            space->count++;
    }
}

/* --- points ------------------------------------------------------------------------------------------------------- */

struct space_point space_default(const struct space *space)
{
    struct space_point point = {{0}};
    for (size_t i = 0; i < space->count; i++)
        point.level[i] = (uint8_t)space->dimension[i].default_level;
    return point;
}

/* The levels nearest to VALUES, whether they go together or not. */
static void take_levels(const struct space *space, const struct subject_values *values, struct space_point *point)
{
    for (size_t i = 0; i < space->count; i++)
        point->level[i] =
            (uint8_t)space_dimension_nearest(&space->dimension[i], values->value[space->dimension[i].index]);
}

struct space_point space_from_values(const struct space *space, const struct subject_values *values)
{
    struct space_point point = {{0}};
    take_levels(space, values, &point);
    space_repair(space, &point);
    return point;
}

void space_to_values(const struct space *space, const struct space_point *point, struct subject_values *values)
{
    subject_defaults(&space->subject, values);
    for (size_t i = 0; i < space->count; i++)
        values->value[space->dimension[i].index] = space->dimension[i].level[point->level[i]];
}

struct space_point space_from_unit(const struct space *space, const double *unit)
{
    struct space_point point = {{0}};
    for (size_t i = 0; i < space->count; i++) {
        size_t count = space->dimension[i].count;
        double level = floor(unit[i] * (double)count);
        point.level[i] = (uint8_t)fmin(fmax(level, 0), (double)(count - 1));
    }
    space_repair(space, &point);
    return point;
}

void space_to_unit(const struct space *space, const struct space_point *point, double *unit)
{
    for (size_t i = 0; i < space->count; i++)
        unit[i] = (point->level[i] + 0.5) / (double)space->dimension[i].count;
}

bool space_equal(const struct space *space, const struct space_point *a, const struct space_point *b)
{
    return memcmp(a->level, b->level, space->count) == 0;
}

size_t space_distance(const struct space *space, const struct space_point *a, const struct space_point *b)
{
    size_t different = 0;
    for (size_t i = 0; i < space->count; i++)
        different += a->level[i] != b->level[i];
    return different;
}

int space_find(const struct space *space, const char *key)
{
    for (size_t i = 0; i < space->count; i++) {
        if (strcmp(space->dimension[i].row->key, key) == 0)
            return (int)i;
    }
    return -1;
}

void space_set(const struct space *space, struct space_point *point, const char *key, uint64_t value)
{
    int index = space_find(space, key);
    if (index >= 0)
        point->level[index] = (uint8_t)space_dimension_nearest(&space->dimension[index], value);
}

/* --- values that go together -------------------------------------------------------------------------------------- */

/* Moves one dimension one level towards its default; false if it is there. */
static bool step_home(const struct space *space, struct space_point *point, const struct hak_parameter *row)
{
    int index = row ? space_find(space, row->key) : -1;
    if (index < 0 || point->level[index] == space->dimension[index].default_level)
        return false;
    point->level[index] =
        (uint8_t)(point->level[index] + (point->level[index] < space->dimension[index].default_level ? 1 : -1));
    return true;
}

void space_repair(const struct space *space, struct space_point *point)
{
    struct subject_values values;
    struct subject_offence offence = {0};
    space_to_values(space, point, &values);
    space->subject.kind->adjust(&values, &space->machine);
    take_levels(space, &values, point);
    for (;;) {
        space_to_values(space, point, &values);
        if (space->subject.kind->check(&values, &offence))
            return;
        if (step_home(space, point, offence.row) || step_home(space, point, offence.other))
            continue;
        *point = space_default(space);
        return;
    }
}

/* --- for people --------------------------------------------------------------------------------------------------- */

const char *space_describe(const struct space *space, const struct space_point *point, char *text, size_t size)
{
    size_t used = 0;
    char value[HAK_UNITS_TEXT];
    snprintf(text, size, "default");
    for (size_t i = 0; i < space->count && used < size; i++) {
        const struct space_dimension *dimension = &space->dimension[i];
        if (point->level[i] == dimension->default_level)
            continue;
        hak_parameter_format(dimension->row, dimension->level[point->level[i]], value, sizeof value);
        used += (size_t)snprintf(text + used, size - used, "%s%s: %s", used ? ", " : "", dimension->row->key, value);
    }
    return text;
}
