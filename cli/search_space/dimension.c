/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See dimension.h. */
#include "config.h"

#include "cli/search_space/dimension.h"

#include <math.h>
#include <string.h>

/* A linear row is cut into about so many steps. */
#define LINEAR_STEPS 20

/* A logarithmic row that begins at 0 has no smallest doubling of its own: five doublings to either side of its default,
 * and 0; where that is the default, the doublings that end at its maximum. */
#define DOUBLINGS_AROUND 5
#define DOUBLINGS_BELOW 15

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
        for (unsigned i = 0; default_value == 0 && i <= DOUBLINGS_BELOW; i++)
            add_level(dimension, maximum >> i);
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

void space_dimension_init(struct space_dimension *dimension, const struct subject *subject, size_t index,
                          const struct machine_limits *machine)
{
    const struct hak_parameter *row = &subject->rows[index];
    *dimension = (struct space_dimension){.row = row, .index = index};
    uint64_t maximum = subject->kind->maximum(row, machine);
    if (row->scale == HAK_SCALE_CATEGORY) {
        for (uint64_t choice = row->minimum; choice <= row->maximum; choice++) {
            if (choice == row->standard || subject->kind->has_choice(row, choice, machine))
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

/* Distance on the row's own scale. */
static double scaled_distance(const struct hak_parameter *row, uint64_t a, uint64_t b)
{
    if (row->scale == HAK_SCALE_LOG)
        return fabs(log1p((double)a) - log1p((double)b));
    return fabs((double)a - (double)b);
}

size_t space_dimension_nearest(const struct space_dimension *dimension, uint64_t value)
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
    return nearest;
}
