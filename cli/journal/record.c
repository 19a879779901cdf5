/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See record.h. */
#include "config.h"

#include "cli/journal/record.h"

#include "cli/journal/fingerprint.h"
#include "cli/output/json.h"
#include "cli/output/memory.h"
#include "lib/base/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define JOURNAL_FORMAT 2

/* Room for a metric as a key; the user's own names are shorter. */
#define METRIC_KEY 64

static json_t *bytes(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static json_t *text_or_null(const char *text)
{
    return text ? json_text(text) : json_null();
}

static json_t *words(const char *const *list)
{
    json_t *array = json_array();
    for (size_t i = 0; list[i]; i++)
        json_array_append_new(array, json_text(list[i]));
    return array;
}

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

static json_t *date_now(void)
{
    char date[32];
    time_t now = time(NULL);
    struct tm broken;
    gmtime_r(&now, &broken);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &broken);
    return json_string(date);
}

/* A metric's name as a key. */
static const char *key_of(const struct metric_set *set, enum metric metric, char *key, size_t size)
{
    snprintf(key, size, "%s", metric_name(set, metric));
    for (char *at = key; *at; at++)
        if (*at == '-')
            *at = '_';
    return key;
}

json_t *record_sample(const struct metric_set *set, const struct metric_sample *sample)
{
    json_t *object = json_object();
    char key[METRIC_KEY];
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++)
        if (isfinite(sample->value[metric]))
            json_object_set_new(object, key_of(set, metric, key, sizeof key), json_real(sample->value[metric]));
    return object;
}

static void restore_sample(const struct metric_set *set, const json_t *object, struct metric_sample *sample)
{
    char key[METRIC_KEY];
    *sample = metric_unknown();
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++) {
        const json_t *value = json_object_get(object, key_of(set, metric, key, sizeof key));
        if (json_is_number(value))
            sample->value[metric] = json_number_value(value);
    }
}

json_t *record_limits(const struct goal *goal)
{
    json_t *object = json_object();
    char key[METRIC_KEY];
    for (size_t i = 0; i < goal->limit_count; i++)
        json_object_set_new(object, key_of(&goal->metrics, goal->limits[i].metric, key, sizeof key),
                            json_real_or_null(goal->limits[i].percent >= 0, goal->limits[i].percent));
    return object;
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

/* What a session is about: a resumed one must have the same. */
static json_t *identity(const struct session_settings *settings, const json_t *fingerprint)
{
    const struct workload *work = &settings->work;
    json_t *object = json_object();
    json_object_set_new(object, "allocator", json_text(settings->space->subject.name));
    json_object_set_new(object, "space", fingerprint_of_space(settings->space));
    json_object_set_new(object, "workload", text_or_null(work->workload));
    json_object_set_new(object, "command", work->command ? words((const char *const *)work->command) : json_null());
    json_object_set_new(object, "server", server(work));
    json_object_set_new(object, "prepare", text_or_null(work->prepare));
    json_object_set_new(object, "cwd", text_or_null(work->directory));
    json_object_set_new(object, "env", work->assignments[0] ? words(work->assignments) : json_null());
    json_object_set_new(object, "stdin", text_or_null(work->stdin_path));
    json_object_set_new(object, "operations", bytes(work->operations));
    json_object_set_new(object, "threads", json_integer(work->threads));
    json_object_set_new(object, "interleave", json_string(settings->interleave == RACE_RUNS ? "run" : "slice"));
    json_object_set_new(object, "objective", json_text(goal_name(&settings->goal)));
    json_object_set_new(object, "limits", record_limits(&settings->goal));
    json_object_set_new(object, "own_metrics", own_metrics(&settings->goal.metrics));
    json_object_set_new(
        object, "core_worth_bytes",
        json_finite(settings->goal.metrics.core_worth > 0 ? settings->goal.metrics.core_worth : METRIC_CORE_WORTH));
    json_object_set_new(object, "strategy", json_string(settings->strategy));
    json_object_set_new(object, "seed", bytes(settings->seed));
    json_object_set_new(object, "machine", json_text(settings->space->machine.description));
    if (fingerprint)
        json_object_update(object, (json_t *)fingerprint);
    return object;
}

json_t *record_header(const struct session_settings *settings, const json_t *fingerprint)
{
    json_t *header = json_pack("{s:s, s:i, s:s, s:o}", "type", "header", "format", JOURNAL_FORMAT, "version",
                               PACKAGE_VERSION, "started", date_now());
    json_t *same = identity(settings, fingerprint);
    json_object_update(header, same);
    json_decref(same);
    json_object_set_new(header, "budget_seconds", json_finite(settings->budget));
    json_object_set_new(header, "trials", settings->trials ? json_integer(settings->trials) : json_null());
    return header;
}

json_t *record_point(const struct space *space, const struct space_point *point)
{
    json_t *profile = json_object();
    char value[HAK_UNITS_TEXT];
    for (size_t i = 0; i < space->count; i++) {
        const struct space_dimension *dimension = &space->dimension[i];
        if (point->level[i] == dimension->default_level)
            continue;
        hak_parameter_format(dimension->row, dimension->level[point->level[i]], value, sizeof value);
        json_object_set_new(profile, dimension->row->key, json_string(value));
    }
    return profile;
}

json_t *record_trial(const struct session_settings *settings, const struct candidate *candidate,
                     const struct heat *heat, double elapsed)
{
    const struct metric_set *set = &settings->goal.metrics;
    json_t *line =
        json_pack("{s:s, s:i, s:o, s:s}", "type", "trial", "trial", (int)candidate->trial, "profile",
                  record_point(settings->space, &candidate->point), "status", candidate->eliminated ? "failed" : "ok");
    json_object_set_new(line, "run_seed", bytes(heat->seed));
    json_object_set_new(line, "operations", bytes(heat->operations));
    if (candidate->eliminated) {
        json_object_set_new(line, "reason", json_text(candidate->reason));
    } else {
        const struct candidate_run *run = &candidate->runs[candidate->count - 1];
        json_object_set_new(line, "gains", record_sample(set, &run->gain));
        json_object_set_new(line, "time_error", json_finite(run->time_error));
        json_object_set_new(line, "own", record_sample(set, &run->own));
        json_object_set_new(line, "baseline", record_sample(set, &heat->baseline_sample));
    }
    json_object_set_new(line, "elapsed_seconds", json_finite(elapsed));
    return line;
}

json_t *record_pair(const struct session_settings *settings, size_t pair, const struct heat *heat, double elapsed)
{
    const struct metric_set *set = &settings->goal.metrics;
    json_t *finalists = json_array();
    for (size_t i = 0; i < heat->count; i++) {
        const struct candidate *candidate = heat->candidates[i];
        json_t *finalist = json_pack("{s:i}", "trial", (int)candidate->trial);
        if (candidate->eliminated)
            json_object_set_new(finalist, "reason", json_text(candidate->reason));
        else if (candidate->count > 0)
            json_object_set_new(finalist, "gains", record_sample(set, &candidate->runs[candidate->count - 1].gain));
        json_array_append_new(finalists, finalist);
    }
    json_t *line = json_pack("{s:s, s:i, s:o, s:o}", "type", "proof", "pair", (int)pair, "run_seed", bytes(heat->seed),
                             "baseline", record_sample(set, &heat->baseline_sample));
    json_object_set_new(line, "finalists", finalists);
    json_object_set_new(line, "elapsed_seconds", json_finite(elapsed));
    return line;
}

json_t *record_ablation(const struct session_settings *settings, enum goal_aim aim, const struct ablation *ablation,
                        double elapsed)
{
    json_t *changes = json_array();
    for (size_t i = 0; i < ablation->count; i++) {
        const struct ablation_change *change = &ablation->changes[i];
        const char *key = settings->space->dimension[change->dimension].row->key;
        json_array_append_new(changes, json_pack("{s:s, s:o, s:o}", "key", key, "gain",
                                                 json_real_or_null(change->is_known, change->gain.mean), "error",
                                                 json_real_or_null(change->is_known, change->gain.error)));
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "type", "ablation", "aim", goal_aim_name(aim), "profile",
                     record_point(settings->space, &ablation->of), "changes", changes, "elapsed_seconds",
                     json_finite(elapsed));
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

bool record_same_session(const json_t *header, const struct session_settings *settings, const json_t *fingerprint,
                         char *message, size_t size)
{
    const char *type = json_string_value(json_object_get(header, "type"));
    if (!type || strcmp(type, "header") != 0 ||
        json_integer_value(json_object_get(header, "format")) != JOURNAL_FORMAT) {
        snprintf(message, size, "it does not begin with a header that this version knows");
        return false;
    }
    json_t *same = identity(settings, fingerprint), *wanted;
    const char *key;
    bool is_same = true;
    json_object_foreach(same, key, wanted)
    {
        json_t *there = json_object_get(header, key);
        if (json_equal(there, wanted) || (!there && json_is_null(wanted)))
            continue;
        char *was = json_dumps(there, JSON_ENCODE_ANY | JSON_COMPACT),
             *is = json_dumps(wanted, JSON_ENCODE_ANY | JSON_COMPACT);
        snprintf(message, size, "it is of another session: its %s is %s, not %s", key, was ? was : "not there",
                 is ? is : "?");
        free(was);
        free(is);
        is_same = false;
        break;
    }
    json_decref(same);
    return is_same;
}

static struct space_point restore_point(const struct space *space, const json_t *profile)
{
    struct space_point point = space_default(space);
    char message[HAK_PROFILE_MESSAGE_SIZE];
    const char *key;
    json_t *shown;
    uint64_t value;
    json_object_foreach((json_t *)profile, key, shown)
    {
        const struct hak_parameter *row = subject_find(&space->subject, key);
        if (row && json_is_string(shown) &&
            hak_parameter_parse(row, json_string_value(shown), &value, message, sizeof message))
            space_set(space, &point, key, value);
    }
    return point;
}

static struct candidate *candidate_of(struct session_past *past, unsigned trial, const struct space_point *point)
{
    for (size_t i = 0; i < past->count; i++) {
        if (past->candidates[i].trial == trial)
            return &past->candidates[i];
    }
    past->candidates = must_have(realloc(past->candidates, (past->count + 1) * sizeof *past->candidates));
    candidate_init(&past->candidates[past->count], trial, point);
    return &past->candidates[past->count++];
}

static double number_value(const json_t *line, const char *key, double otherwise)
{
    const json_t *value = json_object_get(line, key);
    return json_is_number(value) ? json_number_value(value) : otherwise;
}

static void restore_trial(const struct session_settings *settings, const json_t *line, struct session_past *past)
{
    const json_t *trial = json_object_get(line, "trial");
    if (!json_is_integer(trial) || json_integer_value(trial) < 1)
        return;
    struct space_point point = restore_point(settings->space, json_object_get(line, "profile"));
    struct candidate *candidate = candidate_of(past, (unsigned)json_integer_value(trial), &point);
    const char *status = json_string_value(json_object_get(line, "status"));
    const char *reason = json_string_value(json_object_get(line, "reason"));
    struct candidate_run run = {.time_error = number_value(line, "time_error", INFINITY)};
    restore_sample(&settings->goal.metrics, json_object_get(line, "gains"), &run.gain);
    restore_sample(&settings->goal.metrics, json_object_get(line, "own"), &run.own);
    if (!status || strcmp(status, "ok") != 0)
        candidate_fail(candidate, reason ? reason : "failed");
    else if (isfinite(run.gain.value[METRIC_TIME]))
        candidate_add_run(candidate, &run);
    past->heats++;
}

bool record_is_finished(const json_t *lines)
{
    const json_t *last = json_array_get(lines, json_array_size(lines) - 1);
    const char *type = json_string_value(json_object_get(last, "type"));
    return type && strcmp(type, "verdict") == 0;
}

void record_restore(const struct session_settings *settings, const json_t *lines, struct session_past *past)
{
    size_t index;
    json_t *line;
    memset(past, 0, sizeof *past);
    json_array_foreach((json_t *)lines, index, line)
    {
        const char *type = json_string_value(json_object_get(line, "type"));
        past->budget = fmax(past->budget, number_value(line, "budget_seconds", 0));
        if (!type || index == 0)
            continue;
        if (strcmp(type, "trial") == 0)
            restore_trial(settings, line, past);
        else if (strcmp(type, "proof") == 0)
            past->pairs++;
        past->elapsed = fmax(past->elapsed, number_value(line, "elapsed_seconds", 0));
    }
}
