/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See json.h. */
#include "cli/output/json.h"

#include "cli/output/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *json_real_or_null(bool known, double value)
{
    return known && isfinite(value) ? json_real(value) : json_null();
}

json_t *json_finite(double value)
{
    return json_real_or_null(true, value);
}

json_t *json_text(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    char *copy = must_have(strdup(text));
    for (char *at = copy; *at; at++) {
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    }
    value = json_string(copy);
    free(copy);
    return value ? value : json_null();
}

json_t *json_failure(int status, const char *message)
{
    return json_pack("{s:s, s:i, s:o}", "type", "failure", "status", status, "message", json_text(message));
}

double json_number_at(const json_t *object, const char *key, double otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : otherwise;
}

uint64_t json_count_at(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

const char *json_text_at(const json_t *object, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : otherwise;
}

void output_json(FILE *stream, json_t *value)
{
    json_dumpf(value, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
    fputc('\n', stream);
    json_decref(value);
}
