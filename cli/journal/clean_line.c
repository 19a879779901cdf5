/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See clean_line.h. */
#include "config.h"

#include "cli/journal/clean_line.h"

#include "cli/output/memory.h"
#include "cli/output/utf8.h"

#include <stdlib.h>
#include <string.h>

/* A profile as it was saved: the one text of several lines. */
#define SAVED_TEXT "text"

/* KEY is where VALUE stands. */
static void clean(json_t *value, const char *key)
{
    const char *inner;
    json_t *item;
    size_t index;
    json_object_foreach(value, inner, item)
    {
        clean(item, inner);
    }
    json_array_foreach(value, index, item)
    {
        clean(item, key);
    }
    if (!json_is_string(value))
        return;
    char *text = must_have(strdup(json_string_value(value)));
    if (strcmp(key, SAVED_TEXT) == 0)
        utf8_clean_lines(text);
    else
        utf8_clean(text, true);
    json_string_set(value, text);
    free(text);
}

json_t *clean_line(const json_t *line)
{
    json_t *copy = must_have(json_deep_copy(line));
    clean(copy, "");
    return copy;
}
