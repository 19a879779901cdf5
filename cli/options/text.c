/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See text.h. */
#include "config.h"

#include "cli/options/text.h"

#include <stdio.h>
#include <string.h>

const char *option_choices(const struct option_row *row, const char *separator, char *text, size_t size)
{
    text[0] = '\0';
    for (const struct option_choice *choice = row->choices; choice->name; choice++) {
        size_t length = strlen(text);
        snprintf(text + length, size - length, "%s%s", length ? separator : "", choice->name);
    }
    return text;
}

const char *option_argument(const struct option_row *row, char *text, size_t size)
{
    if (!row->argument && row->choices)
        return option_choices(row, "|", text, size);
    snprintf(text, size, "%s", row->argument ? row->argument : "");
    return text;
}

const char *option_default(const struct option_row *row, char *text, size_t size)
{
    const char *value = row->default_text ? row->default_text : row->default_value;
    snprintf(text, size, "%s%s", value ? "default: " : "", value ? value : "");
    return text;
}

const char *option_description(const struct option_row *row, const char *special, char *text, size_t size)
{
    size_t length = 0;
    for (const char *at = row->description; *at && length + 2 < size; at++) {
        if (strchr(special, *at))
            text[length++] = '\\';
        if (*at != '`')
            text[length++] = *at;
    }
    text[length] = '\0';
    return text;
}

bool option_shown(const struct option_row *row, enum verb verb)
{
    return row->verbs & VERB_BIT(verb) && !row->hidden;
}
