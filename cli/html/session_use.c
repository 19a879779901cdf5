/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the figures hold, and how the winner is put to use. See session_parts.h. */
#include "config.h"

#include "cli/html/machine_part.h"
#include "cli/html/page.h"
#include "cli/html/session_parts.h"
#include "cli/output/html.h"
#include "cli/output/json.h"
#include "cli/output/memory.h"
#include "cli/report/what_to_set.h"

#include <stdlib.h>
#include <string.h>

/* --- where -------------------------------------------------------------------------------------------------------- */

/* A value of the header as text. */
static char *show(const json_t *value)
{
    if (json_is_string(value))
        return must_have(strdup(json_string_value(value)));
    return must_have(json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT));
}

/* What the figures hold for: the fingerprint, as far as it says something. */
static void write_fingerprint(FILE *stream, const struct session_record *record)
{
    static const char *const keys[][2] = {{"library", "Library"},
                                          {"program", "Program"},
                                          {"preload", "Preloaded besides"},
                                          {"kernel", "Kernel"},
                                          {"huge_pages", "Huge pages"},
                                          {"memory_limit", "Memory limit, bytes"},
                                          {"processors", "Processors' time"},
                                          {"address_space_limit", "Address space limit, bytes"},
                                          {"data_limit", "Data limit, bytes"},
                                          {"locked_memory_limit", "Locked memory limit, bytes"}};
    struct table *table = table_new((const char *const[]){"Measured with", "", NULL}, "ll");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *value = json_object_get(record->header, keys[i][0]);
        if (!value || json_is_null(value))
            continue;
        char *text = show(value);
        table_add(table, (const char *const[]){keys[i][1], text});
        free(text);
    }
    page_table(stream, table, "What was measured with", NULL);
}

void session_part_machine(FILE *stream, const struct session_record *record, const char *prefix)
{
    page_section_begin(stream, prefix, "machine", "Machine", "Machine", NULL);
    machine_part_write(stream, json_object_get(record->header, "topology"));
    write_fingerprint(stream, record);
    page_section_end(stream);
}

/* --- how ---------------------------------------------------------------------------------------------------------- */

/* What a process needs to run as the winner did. */
static void collect(const struct session_record *record, struct launch_environment *environment)
{
    const char *file = record->file[GOAL_RECOMMENDED] ? record->file[GOAL_RECOMMENDED] : record->path[GOAL_RECOMMENDED];
    session_record_environment(record, environment);
    if (environment->count == 0 && !record->space.subject.kind->in_environment && file && strcmp(file, "-") != 0)
        launch_set(environment, "HAKMEM_PROFILE", file);
}

static void write_settings(FILE *stream, const struct session_record *record)
{
    struct launch_environment environment;
    char *text = NULL;
    size_t size;
    collect(record, &environment);
    if (environment.count > 0) {
        FILE *memory = must_have(open_memstream(&text, &size));
        what_to_set_print(memory, record->space.subject.library, &environment, NULL);
        fclose(memory);
        page_copy(stream, "What to set", text + strspn(text, "\n"));
        if (!record->space.subject.kind->in_environment)
            page_paragraph(stream, "lead",
                           "In an image of Docker the library and the profile have to be at these paths: COPY both.");
        free(text);
    }
    launch_clear(&environment);
}

static void write_profile(FILE *stream, const struct session_record *record, enum goal_aim aim)
{
    char name[512];
    snprintf(name, sizeof name, "%s: %s%s", goal_aim_name(aim), record->path[aim],
             record->outcome.proof.winner[aim] < 0 ? " (the default, as nothing is surely better)" : "");
    page_copy(stream, name, record->text[aim]);
}

void session_part_profile(FILE *stream, const struct session_record *record, const char *prefix)
{
    bool has_any = record->stays != NULL;
    char text[512];
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++)
        has_any |= record->text[aim] != NULL;
    if (!has_any)
        return;
    page_section_begin(stream, prefix, "profile", "Profile", "The profile, and where to set it", NULL);
    if (record->stays) {
        snprintf(text, sizeof text, "Nothing was saved: %s was there before and stays.", record->stays);
        page_paragraph(stream, "lead", text);
    }
    if (record->outcome.proof.winner[GOAL_RECOMMENDED] >= 0)
        write_settings(stream, record);
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++)
        if (record->text[aim])
            write_profile(stream, record, aim);
    page_section_end(stream);
}
