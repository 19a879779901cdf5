/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts in HTML. Any thread may call anything. Below: utf8, jansson. */
#ifndef HAK_OUTPUT_HTML_H
#define HAK_OUTPUT_HTML_H

#include <jansson.h>
#include <stdio.h>

/* Writes TEXT so that it is text whatever is in it, also in an attribute's double quotes; what is no character is
 * replaced. */
void html_text(FILE *stream, const char *text);

void html_format(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes VALUE as it may stand in a script element: nothing in it ends one. */
void html_json(FILE *stream, const json_t *value);

#endif
