/* SPDX-License-Identifier: MIT */
/* "Did you mean". See suggest.h. */
#include "config.h"

#include "lib/profile/suggest.h"

#include "lib/profile/schema.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The part of KEY that stands inside of SECTION: "size" of "superslab.size" in "superslab"; at the top the section's
 * own name, or the whole of a key without one. Length 0: KEY is elsewhere. */
static const char *local_part(const char *key, const char *section, size_t *length)
{
    size_t prefix = strlen(section);
    if (prefix == 0) {
        *length = strcspn(key, ".");
        return key;
    }
    bool inside = strncmp(key, section, prefix) == 0 && key[prefix] == '.';
    *length = inside ? strlen(key + prefix + 1) : 0;
    return key + prefix + 1;
}

/* A third of the letters may differ, and two in any case (a transposition counts twice). */
static size_t tolerated(size_t length)
{
    return length / 3 > 2 ? length / 3 : 2;
}

static const char *nearest_here(const char *section, const char *name, char *text, size_t size)
{
    size_t name_length = strlen(name);
    size_t best = tolerated(name_length) + 1;
    const char *found = NULL;
    for (size_t i = 0; i < hak_parameter_count; i++) {
        size_t length = 0;
        const char *part = local_part(hak_parameters[i].key, section, &length);
        if (length == 0 || length >= HAK_SUGGEST_KEY_MAX)
            continue;
        size_t distance = hak_edit_distance(name, name_length, part, length);
        if (distance < best && distance < length) {
            best = distance;
            snprintf(text, size, "%s%s%.*s", section, *section ? "." : "", (int)length, part);
            found = text;
        }
    }
    return found;
}

static const char *same_elsewhere(const char *name, char *text, size_t size)
{
    for (size_t i = 0; i < hak_parameter_count; i++) {
        const char *key = hak_parameters[i].key;
        const char *dot = strchr(key, '.');
        if (strcmp(dot ? dot + 1 : key, name) == 0 || strcmp(key, name) == 0) {
            snprintf(text, size, "%s", key);
            return text;
        }
    }
    return NULL;
}

const char *hak_suggest_key(const char *section, const char *name, char *text, size_t size)
{
    if (strlen(name) >= HAK_SUGGEST_KEY_MAX)
        return NULL;
    const char *found = same_elsewhere(name, text, size);
    return found ? found : nearest_here(section, name, text, size);
}
