/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the charts of a session show, in JSON. See session_parts.h. Changes are percent. */
#include "config.h"

#include "cli/html/session_parts.h"
#include "cli/journal/record.h"
#include "cli/output/json.h"
#include "cli/output/memory.h"
#include "cli/report/main_effects.h"
#include "cli/report/session_words.h"

#include <math.h>
#include <stdlib.h>

/* Room for a list of changes. */
#define LONGEST 1024

/* --- numbers ------------------------------------------------------------------------------------------------------ */

/* [middle, low, high] of the change in a figure, or null. */
static json_t *change(const struct metric_set *set, enum metric metric, double middle, double low, double high)
{
    double one = metric_change(set, metric, low), other = metric_change(set, metric, high);
    if (!isfinite(middle))
        return json_null();
    return json_pack("[o, o, o]", json_finite(metric_change(set, metric, middle)), json_finite(fmin(one, other)),
                     json_finite(fmax(one, other)));
}

static json_t *searched(const struct session_record *record, enum metric metric, const struct candidate *candidate)
{
    struct statistics_mean gain = candidate_gain(candidate, &record->noise, metric);
    double error = STATISTICS_CLEARLY * gain.error;
    if (!isfinite(gain.error))
        return json_null();
    return change(&record->goal.metrics, metric, gain.mean, gain.mean - error, gain.mean + error);
}

static json_t *proved(const struct session_record *record, enum metric metric, const struct proof_figure *figure)
{
    if (!figure->is_known)
        return json_null();
    return change(&record->goal.metrics, metric, figure->gain.mean, figure->gain.low, figure->gain.high);
}

/* [gain, low, high], percent by which it is better. */
static json_t *amount(const struct goal *goal, double middle, double low, double high)
{
    if (!isfinite(middle) || !isfinite(low) || !isfinite(high))
        return json_null();
    return json_pack("[o, o, o]", json_finite(session_words_amount(&goal->metrics, goal->objective, middle)),
                     json_finite(session_words_amount(&goal->metrics, goal->objective, low)),
                     json_finite(session_words_amount(&goal->metrics, goal->objective, high)));
}

/* --- charts ------------------------------------------------------------------------------------------------------- */

static json_t *text_of(const struct session_record *record, const struct space_point *point)
{
    char text[LONGEST];
    return json_text(space_describe(&record->space, point, text, sizeof text));
}

static json_t *trials(const struct session_record *record)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    enum metric memory = session_front_memory(record);
    json_t *list = json_array();
    for (size_t i = 0; i < record->trial_count; i++) {
        const struct candidate *candidate = &record->trials[i].candidate;
        struct statistics_mean gain = candidate_gain(candidate, &record->noise, goal.objective);
        double error = STATISTICS_CLEARLY * gain.error;
        double sure = goal_cautious_score(&goal, candidate, &record->noise);
        json_t *trial =
            json_pack("{s:i, s:o, s:b, s:o}", "n", (int)candidate->trial, "at", json_finite(record->trials[i].begun),
                      "failed", candidate->eliminated, "changes", text_of(record, &candidate->point));
        if (!candidate->eliminated) {
            json_object_set_new(trial, "time", searched(record, METRIC_TIME, candidate));
            json_object_set_new(trial, "memory", searched(record, memory, candidate));
            json_object_set_new(trial, "gain", amount(&goal, gain.mean, gain.mean - error, gain.mean + error));
            json_object_set_new(
                trial, "sure", json_finite(sure > 0 ? session_words_amount(&goal.metrics, goal.objective, sure) : NAN));
        }
        json_array_append_new(list, trial);
    }
    return list;
}

static json_t *finalists(const struct session_record *record)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    const struct proof *proof = &record->outcome.proof;
    json_t *list = json_array();
    for (size_t i = 0; i < proof->count; i++) {
        const struct proof_finalist *finalist = &proof->finalists[i];
        const struct statistics_interval *gain = &finalist->figure[goal.objective].gain;
        bool is_known = finalist->figure[goal.objective].is_known, has_won = false;
        char name[64];
        for (size_t aim = 0; aim < GOAL_AIMS; aim++)
            has_won |= proof->winner[aim] == (int)i;
        json_array_append_new(
            list,
            json_pack("{s:s, s:b, s:o, s:o, s:o, s:o}", "name", session_finalist_name(record, i, name, sizeof name),
                      "won", has_won, "time", proved(record, METRIC_TIME, &finalist->figure[METRIC_TIME]), "memory",
                      proved(record, session_front_memory(record), &finalist->figure[session_front_memory(record)]),
                      "gain", is_known ? amount(&goal, gain->mean, gain->low, gain->high) : json_null(), "changes",
                      text_of(record, &finalist->point)));
    }
    return list;
}

static json_t *stages(const struct session_record *record)
{
    json_t *list = json_array();
    for (size_t i = 0; i < record->stage_count; i++)
        json_array_append_new(list, json_pack("{s:s, s:o}", "name", record_stage_name(record->stages[i].stage), "at",
                                              json_finite(record->stages[i].begun)));
    return list;
}

static json_t *levels(const struct session_record *record, const struct main_effect *effect)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    const struct space_dimension *dimension = &record->space.dimension[effect->dimension];
    json_t *list = json_array();
    for (size_t level = 0; level < dimension->count; level++) {
        struct statistics_mean gain = effect->level[level].gain;
        double error = STATISTICS_CLEARLY * gain.error;
        if (isfinite(gain.error))
            json_array_append_new(list,
                                  json_pack("{s:s, s:o, s:I, s:b}", "value", record->choices[effect->dimension][level],
                                            "gain", amount(&goal, gain.mean, gain.mean - error, gain.mean + error),
                                            "candidates", (json_int_t)effect->level[level].candidates, "usual",
                                            level == dimension->default_level));
    }
    return list;
}

static json_t *settings(const struct session_record *record)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    struct main_effect *effects = must_have(calloc(SPACE_MAX_DIMENSIONS, sizeof *effects));
    json_t *list = json_array();
    main_effects_find(record, goal.objective, effects);
    for (size_t i = 0; i < record->space.count; i++) {
        const struct hak_parameter *row = record->space.dimension[effects[i].dimension].row;
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:o, s:o}", "key", row->key, "what", row->what, "share",
                                        json_finite(100 * effects[i].share), "levels", levels(record, &effects[i])));
    }
    free(effects);
    return list;
}

static json_t *pair_gains(const struct session_record *record, const struct record_pair *pair)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    json_t *list = json_array();
    for (size_t i = 0; i < pair->count; i++) {
        double gain = pair->runs[i].gain.value[goal.objective];
        json_array_append_new(
            list,
            json_pack("[I, o]", (json_int_t)pair->runs[i].finalist,
                      json_finite(isfinite(gain) ? session_words_amount(&goal.metrics, goal.objective, gain) : NAN)));
    }
    return list;
}

/* The contenders of a pair: the baseline, and then finalists by their indices. */
static json_t *lane_names(const struct session_record *record, const struct record_pair *pair)
{
    json_t *list = json_pack("[s]", "default");
    char name[64];
    for (size_t i = 0; i < pair->count; i++)
        json_array_append_new(list,
                              json_string(session_finalist_name(record, pair->runs[i].finalist, name, sizeof name)));
    return list;
}

static json_t *pairs(const struct session_record *record)
{
    json_t *list = json_array();
    for (size_t i = 0; i < record->pair_count; i++) {
        const struct record_pair *pair = &record->pairs[i];
        json_t *object = json_pack("{s:o}", "gains", pair_gains(record, pair));
        if (pair->turns) {
            json_object_set_new(object, "lanes", lane_names(record, pair));
            json_object_set(object, "turns", pair->turns);
        }
        json_array_append_new(list, object);
    }
    return list;
}

json_t *session_data(const struct session_record *record)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    json_t *data = json_object();
    json_object_set_new(data, "objective", json_text(metric_title(&goal.metrics, goal.objective)));
    json_object_set_new(data, "memory", json_text(metric_title(&goal.metrics, session_front_memory(record))));
    json_object_set_new(data, "trials", trials(record));
    json_object_set_new(data, "finalists", finalists(record));
    json_object_set_new(data, "stages", stages(record));
    json_object_set_new(data, "settings", settings(record));
    json_object_set_new(data, "pairs", pairs(record));
    return data;
}
