/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See subject.h. */
#include "config.h"

#include "cli/subject/subject.h"

#include <string.h>

void subject_defaults(const struct subject *subject, struct subject_values *values)
{
    memset(values, 0, sizeof *values);
    for (size_t i = 0; i < subject->count; i++)
        values->value[i] = subject->rows[i].standard;
}

const struct hak_parameter *subject_find(const struct subject *subject, const char *key)
{
    for (size_t i = 0; i < subject->count; i++) {
        if (strcmp(subject->rows[i].key, key) == 0)
            return &subject->rows[i];
    }
    return NULL;
}
