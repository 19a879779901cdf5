/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See format.h. */
#include "cli/output/format.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [OUTPUT_TEXT] = "text", [OUTPUT_JSON] = "json", [OUTPUT_MARKDOWN] = "markdown",
    [OUTPUT_CSV] = "csv",   [OUTPUT_MAN] = "man",
};
#define FORMATS (sizeof names / sizeof *names)

static const char *list_names(unsigned allowed)
{
    static char list[64];
    list[0] = '\0';
    for (size_t i = 0; i < FORMATS; i++) {
        if (!(allowed & OUTPUT_BIT(i)))
            continue;
        size_t length = strlen(list);
        snprintf(list + length, sizeof list - length, "%s%s", length ? ", " : "", names[i]);
    }
    return list;
}

bool output_format_parse(const char *name, unsigned allowed, enum output_format *format, const char **expected)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if ((allowed & OUTPUT_BIT(i)) && strcmp(name, names[i]) == 0) {
            *format = (enum output_format)i;
            return true;
        }
    }
    *expected = list_names(allowed);
    return false;
}
