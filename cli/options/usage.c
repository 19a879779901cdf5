/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See usage.h. */
#include "cli/options/usage.h"

#include "cli/options/table.h"
#include "cli/output/json.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#define EXIT_USAGE 2

#define LONGEST_MESSAGE (2 * PATH_MAX + 1024)

static bool has_json;

void usage_set_json(bool json)
{
    has_json = json;
}

static const char *name_of(enum verb verb)
{
    return verb == VERB_NONE ? "" : verb_rows[verb].name;
}

static void tell(enum verb verb, int status, const char *message, const char *end)
{
    const char *name = name_of(verb);
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
