/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See session_page.h. */
#include "config.h"

#include "cli/html/session_page.h"

#include "cli/html/compare_part.h"
#include "cli/html/page.h"
#include "cli/html/session_parts.h"
#include "cli/output/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "s0": of one session's ids. */
#define PREFIX 32

static void write_parts(FILE *stream, const struct session_record *record, const char *prefix)
{
    static void (*const parts[])(FILE * stream, const struct session_record *record, const char *prefix) = {
        session_part_verdict, session_part_front, session_part_search,  session_part_settings,
        session_part_trials,  session_part_race,  session_part_machine, session_part_profile,
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        parts[i](stream, record, prefix);
}

/* Sessions of the same work and allocator are told apart by their beginning. */
static char *label_of(const struct session_record *const *records, size_t count, size_t index)
{
    const struct session_record *record = records[index];
    const char *allocator = record->space.subject.name;
    for (size_t i = 0; i < count; i++)
        if (i != index && strcmp(records[i]->work.name, record->work.name) == 0 &&
            strcmp(records[i]->space.subject.name, allocator) == 0)
            return must_format("%s, %s, %s", record->work.name, allocator, record->started);
    return must_format("%s, %s", record->work.name, allocator);
}

/* The session of each tab, and the race before them where there is one. */
static void write_tabs(FILE *stream, const struct session_record *const *records, size_t count,
                       const struct session_page_race *race)
{
    size_t first = race ? 1 : 0;
    char **labels = must_have(calloc(count + 1, sizeof *labels));
    char prefix[PREFIX];
    if (race)
        labels[0] = must_format("All allocators");
    for (size_t i = 0; i < count; i++)
        labels[first + i] = label_of(records, count, i);
    page_tabs(stream, (const char *const *)labels, first + count);
    if (race) {
        page_tab_begin(stream, 0, labels[0]);
        compare_part_write(stream, race->comparison, 1, race->advice, "c");
        page_tab_end(stream);
    }
    for (size_t i = 0; i < count; i++) {
        snprintf(prefix, sizeof prefix, "s%zu", i);
        page_tab_begin(stream, first + i, labels[first + i]);
        write_parts(stream, records[i], prefix);
        page_tab_end(stream);
    }
    for (size_t i = 0; i < first + count; i++)
        free(labels[i]);
    free(labels);
}

static json_t *data_of(const struct session_record *const *records, size_t count, const struct session_page_race *race)
{
    json_t *data = json_object();
    char prefix[PREFIX];
    if (race)
        json_object_set_new(data, "c", compare_data(race->comparison, 1));
    for (size_t i = 0; i < count; i++) {
        snprintf(prefix, sizeof prefix, "s%zu", i);
        json_object_set_new(data, prefix, session_data(records[i]));
    }
    return data;
}

void session_page_write(FILE *stream, const struct session_record *const *records, size_t count,
                        const struct session_page_race *race)
{
    char *title = must_format("%s: hakmem-tune", records[0]->work.name);
    char *subtitle = must_format("%s, %.10s", records[0]->work.name, records[0]->started);
    page_begin(stream, title, subtitle);
    if (count == 1 && !race)
        write_parts(stream, records[0], "s0");
    else
        write_tabs(stream, records, count, race);
    json_t *data = data_of(records, count, race);
    page_end(stream, data);
    json_decref(data);
    free(title);
    free(subtitle);
}
