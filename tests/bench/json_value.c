/* SPDX-License-Identifier: MIT */
/* json_value FILE KEY: prints the value of a key of the object in FILE; inner objects are reached with dots
 * ("statistics.refills"), array elements by number. Exit 1, with the reason on stderr, if FILE is not one JSON document
 * without duplicate keys, or has no such key. */
#include "config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *member(const json_t *container, const char *key)
{
    return json_is_array(container) ? json_array_get(container, strtoul(key, NULL, 10))
                                    : json_object_get(container, key);
}

static void print(const json_t *value)
{
    if (json_is_string(value))
        puts(json_string_value(value));
    else if (json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(10)) == 0)
        putchar('\n');
}

int main(int count, char **arguments)
{
    json_error_t error;
    if (count != 3) {
        fprintf(stderr, "usage: json_value FILE KEY\n");
        return 2;
    }
    json_t *document = json_load_file(arguments[1], JSON_REJECT_DUPLICATES, &error);
    if (!document) {
        fprintf(stderr, "%s:%d: %s\n", arguments[1], error.line, error.text);
        return 1;
    }
    const json_t *value = document;
    for (char *key = strtok(arguments[2], "."); key && value; key = strtok(NULL, "."))
        value = member(value, key);
    if (value)
        print(value);
    else
        fprintf(stderr, "%s: no such key\n", arguments[1]);
    int status = value ? 0 : 1;
    json_decref(document);
    return status;
}
