/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See style.h. */
#include "cli/output/style.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const begins[] = {
    [STYLE_PLAIN] = "",        [STYLE_FAINT] = "\033[2m", [STYLE_BOLD] = "\033[1m",
    [STYLE_GOOD] = "\033[32m", [STYLE_BAD] = "\033[31m",
};

bool style_can_escape(FILE *stream)
{
    const char *terminal = getenv("TERM");
    return isatty(fileno(stream)) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
}

bool style_can_color(FILE *stream)
{
    const char *refused = getenv("NO_COLOR");
    return style_can_escape(stream) && !(refused && *refused);
}

const char *style_begin(enum style style, bool can_color)
{
    return can_color ? begins[style] : "";
}

const char *style_end(enum style style, bool can_color)
{
    return can_color && style != STYLE_PLAIN ? "\033[0m" : "";
}
