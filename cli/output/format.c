/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See format.h. */
#include "cli/output/format.h"

#include "cli/output/memory.h"

#include <stdlib.h>
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

json_t *json_real_or_null(bool known, double value)
{
    return known ? json_real(value) : json_null();
}

json_t *json_text(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    char *copy = must_have(strdup(text));
    for (char *at = copy; *at; at++) {
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    }
    value = json_string(copy);
    free(copy);
    return value ? value : json_null();
}

void output_json(FILE *stream, json_t *value)
{
    json_dumpf(value, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
    fputc('\n', stream);
    json_decref(value);
}
