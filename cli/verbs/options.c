/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See options.h. */
#include "config.h"

#include "cli/verbs/options.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2
#define MOST_SECONDS (10000 * 3600.0)

/* A finite number of 0 or more that starts with a digit (strtod takes blanks, signs, "inf" and "nan" too). Sets *REST
 * behind it. */
static bool parse_decimal(const char *text, double *value, const char **rest)
{
    if (!isdigit((unsigned char)text[0]) || (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')))
        return false;
    char *end;
    *value = strtod(text, &end);
    *rest = end;
    return isfinite(*value);
}

bool option_duration(const char *text, double *seconds)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"ms", 0.001}, {"m", 60}, {"min", 60}, {"h", 3600}};
    double value;
    const char *unit;
    if (!parse_decimal(text, &value, &unit) || value <= 0)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(unit, units[i].name) == 0 && value * units[i].seconds <= MOST_SECONDS) {
            *seconds = value * units[i].seconds;
            return true;
        }
    }
    return false;
}

bool option_number(const char *text, uint64_t *number)
{
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*end || errno)
        return false;
    *number = value;
    return true;
}

bool option_seed(const char *text, uint64_t *seed)
{
    uint64_t number;
    if (!option_number(text, &number) || number > INT64_MAX)
        return false;
    *seed = number;
    return true;
}

bool option_percent(const char *text, double *percent)
{
    double value;
    const char *unit;
    if (!parse_decimal(text, &value, &unit) || (*unit && strcmp(unit, "%") != 0))
        return false;
    *percent = value;
    return true;
}

int usage_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("hakmem-tune: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("; try 'hakmem-tune --help'\n", stderr);
    va_end(arguments);
    return EXIT_USAGE;
}
