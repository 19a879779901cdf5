/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See session_space.h. */
#include "config.h"

#include "cli/journal/session_space.h"

#include "cli/output/json.h"
#include "cli/output/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is known of a subject that is not here. */
static const struct subject_kind with_file = {.suffix = ".yaml", .in_environment = false};
static const struct subject_kind with_environment = {.suffix = ".env", .in_environment = true};

static bool make_row(struct session_record *record, size_t index, const json_t *setting)
{
    struct hak_parameter *row = &record->rows[index];
    struct space_dimension *dimension = &record->space.dimension[index];
    const json_t *values = json_object_get(setting, "values");
    const char *usual = json_text_at(setting, "default", NULL), *key = json_text_at(setting, "key", NULL);
    size_t count = json_array_size(values);
    if (!key || !usual || count == 0 || count > SPACE_MAX_LEVELS)
        return false;
    record->choices[index] = must_have(calloc(count + 1, sizeof(char *)));
    *dimension = (struct space_dimension){.row = row, .index = index, .count = count, .default_level = count};
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(values, i));
        if (!text)
            return false;
        record->choices[index][i] = text;
        dimension->level[i] = i;
        if (strcmp(text, usual) == 0)
            dimension->default_level = i;
    }
    *row = (struct hak_parameter){.key = key,
                                  .type = HAK_TYPE_CHOICE,
                                  .unit = "",
                                  .maximum = count - 1,
                                  .standard = dimension->default_level,
                                  .searched = true,
                                  .scale = HAK_SCALE_CATEGORY,
                                  .choices = record->choices[index],
                                  .what = json_text_at(setting, "what", "")};
    return dimension->default_level < count;
}

bool session_space_make(struct session_record *record)
{
    const json_t *settings = json_object_get(record->header, "settings");
    const json_t *subject = json_object_get(record->header, "subject");
    struct space *space = &record->space;
    if (!json_is_array(settings) || json_array_size(settings) > SPACE_MAX_DIMENSIONS || !json_is_object(subject))
        return false;
    space->count = json_array_size(settings);
    for (size_t i = 0; i < space->count; i++)
        if (!make_row(record, i, json_array_get(settings, i)))
            return false;
    bool in_environment = json_is_true(json_object_get(subject, "in_environment"));
    space->subject = (struct subject){.kind = in_environment ? &with_environment : &with_file,
                                      .name = json_text_at(subject, "name", "?"),
                                      .description = json_text_at(subject, "description", "?"),
                                      .baseline = json_text_at(subject, "baseline", "default"),
                                      .library = json_text_at(subject, "library", NULL),
                                      .rows = record->rows,
                                      .count = space->count};
    snprintf(space->machine.description, sizeof space->machine.description, "%s",
             json_text_at(record->header, "machine", "not known"));
    return true;
}

void session_space_clear(struct session_record *record)
{
    for (size_t i = 0; i < SPACE_MAX_DIMENSIONS; i++)
        free(record->choices[i]);
}
