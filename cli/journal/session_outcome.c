/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See session_outcome.h. */
#include "config.h"

#include "cli/journal/session_outcome.h"

#include "cli/journal/record.h"
#include "cli/journal/record_outcome.h"
#include "cli/journal/restore.h"
#include "cli/output/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void session_outcome_reset(struct session_record *record)
{
    memset(&record->outcome, 0, sizeof record->outcome);
    record->has_ended = false;
    record->outcome.status = SESSION_INTERRUPTED;
    record->outcome.baseline = record->outcome.proof.baseline = metric_unknown();
    for (size_t aim = 0; aim < GOAL_AIMS; aim++)
        record->outcome.proof.winner[aim] = -1;
}

/* --- while it runs ------------------------------------------------------------------------------------------------ */

void session_outcome_take_calibration(struct session_record *record, json_t *line)
{
    record->has_blocks = json_count_at(line, "blocks") > 1;
    record->outcome.baseline_operations = json_count_at(line, "operations");
    restore_sample(&record->goal.metrics, json_object_get(line, "baseline"), &record->outcome.baseline);
}

void session_outcome_take_remark(struct session_record *record, json_t *line)
{
    struct remarks *remarks = &record->outcome.remarks;
    if (remarks->count < REMARKS_MOST && restore_remark(line, &remarks->list[remarks->count]))
        remarks->count++;
}

void session_outcome_take_ablation(struct session_record *record, json_t *line)
{
    enum goal_aim aim = restore_aim(json_text_at(line, "aim", ""));
    const json_t *changes = json_object_get(line, "changes"), *change;
    size_t index;
    if (aim == GOAL_AIMS)
        return;
    struct ablation *ablation = &record->outcome.ablation[aim];
    *ablation = (struct ablation){.of = restore_point(&record->space, json_object_get(line, "profile"))};
    json_array_foreach(changes, index, change)
    {
        int dimension = space_find(&record->space, json_text_at(change, "key", ""));
        struct statistics_mean gain = {json_number_at(change, "gain", NAN), json_number_at(change, "error", NAN)};
        if (dimension >= 0 && ablation->count < RACE_MAX_CONTENDERS)
            ablation->changes[ablation->count++] =
                (struct ablation_change){.dimension = (size_t)dimension,
                                         .is_known = isfinite(gain.mean) && isfinite(gain.error),
                                         .gain = gain,
                                         .races = json_count_at(change, "races")};
    }
}

/* --- the proof ---------------------------------------------------------------------------------------------------- */

static struct proof_finalist *add_finalist(struct session_record *record, const json_t *line)
{
    struct proof *proof = &record->outcome.proof;
    if (proof->count == PROOF_MAX_FINALISTS)
        return NULL;
    struct proof_finalist *finalist = &proof->finalists[proof->count++];
    *finalist = (struct proof_finalist){.point = restore_point(&record->space, json_object_get(line, "profile")),
                                        .trial = (unsigned)json_count_at(line, "trial")};
    return finalist;
}

void session_outcome_take_finalists(struct session_record *record, json_t *line)
{
    const json_t *list = json_object_get(line, "finalists"), *own, *name;
    size_t index, number;
    record->outcome.proof.count = 0;
    record->outcome.proof.operations = json_count_at(line, "operations");
    json_array_foreach(list, index, own)
    {
        struct proof_finalist *finalist = add_finalist(record, own);
        json_array_foreach(json_object_get(own, "aims"), number, name)
        {
            enum goal_aim aim = restore_aim(json_string_value(name) ? json_string_value(name) : "");
            if (finalist && aim < GOAL_AIMS)
                finalist->test[aim].is_held = true;
        }
    }
}

static double element(const json_t *list, size_t index)
{
    const json_t *value = json_array_get(list, index);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void take_figures(const struct metric_set *set, const json_t *figures, struct proof_finalist *finalist)
{
    char key[RECORD_KEY];
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++) {
        const json_t *list = json_object_get(figures, record_key(set, metric, key, sizeof key));
        if (json_array_size(list) == 4)
            finalist->figure[metric] =
                (struct proof_figure){true, {element(list, 0), element(list, 1), element(list, 2), element(list, 3)}};
    }
}

static void take_finalist(struct session_record *record, const json_t *line)
{
    struct proof_finalist *finalist = add_finalist(record, line);
    const json_t *tests = json_object_get(line, "tests");
    const char *reason = json_text_at(line, "reason", NULL);
    if (!finalist)
        return;
    finalist->eliminated = reason != NULL;
    snprintf(finalist->reason, sizeof finalist->reason, "%s", reason ? reason : "");
    take_figures(&record->goal.metrics, json_object_get(line, "figures"), finalist);
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++) {
        const json_t *test = json_object_get(tests, goal_aim_name(aim));
        if (test)
            finalist->test[aim] = (struct proof_test){true, json_is_true(json_object_get(test, "within_limits")),
                                                      json_is_true(json_object_get(test, "better")),
                                                      json_number_at(test, "p_value", NAN)};
    }
}

static void take_proof(struct session_record *record, const json_t *line)
{
    struct proof *proof = &record->outcome.proof;
    const json_t *winners = json_object_get(line, "winners"), *finalist;
    size_t index;
    memset(proof, 0, sizeof *proof);
    proof->operations = json_count_at(line, "operations");
    proof->pairs = json_count_at(line, "pairs");
    proof->pair_deviation = json_number_at(line, "pair_deviation", 0);
    proof->baseline_deviation = json_number_at(line, "baseline_deviation", 0);
    restore_sample(&record->goal.metrics, json_object_get(line, "baseline"), &proof->baseline);
    json_array_foreach(json_object_get(line, "finalists"), index, finalist)
    {
        take_finalist(record, finalist);
    }
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++) {
        double winner = json_number_at(winners, goal_aim_name(aim), -1);
        proof->winner[aim] = winner >= 0 && winner < (double)proof->count ? (int)winner : -1;
    }
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

static void take_best(struct session_record *record, const json_t *best)
{
    struct session_outcome *outcome = &record->outcome;
    outcome->has_best = json_is_object(best);
    outcome->best = restore_point(&record->space, json_object_get(best, "profile"));
    outcome->best_score =
        (struct statistics_mean){json_number_at(best, "gain", NAN), json_number_at(best, "error", INFINITY)};
}

static enum session_status status_of(const char *name)
{
    for (enum session_status status = SESSION_DONE; status <= SESSION_FAILED; status++)
        if (strcmp(record_status_name(status), name) == 0)
            return status;
    return SESSION_FAILED;
}

void session_outcome_take(struct session_record *record, json_t *line)
{
    struct session_outcome *outcome = &record->outcome;
    const json_t *remarks = json_object_get(line, "remarks"), *remark;
    size_t index;
    record->has_ended = true;
    record->budget = json_number_at(line, "budget_seconds", INFINITY);
    outcome->status = status_of(json_text_at(line, "status", ""));
    snprintf(outcome->message, sizeof outcome->message, "%s", json_text_at(line, "message", ""));
    outcome->trials = (unsigned)json_count_at(line, "trials");
    outcome->failed = (unsigned)json_count_at(line, "failed");
    snprintf(outcome->first_failure, sizeof outcome->first_failure, "%s", json_text_at(line, "first_failure", ""));
    outcome->seconds = json_number_at(line, "elapsed_seconds", 0);
    outcome->run_seconds = json_number_at(line, "run_seconds", 0);
    outcome->baseline_operations = json_count_at(line, "baseline_operations");
    restore_sample(&record->goal.metrics, json_object_get(line, "baseline"), &outcome->baseline);
    take_best(record, json_object_get(line, "best"));
    outcome->remarks.count = 0;
    json_array_foreach(remarks, index, remark)
    {
        session_outcome_take_remark(record, (json_t *)remark);
    }
    take_proof(record, json_object_get(line, "proof"));
}

static const struct candidate *find_best(const struct session_record *record, const struct goal *goal)
{
    const struct candidate *best = NULL;
    double most = 0;
    for (size_t i = 0; i < record->trial_count; i++) {
        double score = goal_cautious_score(goal, &record->trials[i].candidate, &record->noise);
        if (score > most) {
            best = &record->trials[i].candidate;
            most = score;
        }
    }
    return best;
}

void session_outcome_conclude(struct session_record *record)
{
    struct session_outcome *outcome = &record->outcome;
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    const struct candidate *best = find_best(record, &goal);
    outcome->trials = (unsigned)record->trial_count;
    outcome->failed = 0;
    for (size_t i = 0; i < record->trial_count; i++) {
        const struct record_trial *trial = &record->trials[i];
        if (trial->candidate.eliminated && outcome->failed++ == 0)
            snprintf(outcome->first_failure, sizeof outcome->first_failure, "%s", trial->candidate.reason);
        outcome->seconds = fmax(outcome->seconds, trial->ended);
    }
    for (size_t i = 0; i < record->pair_count; i++)
        outcome->seconds = fmax(outcome->seconds, record->pairs[i].ended);
    outcome->has_best = best != NULL;
    if (best) {
        outcome->best = best->point;
        outcome->best_score = goal_score(&goal, best, &record->noise);
    }
}
