/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See record_header.h. */
#include "config.h"

#include "cli/journal/record_header.h"

#include "cli/journal/fingerprint.h"
#include "cli/journal/record.h"
#include "cli/output/json.h"
#include "lib/base/units.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Room for a line that describes the work. */
#define DESCRIPTION 4096

static json_t *count(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *text_or_null(const char *text)
{
    return text ? json_text(text) : json_null();
}

static json_t *seconds_or_null(double seconds)
{
    return json_real_or_null(seconds > 0, seconds);
}

static json_t *words(const char *const *list)
{
    json_t *array = json_array();
    for (size_t i = 0; list[i]; i++)
        json_array_append_new(array, json_text(list[i]));
    return array;
}

/* --- the work ----------------------------------------------------------------------------------------------------- */

static json_t *server(const struct workload *work)
{
    static const char *const ready_kinds[] = {"", "tcp:", "exec:", "log:"};
    char ready[1024];
    if (!work->server)
        return json_null();
    snprintf(ready, sizeof ready, "%s%s", ready_kinds[work->ready.kind], work->ready.text);
    json_t *object = json_object();
    json_object_set_new(object, "server", json_text(work->server));
    json_object_set_new(object, "load", json_text(work->load));
    json_object_set_new(object, "ready", json_text(ready));
    json_object_set_new(object, "warm_up", text_or_null(work->warm_up));
    json_object_set_new(object, "idle_seconds", json_real(work->idle_s));
    return object;
}

/* What ends a server, and how long its phases may take: beside the others, as journals of format 2 have them not. */
static json_t *server_ends(const struct workload *work)
{
    if (!work->server)
        return json_null();
    return json_pack("{s:i, s:o, s:o}", "signal", work->stop_signal ? work->stop_signal : SIGTERM,
                     "start_timeout_seconds", seconds_or_null(work->start_timeout_s), "stop_timeout_seconds",
                     seconds_or_null(work->stop_timeout_s));
}

static json_t *statuses(const struct workload *work)
{
    json_t *list = json_array();
    for (int status = 1; status < 256; status++)
        if (workload_status_is_ok(work, status))
            json_array_append_new(list, json_integer(status));
    return list;
}

static json_t *own_metrics(const struct metric_set *set)
{
    static const char *const gathers[] = {"last", "sum", "mean", "max"};
    json_t *list = json_array();
    for (size_t i = 0; i < set->own_count; i++)
        json_array_append_new(list, json_pack("{s:o, s:o, s:s, s:s}", "name", json_text(set->own[i].name), "pattern",
                                              json_text(set->own[i].pattern), "better",
                                              set->own[i].more_is_better ? "higher" : "lower", "of",
                                              gathers[set->own[i].gather]));
    return list;
}

static void add_work(json_t *object, const struct workload *work)
{
    json_object_set_new(object, "workload", text_or_null(work->workload));
    json_object_set_new(object, "command", work->command ? words((const char *const *)work->command) : json_null());
    json_object_set_new(object, "server", server(work));
    json_object_set_new(object, "stop", server_ends(work));
    json_object_set_new(object, "prepare", text_or_null(work->prepare));
    json_object_set_new(object, "cwd", text_or_null(work->directory));
    json_object_set_new(object, "env", work->assignments[0] ? words(work->assignments) : json_null());
    json_object_set_new(object, "stdin", text_or_null(work->stdin_path));
    json_object_set_new(object, "ok_status", statuses(work));
    json_object_set_new(object, "timeout_seconds", seconds_or_null(work->timeout_s));
    json_object_set_new(object, "operations", count(work->operations));
    json_object_set_new(object, "threads", json_integer(work->threads));
}

static json_t *words_of_work(const struct workload *work)
{
    const struct workload_kind *kind = workload_kind(work);
    char name[256], description[DESCRIPTION];
    workload_name(work, name, sizeof name);
    kind->describe(work, description, sizeof description);
    return json_pack("{s:s, s:o, s:o, s:o}", "label", kind->label, "name", json_text(name), "description",
                     json_text(description), "job", json_text(work->job));
}

/* --- what is tuned ------------------------------------------------------------------------------------------------ */

static json_t *subject(const struct subject *subject)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:b}", "name", json_text(subject->name), "description",
                     json_text(subject->description ? subject->description : subject->name), "baseline",
                     json_text(subject->baseline), "library", text_or_null(subject->library), "in_environment",
                     subject->kind->in_environment);
}

static json_t *level(const struct space_dimension *dimension, size_t index)
{
    char value[HAK_UNITS_TEXT];
    return json_text(hak_parameter_format(dimension->row, dimension->level[index], value, sizeof value));
}

static json_t *settings_of(const struct space *space)
{
    json_t *list = json_array();
    for (size_t i = 0; i < space->count; i++) {
        const struct space_dimension *dimension = &space->dimension[i];
        json_t *values = json_array();
        for (size_t j = 0; j < dimension->count; j++)
            json_array_append_new(values, level(dimension, j));
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o}", "key", dimension->row->key, "default",
                                              level(dimension, dimension->default_level), "values", values, "what",
                                              text_or_null(dimension->row->what)));
    }
    return list;
}

/* --- the line ----------------------------------------------------------------------------------------------------- */

static json_t *date_now(void)
{
    char date[32];
    time_t now = time(NULL);
    struct tm broken;
    gmtime_r(&now, &broken);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &broken);
    return json_string(date);
}

/* What a session is about: a resumed one must have the same. */
static json_t *identity(const struct session_settings *settings, const json_t *fingerprint)
{
    const struct metric_set *metrics = &settings->goal.metrics;
    json_t *object = json_object();
    json_object_set_new(object, "allocator", json_text(settings->space->subject.name));
    json_object_set_new(object, "space", fingerprint_of_space(settings->space));
    add_work(object, &settings->work);
    json_object_set_new(object, "interleave", json_string(settings->interleave == RACE_RUNS ? "run" : "slice"));
    json_object_set_new(object, "objective", json_text(goal_name(&settings->goal)));
    json_object_set_new(object, "limits", record_limits(&settings->goal));
    json_object_set_new(object, "own_metrics", own_metrics(metrics));
    json_object_set_new(object, "core_worth_bytes",
                        json_finite(metrics->core_worth > 0 ? metrics->core_worth : METRIC_CORE_WORTH));
    json_object_set_new(object, "strategy", json_string(settings->strategy));
    json_object_set_new(object, "seed", count(settings->seed));
    json_object_set_new(object, "machine", json_text(settings->space->machine.description));
    if (fingerprint)
        json_object_update(object, (json_t *)fingerprint);
    return object;
}

json_t *record_header(const struct session_settings *settings, const json_t *fingerprint, const json_t *topology)
{
    json_t *header = json_pack("{s:s, s:i, s:s, s:o}", "type", "header", "format", RECORD_FORMAT, "version",
                               PACKAGE_VERSION, "started", date_now());
    json_t *same = identity(settings, fingerprint);
    json_object_update(header, same);
    json_decref(same);
    json_object_set_new(header, "budget_seconds", json_finite(settings->budget));
    json_object_set_new(header, "trials", settings->trials ? json_integer(settings->trials) : json_null());
    json_object_set_new(header, "work", words_of_work(&settings->work));
    json_object_set_new(header, "subject", subject(&settings->space->subject));
    json_object_set_new(header, "settings", settings_of(settings->space));
    json_object_set_new(header, "topology", topology ? json_incref((json_t *)topology) : json_null());
    return header;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void tell_difference(const char *key, const json_t *there, const json_t *wanted, char *message, size_t size)
{
    char *was = json_dumps(there, JSON_ENCODE_ANY | JSON_COMPACT);
    char *is = json_dumps(wanted, JSON_ENCODE_ANY | JSON_COMPACT);
    snprintf(message, size, "it is of another session: its %s is %s, not %s", key, was ? was : "not there",
             is ? is : "?");
    free(was);
    free(is);
}

bool record_same_session(const json_t *header, const struct session_settings *settings, const json_t *fingerprint,
                         char *message, size_t size)
{
    json_int_t format = json_integer_value(json_object_get(header, "format"));
    if (strcmp(json_text_at(header, "type", ""), "header") != 0 || format < RECORD_OLDEST_FORMAT ||
        format > RECORD_FORMAT) {
        snprintf(message, size, "it does not begin with a header that this version knows");
        return false;
    }
    json_t *same = identity(settings, fingerprint), *wanted;
    const char *key;
    bool is_same = true;
    json_object_foreach(same, key, wanted)
    {
        json_t *there = json_object_get(header, key);
        if (json_equal(there, wanted) || (!there && (json_is_null(wanted) || format < RECORD_FORMAT)))
            continue;
        tell_difference(key, there, wanted, message, size);
        is_same = false;
        break;
    }
    json_decref(same);
    return is_same;
}
