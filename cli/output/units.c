/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See units.h. */
#include "cli/output/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void drop_trailing_zeros(char *number)
{
    size_t length = strlen(number);
    if (!strchr(number, '.'))
        return;
    while (number[length - 1] == '0')
        number[--length] = '\0';
    if (number[length - 1] == '.')
        number[length - 1] = '\0';
}

const char *units_size(uint64_t bytes, char *text, size_t size)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        snprintf(text, size, "%" PRIu64 " bytes", bytes);
        return text;
    }
    double value = (double)bytes / 1024;
    size_t unit = 0;
    while (value >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1024;
        unit++;
    }
    char number[UNITS_TEXT];
    snprintf(number, sizeof number, "%.*f", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value);
    drop_trailing_zeros(number);
    snprintf(text, size, "%s %s", number, units[unit]);
    return text;
}

const char *units_duration(double seconds, char *text, size_t size)
{
    uint64_t whole = seconds > 0 ? (uint64_t)(seconds + 0.5) : 0;
    if (whole < 60)
        snprintf(text, size, "%" PRIu64 "s", whole);
    else if (whole < 3600)
        snprintf(text, size, "%" PRIu64 "m%02" PRIu64 "s", whole / 60, whole % 60);
    else
        snprintf(text, size, "%" PRIu64 "h%02" PRIu64 "m", whole / 3600, whole / 60 % 60);
    return text;
}

const char *units_gain(double ratio, char *text, size_t size)
{
    snprintf(text, size, "%+.1f%%", 100 * (ratio - 1));
    return text;
}
