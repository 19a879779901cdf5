/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See space.h. */
#include "config.h"

#include "cli/search_space/space.h"

#include "lib/base/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A linear row is cut into about so many steps. */
#define LINEAR_STEPS 20

/* A logarithmic row that begins at 0 has no smallest doubling of its own: five doublings to either side of its default,
 * and 0. */
#define DOUBLINGS_AROUND 5

/* A pointer stack holds pointers; one that fills the first-level cache drives out what it is there for. */
#define STACK_ENTRY_BYTES 8

/* A class's cached objects may fill the second-level cache, or this much where it is smaller or unknown. */
#define LEAST_CACHE_BYTES_LIMIT (256 * HAK_KIB)

/* --- from a row to levels ----------------------------------------------------------------------------------------- */

static void add_level(struct space_dimension *dimension, uint64_t value)
{
    if (dimension->count == SPACE_MAX_LEVELS)
        return;
    size_t at = dimension->count;
    while (at > 0 && dimension->level[at - 1] >= value) {
        if (dimension->level[at - 1] == value)
            return;
        at--;
    }
    memmove(&dimension->level[at + 1], &dimension->level[at], (dimension->count - at) * sizeof dimension->level[0]);
    dimension->level[at] = value;
    dimension->count++;
}

static void add_doublings(struct space_dimension *dimension, uint64_t minimum, uint64_t maximum)
{
    uint64_t default_value = dimension->row->standard, low = minimum, high = maximum;
    if (minimum == 0) {
        add_level(dimension, 0);
        low = default_value >> DOUBLINGS_AROUND;
        high = default_value << DOUBLINGS_AROUND < maximum ? default_value << DOUBLINGS_AROUND : maximum;
    }
    for (uint64_t value = default_value; value >= low && value > 0; value /= 2)
        add_level(dimension, value);
    for (uint64_t value = default_value; value <= high && value > 0 && value <= UINT64_MAX / 2; value *= 2)
        add_level(dimension, value);
}

static void add_steps(struct space_dimension *dimension, uint64_t minimum, uint64_t maximum)
{
    uint64_t default_value = dimension->row->standard;
    uint64_t step = (maximum - minimum + LINEAR_STEPS / 2) / LINEAR_STEPS;
    if (step == 0)
        step = 1;
    add_level(dimension, minimum);
    for (uint64_t value = default_value; value > minimum; value = value - minimum > step ? value - step : minimum)
        add_level(dimension, value);
    for (uint64_t value = default_value; value <= maximum; value += step)
        add_level(dimension, value);
    add_level(dimension, maximum);
}

/* --- what the machine rules out ----------------------------------------------------------------------------------- */

static bool is_key(const struct hak_parameter *row, const char *key)
{
    return strcmp(row->key, key) == 0;
}

static uint64_t machine_maximum(const struct hak_parameter *row, const struct machine_limits *machine)
{
    uint64_t limit = row->maximum;
    if (is_key(row, "thread_cache.max_objects") && machine->l1_data)
        limit = machine->l1_data / STACK_ENTRY_BYTES;
    else if (is_key(row, "thread_cache.max_bytes") && machine->l2)
        limit = machine->l2 > LEAST_CACHE_BYTES_LIMIT ? machine->l2 : LEAST_CACHE_BYTES_LIMIT;
    if (limit < row->standard)
        limit = row->standard;
    return limit < row->maximum ? limit : row->maximum;
}

static bool machine_has_choice(const struct hak_parameter *row, uint64_t choice, const struct machine_limits *machine)
{
    if (!is_key(row, "pages.huge"))
        return true;
    switch (choice) {
    case HAK_HUGE_NEVER: /* without any, large and never are the same */
    case HAK_HUGE_MADVISE:
    case HAK_HUGE_ALWAYS:
    case HAK_HUGE_AUTO:
    case HAK_HUGE_LARGE:
        return machine->transparent_huge_pages_usable && machine->huge_page_size > 0;
    case HAK_HUGE_HUGETLB:
        return machine->hugetlb_pages_available;
    default:
        return true;
    }
}

static void make_dimension(struct space_dimension *dimension, const struct hak_parameter *row,
                           const struct machine_limits *machine)
{
    *dimension = (struct space_dimension){.row = row};
    uint64_t maximum = machine_maximum(row, machine);
    if (row->scale == HAK_SCALE_CATEGORY) {
        for (uint64_t choice = row->minimum; choice <= row->maximum; choice++) {
            if (choice == row->standard || machine_has_choice(row, choice, machine))
                add_level(dimension, choice);
        }
    } else if (row->scale == HAK_SCALE_LOG) {
        add_doublings(dimension, row->minimum, maximum);
    } else {
        add_steps(dimension, row->minimum, maximum);
    }
    while (dimension->level[dimension->default_level] != row->standard)
        dimension->default_level++;
}

void space_init(struct space *space, const struct machine_limits *machine)
{
    memset(space, 0, sizeof *space);
    space->machine = *machine;
    for (size_t i = 0; i < hak_parameter_count; i++) {
        if (!hak_parameters[i].searched)
            continue;
        make_dimension(&space->dimension[space->count], &hak_parameters[i], machine);
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

/* Distance on the row's own scale. */
static double scaled_distance(const struct hak_parameter *row, uint64_t a, uint64_t b)
{
    if (row->scale == HAK_SCALE_LOG)
        return fabs(log1p((double)a) - log1p((double)b));
    return fabs((double)a - (double)b);
}

static uint8_t nearest_level(const struct space_dimension *dimension, uint64_t value)
{
    size_t nearest = 0;
    for (size_t i = 1; i < dimension->count; i++) {
        if (scaled_distance(dimension->row, dimension->level[i], value) <
            scaled_distance(dimension->row, dimension->level[nearest], value))
            nearest = i;
    }
    /* Words have no neighbours: one that this machine does not have becomes the default. */
    if (dimension->row->scale == HAK_SCALE_CATEGORY && dimension->level[nearest] != value)
        nearest = dimension->default_level;
    return (uint8_t)nearest;
}

struct space_point space_from_profile(const struct space *space, const struct hak_profile *profile)
{
    struct space_point point = {{0}};
    for (size_t i = 0; i < space->count; i++)
        point.level[i] = nearest_level(&space->dimension[i], hak_parameter_get(space->dimension[i].row, profile));
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
        if (is_key(space->dimension[i].row, key))
            return (int)i;
    }
    return -1;
}

void space_set(const struct space *space, struct space_point *point, const char *key, uint64_t value)
{
    int index = space_find(space, key);
    if (index >= 0)
        point->level[index] = nearest_level(&space->dimension[index], value);
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

/* --- first points ------------------------------------------------------------------------------------------------- */

#define SEED_COUNT 9

static void set_large_caches(const struct space *space, struct space_point *point)
{
    /* A quarter of the second-level cache for one class leaves room for the others and for the program. */
    uint64_t bytes = space->machine.l2 / 4;
    space_set(space, point, "thread_cache.max_objects", 1024);
    space_set(space, point, "thread_cache.max_bytes",
              bytes > LEAST_CACHE_BYTES_LIMIT ? bytes : LEAST_CACHE_BYTES_LIMIT);
    space_set(space, point, "thread_cache.growth", 8); /* what is large from the start needs to grow less */
}

static void set_small_caches(const struct space *space, struct space_point *point)
{
    space_set(space, point, "thread_cache.max_objects", 64);
    space_set(space, point, "thread_cache.max_bytes", 16 * HAK_KIB);
    space_set(space, point, "remote_free.drain_threshold", 64);
}

static void set_huge_pages(const struct space *space, struct space_point *point)
{
    space_set(space, point, "pages.huge", HAK_HUGE_MADVISE);
}

static void set_wide_superslabs(const struct space *space, struct space_point *point)
{
    uint64_t huge_page = space->machine.huge_page_size ? space->machine.huge_page_size : 2 * HAK_MIB;
    space_set(space, point, "superslab.size", 8 * huge_page);
    space_set(space, point, "superslab.keep_empty", 4);
}

static void set_prompt_purging(const struct space *space, struct space_point *point)
{
    space_set(space, point, "superslab.keep_empty", 0);
    space_set(space, point, "purge.delay", 0);
    space_set(space, point, "large.cache", 0);
}

/* Resident is only what the program itself touches. */
static void set_touched_pages(const struct space *space, struct space_point *point)
{
    space_set(space, point, "pages.huge", HAK_HUGE_NEVER);
    space_set(space, point, "pages.prefault", HAK_PREFAULT_NONE);
}

static void set_narrow_superslabs(const struct space *space, struct space_point *point)
{
    space_set(space, point, "superslab.size", 512 * HAK_KIB);
}

static void set_late_purging(const struct space *space, struct space_point *point)
{
    space_set(space, point, "purge.delay", 3200);
    space_set(space, point, "large.cache", HAK_GIB);
}

static void set_fine_classes(const struct space *space, struct space_point *point)
{
    space_set(space, point, "size_classes.spacing", 8);
}

static void set_lending(const struct space *space, struct space_point *point)
{
    space_set(space, point, "size_classes.borrow_limit", 1048576);
}

static void set_all_shared(const struct space *space, struct space_point *point)
{
    space_set(space, point, "heap.shared", HAK_SHARED_ALL);
}

typedef void seed_step(const struct space *, struct space_point *);
#define SEED_STEPS 5

static seed_step *const speed_seeds[SEED_COUNT][SEED_STEPS] = {
    {set_huge_pages, set_large_caches},
    {set_huge_pages},
    {set_huge_pages, set_large_caches, set_wide_superslabs},
    {set_large_caches},
    {set_all_shared},
    {set_huge_pages, set_large_caches, set_wide_superslabs, set_late_purging},
    {set_late_purging},
    {set_huge_pages, set_large_caches, set_fine_classes},
    {set_small_caches},
};

static seed_step *const memory_seeds[SEED_COUNT][SEED_STEPS] = {
    {set_touched_pages, set_small_caches, set_prompt_purging, set_narrow_superslabs, set_lending},
    {set_touched_pages, set_prompt_purging},
    {set_fine_classes},
    {set_small_caches},
    {set_all_shared},
    {set_small_caches, set_lending},
    {set_narrow_superslabs},
    {set_prompt_purging, set_narrow_superslabs},
    {set_small_caches, set_prompt_purging},
};

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
    seed_step *const(*seeds)[SEED_STEPS] = low_memory ? memory_seeds : speed_seeds;
    size_t count = 0;
    for (size_t i = 0; i < SEED_COUNT && count < max; i++) {
        struct space_point point = space_default(space);
        for (size_t step = 0; step < SEED_STEPS && seeds[i][step]; step++)
            seeds[i][step](space, &point);
        space_repair(space, &point);
        if (is_new_seed(space, points, count, &point))
            points[count++] = point;
    }
    return count;
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
