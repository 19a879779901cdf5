/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON values and how they are written. Any thread may call anything. Below: memory, jansson. */
#ifndef HAK_OUTPUT_JSON_H
#define HAK_OUTPUT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* VALUE, or null where it is not KNOWN or, as infinity, no number for JSON. */
json_t *json_real_or_null(bool known, double value);

/* VALUE, or null for NAN and infinities, which JSON does not have. */
json_t *json_finite(double value);

/* TEXT, which need not be UTF-8 as JSON asks for (an argument, a path, what a program wrote): if it is not, its bytes
 * above 127 become '?'. */
json_t *json_text(const char *text);

/* {"type": "failure", "status", "message"}: what is written in place of a result that there is not. */
json_t *json_failure(int status, const char *message);

/* What is at KEY of OBJECT, or OTHERWISE where that is no number, or no text; texts belong to OBJECT. Of an OBJECT that
 * is NULL, or no object, nothing is there. */
double json_number_at(const json_t *object, const char *key, double otherwise);
uint64_t json_count_at(const json_t *object, const char *key);
const char *json_text_at(const json_t *object, const char *key, const char *otherwise);

/* Writes VALUE, indented, with a newline, and releases it. */
void output_json(FILE *stream, json_t *value);

#endif
