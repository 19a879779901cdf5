/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forms in which verbs write their results. Below this file: nothing of ours. */
#ifndef HAK_OUTPUT_FORMAT_H
#define HAK_OUTPUT_FORMAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum output_format { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_MARKDOWN, OUTPUT_CSV, OUTPUT_MAN };

/* Sets of formats, for verbs that know only some. */
#define OUTPUT_BIT(format) (1u << (format))

/* Sets *FORMAT to the one called NAME ("text", "json", "markdown", "csv", "man") if it is in the set ALLOWED; else
 * returns false and, in *EXPECTED (static storage, until the next call), the names that are. */
bool output_format_parse(const char *name, unsigned allowed, enum output_format *format, const char **expected);

/* VALUE, or null where it is not KNOWN. */
json_t *json_real_or_null(bool known, double value);

/* TEXT, which need not be UTF-8 as JSON asks for (an argument, a path, what a program wrote): if it is not, its bytes
 * above 127 become '?'. */
json_t *json_text(const char *text);

/* Writes VALUE, indented, with a newline, and releases it. */
void output_json(FILE *stream, json_t *value);

#endif
