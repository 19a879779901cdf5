/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See record_outcome.h. */
#include "config.h"

#include "cli/journal/record_outcome.h"

#include "cli/journal/record.h"
#include "cli/output/json.h"

#include <stdlib.h>

const char *record_status_name(enum session_status status)
{
    static const char *const names[] = {
        [SESSION_DONE] = "done",
        [SESSION_INTERRUPTED] = "interrupted",
        [SESSION_WORK_FAILED] = "work-failed",
        [SESSION_WORK_UNKNOWN] = "work-unknown",
        [SESSION_NO_METRIC] = "no-metric",
        [SESSION_TOO_SHORT] = "too-short",
        [SESSION_NOT_ENDED] = "not-ended",
        [SESSION_FAILED] = "failed",
    };
    return names[status];
}

static json_t *count(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* --- the proof ---------------------------------------------------------------------------------------------------- */

static json_t *figures(const struct metric_set *set, const struct proof_finalist *finalist)
{
    json_t *object = json_object();
    char key[RECORD_KEY];
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++) {
        const struct statistics_interval *gain = &finalist->figure[metric].gain;
        if (finalist->figure[metric].is_known)
            json_object_set_new(object, record_key(set, metric, key, sizeof key),
                                json_pack("[o, o, o, o]", json_finite(gain->mean), json_finite(gain->low),
                                          json_finite(gain->high), json_finite(gain->p_value)));
    }
    return object;
}

static json_t *tests(const struct proof_finalist *finalist)
{
    json_t *object = json_object();
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++) {
        const struct proof_test *test = &finalist->test[aim];
        if (test->is_held)
            json_object_set_new(object, goal_aim_name(aim),
                                json_pack("{s:b, s:b, s:o}", "within_limits", test->within_limits, "better",
                                          test->better, "p_value", json_finite(test->p_value)));
    }
    return object;
}

static json_t *finalists(const struct session_settings *settings, const struct proof *proof)
{
    json_t *list = json_array();
    for (size_t i = 0; i < proof->count; i++) {
        const struct proof_finalist *finalist = &proof->finalists[i];
        json_array_append_new(list,
                              json_pack("{s:i, s:o, s:o, s:o, s:o}", "trial", (int)finalist->trial, "profile",
                                        record_point(settings->space, &finalist->point), "reason",
                                        finalist->eliminated ? json_text(finalist->reason) : json_null(), "figures",
                                        figures(&settings->goal.metrics, finalist), "tests", tests(finalist)));
    }
    return list;
}

static json_t *proof_of(const struct session_settings *settings, const struct proof *proof)
{
    json_t *winners = json_object();
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++)
        if (proof->winner[aim] >= 0)
            json_object_set_new(winners, goal_aim_name(aim), json_integer(proof->winner[aim]));
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "operations", count(proof->operations), "pairs",
                     count(proof->pairs), "pair_deviation", json_finite(proof->pair_deviation), "baseline_deviation",
                     json_finite(proof->baseline_deviation), "baseline",
                     record_sample(&settings->goal.metrics, &proof->baseline), "winners", winners, "finalists",
                     finalists(settings, proof));
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static json_t *best_of(const struct session_settings *settings, const struct session_outcome *outcome)
{
    if (!outcome->has_best)
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "profile", record_point(settings->space, &outcome->best), "gain",
                     json_finite(outcome->best_score.mean), "error", json_finite(outcome->best_score.error));
}

json_t *record_outcome(const struct session_settings *settings, const struct session_outcome *outcome)
{
    json_t *remarks = json_array();
    for (size_t i = 0; i < outcome->remarks.count; i++)
        json_array_append_new(remarks, record_remark_figures(&outcome->remarks.list[i]));
    json_t *line =
        json_pack("{s:s, s:s, s:o, s:i, s:i, s:o}", "type", "outcome", "status", record_status_name(outcome->status),
                  "message", json_text(outcome->message), "trials", (int)outcome->trials, "failed",
                  (int)outcome->failed, "first_failure", json_text(outcome->first_failure));
    json_object_set_new(line, "budget_seconds", json_finite(settings->budget));
    json_object_set_new(line, "run_seconds", json_finite(outcome->run_seconds));
    json_object_set_new(line, "baseline", record_sample(&settings->goal.metrics, &outcome->baseline));
    json_object_set_new(line, "baseline_operations", count(outcome->baseline_operations));
    json_object_set_new(line, "best", best_of(settings, outcome));
    json_object_set_new(line, "remarks", remarks);
    json_object_set_new(line, "proof", proof_of(settings, &outcome->proof));
    json_object_set_new(line, "elapsed_seconds", json_finite(outcome->seconds));
    return line;
}

/* The variables that the recommended winner sets. */
static json_t *environment(const struct session_settings *settings, const struct session_outcome *outcome)
{
    const struct subject *subject = &settings->space->subject;
    const struct proof_finalist *winner = proof_winner(&outcome->proof, GOAL_RECOMMENDED);
    struct launch_environment set = {.count = 0};
    struct subject_values values;
    if (!subject->kind->in_environment || !winner)
        return json_null();
    space_to_values(settings->space, &winner->point, &values);
    subject->kind->launch(subject, &values, "", &set);
    json_t *list = json_array();
    for (size_t i = 0; i < set.count; i++)
        json_array_append_new(list, json_text(set.list[i]));
    launch_clear(&set);
    return list;
}

/* From everywhere; null where there is no such file. */
static json_t *absolute(const char *path)
{
    char *file = realpath(path, NULL);
    json_t *value = file ? json_text(file) : json_null();
    free(file);
    return value;
}

json_t *record_saved(const struct session_settings *settings, const struct session_outcome *outcome,
                     const struct record_files *files)
{
    json_t *profiles = json_object();
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++)
        if (files->path[aim])
            json_object_set_new(profiles, goal_aim_name(aim),
                                json_pack("{s:o, s:o, s:o}", "path", json_text(files->path[aim]), "file",
                                          absolute(files->path[aim]), "text",
                                          files->text[aim] ? json_text(files->text[aim]) : json_null()));
    return json_pack("{s:s, s:o, s:o, s:o}", "type", "saved", "profiles", profiles, "stays",
                     files->stays ? json_text(files->stays) : json_null(), "environment",
                     environment(settings, outcome));
}
