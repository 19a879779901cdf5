/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See sparkline.h. */
#include "cli/output/sparkline.h"

#include <math.h>
#include <string.h>

static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const letters[] = {"_", ".", "-", ":", "=", "+", "*", "#"};

#define LEVELS (sizeof blocks / sizeof *blocks)
#define NO_VALUE "x"

static const char *bar(const struct sparkline *line, double value, bool utf8)
{
    if (isnan(value))
        return NO_VALUE;
    double part = line->high > line->low ? (value - line->low) / (line->high - line->low) : 0;
    size_t highest = LEVELS - 1, level = (size_t)lrint(fmin(1, fmax(0, part)) * (double)highest);
    return utf8 ? blocks[level] : letters[level];
}

/* The highest of the values from FIRST up to END; NAN: none of them is one. */
static double highest(const struct sparkline *line, size_t first, size_t end)
{
    double value = NAN;
    for (size_t i = first; i < end; i++)
        value = fmax(value, line->values[i]);
    return value;
}

const char *sparkline_write(const struct sparkline *line, size_t columns, bool utf8, char *text)
{
    size_t bars = line->count < columns ? line->count : columns;
    char *end = text;
    *end = '\0';
    for (size_t i = 0; i < bars; i++) {
        double value = highest(line, i * line->count / bars, (i + 1) * line->count / bars);
        end = stpcpy(end, bar(line, value, utf8));
    }
    return text;
}
