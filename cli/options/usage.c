/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See usage.h. */
#include "cli/options/usage.h"

#include "cli/options/table.h"

#include <stdarg.h>
#include <stdio.h>

#define EXIT_USAGE 2

int usage_error(enum verb verb, const char *format, ...)
{
    const char *name = verb == VERB_NONE ? "" : verb_rows[verb].name;
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "hakmem-tune: %s%s", name, *name ? ": " : "");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "; nothing was run, see 'hakmem-tune%s%s --help'\n", *name ? " " : "", name);
    va_end(arguments);
    return EXIT_USAGE;
}
