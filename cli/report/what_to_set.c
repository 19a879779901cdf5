/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See what_to_set.h. */
#include "config.h"

#include "cli/report/what_to_set.h"

#include "cli/output/json.h"
#include "cli/output/memory.h"
#include "cli/output/table.h"

#include <stdlib.h>
#include <string.h>

/* TEXT in double quotes, with each of SPECIAL doubled or, where it is a quote or a backslash, after a backslash. */
static void print_quoted(FILE *stream, const char *text, const char *special)
{
    fputc('"', stream);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', stream);
        else if (strchr(special, *text))
            fputc(*text == '$' ? '\\' : *text, stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

/* How one variable is written in a file of some kind. */
typedef void print_variable(FILE *stream, const char *assignment);

static void print_plain(FILE *stream, const char *assignment)
{
    fprintf(stream, "  %s\n", assignment);
}

static void print_for_systemd(FILE *stream, const char *assignment)
{
    fputs("  Environment=", stream);
    print_quoted(stream, assignment, "%");
    fputc('\n', stream);
}

static void print_for_docker(FILE *stream, const char *assignment)
{
    const char *equal = strchr(assignment, '=');
    fprintf(stream, "  ENV %.*s=", (int)(equal - assignment), assignment);
    print_quoted(stream, equal + 1, "$");
    fputc('\n', stream);
}

static void print_each(FILE *stream, const char *library, const struct launch_environment *environment,
                       print_variable *print)
{
    if (library) {
        char *preload = must_format("LD_PRELOAD=%s", library);
        print(stream, preload);
        free(preload);
    }
    for (size_t i = 0; i < environment->count; i++)
        if (strchr(environment->list[i], '='))
            print(stream, environment->list[i]);
}

void what_to_set_print(FILE *stream, const char *library, const struct launch_environment *environment,
                       const char *output)
{
    fputs("\nWhat to set:\n", stream);
    print_each(stream, library, environment, print_plain);
    fputc('\n', stream);
    table_print_line(stream, "systemd (systemctl edit SERVICE)%s%s:",
                     output ? ", or EnvironmentFile= with the whole path of " : "", output ? output : "");
    fputs("  [Service]\n", stream);
    print_each(stream, library, environment, print_for_systemd);
    fputc('\n', stream);
    table_print_line(stream, "Dockerfile%s%s:", output ? ", or docker run --env-file " : "", output ? output : "");
    print_each(stream, library, environment, print_for_docker);
}

void what_to_set_print_winner(FILE *stream, const struct session_record *record, const char *output)
{
    struct launch_environment environment;
    session_record_environment(record, &environment);
    if (environment.count == 0)
        return;
    what_to_set_print(stream, record->space.subject.library, &environment, output);
    launch_clear(&environment);
}

json_t *what_to_set_object(const char *library, const struct launch_environment *environment)
{
    json_t *object = json_object();
    if (library)
        json_object_set_new(object, "LD_PRELOAD", json_text(library));
    for (size_t i = 0; i < environment->count; i++) {
        char *name = must_have(strdup(environment->list[i])), *equal = strchr(name, '=');
        if (equal) {
            *equal = '\0';
            json_object_set_new(object, name, json_text(equal + 1));
        }
        free(name);
    }
    return object;
}

json_t *what_to_set_json(const struct session_record *record)
{
    struct launch_environment environment;
    session_record_environment(record, &environment);
    if (environment.count == 0)
        return json_null();
    json_t *object = what_to_set_object(record->space.subject.library, &environment);
    launch_clear(&environment);
    return object;
}
