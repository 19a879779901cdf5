/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See what_to_set.h. */
#include "config.h"

#include "cli/report/what_to_set.h"

#include "cli/output/json.h"

#include <stdlib.h>
#include <string.h>

/* Collects "NAME=VALUE" of each variable that the winner sets. False: there is no such winner, and nothing to clear. */
static bool collect(const struct session_settings *settings, const struct session_outcome *outcome,
                    struct launch_environment *environment)
{
    const struct subject *subject = &settings->space->subject;
    struct subject_values values;
    *environment = (struct launch_environment){.count = 0};
    if (!subject->kind->in_environment || outcome->proof.winner < 0)
        return false;
    if (subject->library)
        launch_set(environment, "LD_PRELOAD", subject->library);
    space_to_values(settings->space, &outcome->proof.finalists[outcome->proof.winner].point, &values);
    subject->kind->launch(subject, &values, "", environment);
    return true;
}

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

void what_to_set_print(FILE *stream, const struct session_settings *settings, const struct session_outcome *outcome,
                       const char *output)
{
    struct launch_environment environment;
    if (!collect(settings, outcome, &environment))
        return;
    fputs("\nWhat to set, as it stands in the file:\n", stream);
    for (size_t i = 0; i < environment.count; i++)
        if (strchr(environment.list[i], '='))
            fprintf(stream, "  %s\n", environment.list[i]);
    fprintf(stream, "\nsystemd (systemctl edit SERVICE)%s%s:\n  [Service]\n",
            output ? ", or EnvironmentFile= with the whole path of " : "", output ? output : "");
    for (size_t i = 0; i < environment.count; i++) {
        if (!strchr(environment.list[i], '='))
            continue;
        fputs("  Environment=", stream);
        print_quoted(stream, environment.list[i], "%");
        fputc('\n', stream);
    }
    fprintf(stream, "\nDockerfile%s%s:\n", output ? ", or docker run --env-file " : "", output ? output : "");
    for (size_t i = 0; i < environment.count; i++) {
        const char *equal = strchr(environment.list[i], '=');
        if (!equal)
            continue;
        fprintf(stream, "  ENV %.*s=", (int)(equal - environment.list[i]), environment.list[i]);
        print_quoted(stream, equal + 1, "$");
        fputc('\n', stream);
    }
    launch_clear(&environment);
}

json_t *what_to_set_json(const struct session_settings *settings, const struct session_outcome *outcome)
{
    struct launch_environment environment;
    if (!collect(settings, outcome, &environment))
        return json_null();
    json_t *object = json_object();
    for (size_t i = 0; i < environment.count; i++) {
        char *equal = strchr(environment.list[i], '=');
        if (!equal)
            continue;
        *equal = '\0';
        json_object_set_new(object, environment.list[i], json_text(equal + 1));
    }
    launch_clear(&environment);
    return object;
}
