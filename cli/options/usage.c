/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See usage.h. */
#include "cli/options/usage.h"

#include "cli/options/table.h"
#include "cli/output/json.h"
#include "cli/output/utf8.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define EXIT_USAGE 2

#define LONGEST_MESSAGE (2 * PATH_MAX + 1024)

static bool has_json;

/* Whose job it is; NULL: nobody's. */
static const struct options *in_use;

void usage_set_json(bool json)
{
    has_json = json;
}

void usage_of_job(const struct options *options)
{
    in_use = options;
}

/* Whether MESSAGE names the option: with both its dashes, and not as the beginning of another. */
static bool names(const char *message, const char *option)
{
    size_t length = strlen(option);
    for (const char *at = message; (at = strstr(at, "--")); at += 2)
        if (strncmp(at + 2, option, length) == 0 && !strchr("-abcdefghijklmnopqrstuvwxyz", at[2 + length]))
            return true;
    return false;
}

/* Appends to MESSAGE where the job says what it is about. */
static void add_place(char message[LONGEST_MESSAGE])
{
    for (size_t i = 0; in_use && i < option_row_count; i++) {
        const struct option_place *place = &in_use->places[i];
        size_t length = strlen(message);
        if (place->line == 0 || !names(message, option_rows[i].name))
            continue;
        snprintf(message + length, LONGEST_MESSAGE - length, " (%s:%u:%u)", in_use->job, place->line, place->column);
        return;
    }
}

static const char *name_of(enum verb verb)
{
    return verb == VERB_NONE ? "" : verb_rows[verb].name;
}

/* What MESSAGE quotes may be anybody's: it stays one line all the same. */
static void tell(enum verb verb, int status, char *message, const char *end)
{
    const char *name = name_of(verb);
    utf8_clean(message, true);
    fprintf(stderr, "hakmem-tune: %s%s%s%s\n", name, *name ? ": " : "", message, end);
    if (has_json)
        output_json(stdout, json_failure(status, message));
}

int usage_error(enum verb verb, const char *format, ...)
{
    char message[LONGEST_MESSAGE], end[64];
    const char *name = name_of(verb);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    add_place(message);
    snprintf(end, sizeof end, "; nothing was run, see 'hakmem-tune%s%s --help'", *name ? " " : "", name);
    tell(verb, EXIT_USAGE, message, end);
    return EXIT_USAGE;
}

int usage_failure(enum verb verb, int status, const char *format, ...)
{
    char message[LONGEST_MESSAGE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    tell(verb, status, message, "");
    return status;
}
