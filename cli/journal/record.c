/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See record.h. */
#include "config.h"

#include "cli/journal/record.h"

#include "cli/output/json.h"
#include "lib/base/units.h"

#include <math.h>
#include <stdio.h>

/* Figures of turns are told to a tenth of a millisecond: a pixel is more. */
#define TURN_STEPS 1e4

/* --- names -------------------------------------------------------------------------------------------------------- */

const char *record_stage_name(enum tune_stage stage)
{
    static const char *const names[] = {"calibration", "search", "play-off", "simplification", "proof", "end"};
    return names[stage];
}

const char *record_remark_name(enum remark_kind kind)
{
    static const char *const names[] = {
        [REMARK_SHORT] = "short",
        [REMARK_WAITS] = "waits",
        [REMARK_HARDLY_ALLOCATES] = "hardly-allocates",
        [REMARK_NOISY] = "noisy",
        [REMARK_OTHER_ALLOCATOR] = "other-allocator",
        [REMARK_ALONE] = "alone",
        [REMARK_WRAPPED] = "wrapped",
    };
    return names[kind];
}

const char *record_key(const struct metric_set *set, enum metric metric, char *key, size_t size)
{
    snprintf(key, size, "%s", metric_name(set, metric));
    for (char *at = key; *at; at++)
        if (*at == '-')
            *at = '_';
    return key;
}

/* --- parts of lines ----------------------------------------------------------------------------------------------- */

static json_t *count(uint64_t value)
{
    return json_integer((json_int_t)value);
}

json_t *record_sample(const struct metric_set *set, const struct metric_sample *sample)
{
    json_t *object = json_object();
    char key[RECORD_KEY];
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++)
        if (isfinite(sample->value[metric]))
            json_object_set_new(object, record_key(set, metric, key, sizeof key), json_real(sample->value[metric]));
    return object;
}

json_t *record_limits(const struct goal *goal)
{
    json_t *object = json_object();
    char key[RECORD_KEY];
    for (size_t i = 0; i < goal->limit_count; i++)
        json_object_set_new(object, record_key(&goal->metrics, goal->limits[i].metric, key, sizeof key),
                            json_real_or_null(goal->limits[i].percent >= 0, goal->limits[i].percent));
    return object;
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
        json_object_set_new(profile, dimension->row->key, json_text(value));
    }
    return profile;
}

json_t *record_remark_figures(const struct remark *remark)
{
    json_t *object = json_pack("{s:s}", "kind", record_remark_name(remark->kind));
    json_object_set_new(object, "seconds", json_finite(remark->seconds));
    json_object_set_new(object, "cpu_seconds", json_finite(remark->cpu_seconds));
    json_object_set_new(object, "calls", count(remark->calls));
    json_object_set_new(object, "time_share", json_finite(remark->time_share));
    json_object_set_new(object, "memory_share", json_finite(remark->memory_share));
    json_object_set_new(object, "pairs", count(remark->pairs));
    json_object_set_new(object, "deviation", json_finite(remark->deviation));
    json_object_set_new(object, "tellable", json_finite(remark->tellable));
    json_object_set_new(object, "budget_helps", json_boolean(remark->budget_helps));
    json_object_set_new(object, "cause", json_integer(remark->cause));
    json_object_set_new(object, "message", json_text(remark->message));
    return object;
}

static json_t *end_line(json_t *line, const struct tune_event *event)
{
    json_object_set_new(line, "elapsed_seconds", json_finite(event->elapsed));
    return line;
}

/* --- before and between the races --------------------------------------------------------------------------------- */

json_t *record_stage(const struct tune_event *event)
{
    return end_line(json_pack("{s:s, s:s}", "type", "stage", "stage", record_stage_name(event->stage)), event);
}

json_t *record_calibration(const struct tune_event *event)
{
    const struct heat *heat = event->heat;
    json_t *line = json_pack("{s:s, s:o, s:o}", "type", "calibration", "blocks", count(heat->baseline_blocks),
                             "operations", count(heat->operations));
    json_object_set_new(line, "baseline", record_sample(&event->settings->goal.metrics, &heat->baseline_sample));
    return end_line(line, event);
}

json_t *record_remark(const struct tune_event *event)
{
    json_t *line = json_pack("{s:s}", "type", "remark"), *figures = record_remark_figures(event->remark);
    json_object_update(line, figures);
    json_decref(figures);
    return end_line(line, event);
}

json_t *record_ablation(const struct tune_event *event)
{
    const struct ablation *ablation = event->ablation;
    const struct space *space = event->settings->space;
    json_t *changes = json_array();
    for (size_t i = 0; i < ablation->count; i++) {
        const struct ablation_change *change = &ablation->changes[i];
        const char *key = space->dimension[change->dimension].row->key;
        json_array_append_new(changes, json_pack("{s:s, s:o, s:o, s:o}", "key", key, "gain",
                                                 json_real_or_null(change->is_known, change->gain.mean), "error",
                                                 json_real_or_null(change->is_known, change->gain.error), "races",
                                                 count(change->races)));
    }
    return end_line(json_pack("{s:s, s:s, s:o, s:o}", "type", "ablation", "aim", goal_aim_name(event->aim), "profile",
                              record_point(space, &ablation->of), "changes", changes),
                    event);
}

/* --- candidates --------------------------------------------------------------------------------------------------- */

json_t *record_trial(const struct tune_event *event)
{
    const struct metric_set *set = &event->settings->goal.metrics;
    const struct candidate *candidate = event->candidate;
    const struct heat *heat = event->heat;
    json_t *line = json_pack("{s:s, s:i, s:o, s:s}", "type", "trial", "trial", (int)candidate->trial, "profile",
                             record_point(event->settings->space, &candidate->point), "status",
                             candidate->eliminated ? "failed" : "ok");
    json_object_set_new(line, "run_seed", count(heat->seed));
    json_object_set_new(line, "operations", count(heat->operations));
    if (candidate->eliminated) {
        json_object_set_new(line, "reason", json_text(candidate->reason));
    } else {
        const struct candidate_run *run = &candidate->runs[candidate->count - 1];
        json_object_set_new(line, "gains", record_sample(set, &run->gain));
        json_object_set_new(line, "time_error", json_finite(run->time_error));
        json_object_set_new(line, "own", record_sample(set, &run->own));
        json_object_set_new(line, "baseline", record_sample(set, &heat->baseline_sample));
    }
    return end_line(line, event);
}

/* --- the proof ---------------------------------------------------------------------------------------------------- */

static json_t *aims_of(const struct proof_finalist *finalist)
{
    json_t *aims = json_array();
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++)
        if (finalist->test[aim].is_held)
            json_array_append_new(aims, json_string(goal_aim_name(aim)));
    return aims;
}

json_t *record_finalists(const struct tune_event *event)
{
    const struct proof *proof = event->proof;
    json_t *list = json_array();
    for (size_t i = 0; i < proof->count; i++) {
        const struct proof_finalist *finalist = &proof->finalists[i];
        json_array_append_new(list, json_pack("{s:i, s:o, s:o}", "trial", (int)finalist->trial, "profile",
                                              record_point(event->settings->space, &finalist->point), "aims",
                                              aims_of(finalist)));
    }
    return json_pack("{s:s, s:o, s:o}", "type", "finalists", "operations", count(proof->operations), "finalists", list);
}

/* Which finalist CANDIDATE is: their points differ. */
static size_t index_of(const struct tune_event *event, const struct candidate *candidate)
{
    const struct proof *proof = event->proof;
    size_t index = 0;
    while (index + 1 < proof->count &&
           !space_equal(event->settings->space, &proof->finalists[index].point, &candidate->point))
        index++;
    return index;
}

static json_t *finalists_of(const struct tune_event *event)
{
    const struct metric_set *set = &event->settings->goal.metrics;
    json_t *list = json_array();
    for (size_t i = 0; i < event->heat->count; i++) {
        const struct candidate *candidate = event->heat->candidates[i];
        json_t *finalist =
            json_pack("{s:o, s:i}", "finalist", count(index_of(event, candidate)), "trial", (int)candidate->trial);
        if (candidate->eliminated)
            json_object_set_new(finalist, "reason", json_text(candidate->reason));
        else if (candidate->count > 0)
            json_object_set_new(finalist, "gains", record_sample(set, &candidate->runs[candidate->count - 1].gain));
        json_array_append_new(list, finalist);
    }
    return list;
}

static json_t *rounded(double seconds)
{
    return json_real(round(seconds * TURN_STEPS) / TURN_STEPS);
}

/* An array for each contender: begin and length of each turn, one behind the other. */
static json_t *turns_of(const struct heat *heat)
{
    json_t *lanes = json_array();
    for (size_t i = 0; i <= heat->count; i++) {
        const struct heat_lane *lane = &heat->turns->lane[i];
        json_t *list = json_array();
        for (size_t j = 0; j < lane->count; j++) {
            json_array_append_new(list, rounded(lane->list[j].begin_s));
            json_array_append_new(list, rounded(lane->list[j].seconds));
        }
        json_array_append_new(lanes, list);
    }
    return lanes;
}

json_t *record_pair(const struct tune_event *event)
{
    const struct heat *heat = event->heat;
    json_t *line =
        json_pack("{s:s, s:i, s:o, s:o}", "type", "proof", "pair", (int)event->proof->pairs, "run_seed",
                  count(heat->seed), "baseline", record_sample(&event->settings->goal.metrics, &heat->baseline_sample));
    json_object_set_new(line, "finalists", finalists_of(event));
    if (heat->turns && heat->turns->lane[0].count > 0)
        json_object_set_new(line, "turns", turns_of(heat));
    return end_line(line, event);
}
