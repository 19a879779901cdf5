/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forms in which verbs write their results. Below this file: nothing of ours. */
#ifndef HAK_OUTPUT_FORMAT_H
#define HAK_OUTPUT_FORMAT_H

#include <stdbool.h>

enum output_format { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_MARKDOWN, OUTPUT_CSV, OUTPUT_MAN };

/* Sets of formats, for verbs that know only some. */
#define OUTPUT_BIT(format) (1u << (format))

/* Sets *FORMAT to the one called NAME ("text", "json", "markdown", "csv", "man") if it is in the set ALLOWED; else
 * returns false and, in *EXPECTED (static storage, until the next call), the names that are. */
bool output_format_parse(const char *name, unsigned allowed, enum output_format *format, const char **expected);

#endif
