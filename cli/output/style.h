/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours, for terminals alone. Any thread may call anything. Nothing is below. */
#ifndef HAK_OUTPUT_STYLE_H
#define HAK_OUTPUT_STYLE_H

#include <stdbool.h>
#include <stdio.h>

enum style { STYLE_PLAIN, STYLE_FAINT, STYLE_BOLD, STYLE_GOOD, STYLE_BAD };

/* Whether STREAM is a terminal that takes escape sequences: TERM is set and not "dumb". */
bool style_can_escape(FILE *stream);

/* Whether what goes to STREAM may be coloured: it can escape, and NO_COLOR is not set or empty (no-color.org). */
bool style_can_color(FILE *stream);

/* What begins and what ends text of STYLE; both are empty for STYLE_PLAIN and where CAN_COLOR is false. */
const char *style_begin(enum style style, bool can_color);
const char *style_end(enum style style, bool can_color);

#endif
