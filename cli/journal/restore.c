/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See restore.h. */
#include "config.h"

#include "cli/journal/restore.h"

#include "cli/journal/record.h"
#include "cli/output/json.h"
#include "cli/output/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- parts of lines ----------------------------------------------------------------------------------------------- */

void restore_sample(const struct metric_set *set, const json_t *object, struct metric_sample *sample)
{
    char key[RECORD_KEY];
    *sample = metric_unknown();
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++)
        sample->value[metric] = json_number_at(object, record_key(set, metric, key, sizeof key), NAN);
}

struct space_point restore_point(const struct space *space, const json_t *profile)
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

bool restore_remark(const json_t *line, struct remark *remark)
{
    const char *name = json_text_at(line, "kind", "");
    uint64_t cause = json_count_at(line, "cause");
    enum remark_kind kind = 0;
    while (kind < REMARKS_MOST && strcmp(record_remark_name(kind), name) != 0)
        kind++;
    *remark = (struct remark){
        .kind = kind,
        .seconds = json_number_at(line, "seconds", 0),
        .cpu_seconds = json_number_at(line, "cpu_seconds", 0),
        .calls = json_count_at(line, "calls"),
        .time_share = json_number_at(line, "time_share", 0),
        .memory_share = json_number_at(line, "memory_share", 0),
        .pairs = json_count_at(line, "pairs"),
        .deviation = json_number_at(line, "deviation", 0),
        .tellable = json_number_at(line, "tellable", 0),
        .budget_helps = json_is_true(json_object_get(line, "budget_helps")),
        .cause = cause <= ALONE_TIMER ? (enum alone_cause)cause : ALONE_NOT_KNOWN,
    };
    snprintf(remark->message, sizeof remark->message, "%s", json_text_at(line, "message", ""));
    return kind < REMARKS_MOST;
}

bool restore_run(const struct metric_set *set, const json_t *line, struct candidate_run *run, const char **reason)
{
    *run = (struct candidate_run){.time_error = json_number_at(line, "time_error", INFINITY)};
    *reason = json_text_at(line, "reason", "failed");
    restore_sample(set, json_object_get(line, "gains"), &run->gain);
    restore_sample(set, json_object_get(line, "own"), &run->own);
    return strcmp(json_text_at(line, "status", ""), "ok") == 0;
}

void restore_trial(const struct metric_set *set, const json_t *line, struct candidate *candidate)
{
    struct candidate_run run;
    const char *reason;
    if (!restore_run(set, line, &run, &reason))
        candidate_fail(candidate, reason);
    else if (isfinite(run.gain.value[METRIC_TIME]))
        candidate_add_run(candidate, &run);
}

enum goal_aim restore_aim(const char *name)
{
    enum goal_aim aim = 0;
    while (aim < GOAL_AIMS && strcmp(goal_aim_name(aim), name) != 0)
        aim++;
    return aim;
}

/* --- for a session that goes on ----------------------------------------------------------------------------------- */

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

static void take_trial(const struct session_settings *settings, const json_t *line, struct session_past *past)
{
    uint64_t trial = json_count_at(line, "trial");
    if (trial < 1)
        return;
    struct space_point point = restore_point(settings->space, json_object_get(line, "profile"));
    restore_trial(&settings->goal.metrics, line, candidate_of(past, (unsigned)trial, &point));
    past->heats++;
}

bool restore_is_finished(const json_t *lines)
{
    const json_t *last = json_array_get(lines, json_array_size(lines) - 1);
    return strcmp(json_text_at(last, "type", ""), "verdict") == 0;
}

void restore_past(const struct session_settings *settings, const json_t *lines, struct session_past *past)
{
    size_t index;
    json_t *line;
    memset(past, 0, sizeof *past);
    json_array_foreach((json_t *)lines, index, line)
    {
        const char *type = json_text_at(line, "type", "");
        past->budget = fmax(past->budget, json_number_at(line, "budget_seconds", 0));
        if (index == 0)
            continue;
        if (strcmp(type, "trial") == 0)
            take_trial(settings, line, past);
        else if (strcmp(type, "proof") == 0)
            past->pairs++;
        past->elapsed = fmax(past->elapsed, json_number_at(line, "elapsed_seconds", 0));
    }
}
