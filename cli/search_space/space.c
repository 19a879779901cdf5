/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See space.h. */
#include "config.h"

#include "cli/search_space/space.h"

#include "lib/base/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void space_init(struct space *space, const struct machine_limits *machine)
{
    memset(space, 0, sizeof *space);
    space->machine = *machine;
    for (size_t i = 0; i < hak_parameter_count; i++) {
        if (!hak_parameters[i].searched)
            continue;
        space_dimension_init(&space->dimension[space->count], &hak_parameters[i], machine);
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

struct space_point space_from_profile(const struct space *space, const struct hak_profile *profile)
{
    struct space_point point = {{0}};
    for (size_t i = 0; i < space->count; i++)
        point.level[i] =
            (uint8_t)space_dimension_nearest(&space->dimension[i], hak_parameter_get(space->dimension[i].row, profile));
    space_repair(space, &point);
    return point;
}

void space_to_profile(const struct space *space, const struct space_point *point, const char *name,
                      struct hak_profile *profile)
{
    hak_profile_default(profile);
    snprintf(profile->name, sizeof profile->name, "%s", name);
    for (size_t i = 0; i < space->count; i++)
        hak_parameter_set(space->dimension[i].row, profile, space->dimension[i].level[point->level[i]]);
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

static uint64_t point_value(const struct space *space, const struct space_point *point, const char *key,
                            uint64_t otherwise)
{
    int index = space_find(space, key);
    return index < 0 ? otherwise : space->dimension[index].level[point->level[index]];
}

/* --- values that go together -------------------------------------------------------------------------------------- */

static void repair_huge_superslab(const struct space *space, struct space_point *point)
{
    uint64_t huge_page = space->machine.huge_page_size;
    uint64_t huge = point_value(space, point, "pages.huge", HAK_HUGE_AUTO);
    if (huge != HAK_HUGE_NEVER && huge != HAK_HUGE_LARGE && huge != HAK_HUGE_AUTO &&
        point_value(space, point, "superslab.size", huge_page) < huge_page)
        space_set(space, point, "superslab.size", huge_page);
}

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
    struct hak_profile profile;
    struct hak_profile_offence offence = {0};
    char message[HAK_PROFILE_MESSAGE_SIZE];
    repair_huge_superslab(space, point);
    for (;;) {
        space_to_profile(space, point, "candidate", &profile);
        if (hak_profile_check_offence(&profile, &offence, message, sizeof message))
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
