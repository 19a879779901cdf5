/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See session_record.h. */
#include "config.h"

#include "cli/journal/session_record.h"

#include "cli/journal/clean_line.h"
#include "cli/journal/record.h"
#include "cli/journal/record_header.h"
#include "cli/journal/restore.h"
#include "cli/journal/session_outcome.h"
#include "cli/journal/session_space.h"
#include "cli/output/json.h"
#include "cli/output/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the header --------------------------------------------------------------------------------------------------- */

static void take_own_metrics(struct session_record *record)
{
    const json_t *list = json_object_get(record->header, "own_metrics"), *own;
    struct metric_set *set = &record->goal.metrics;
    size_t index;
    json_array_foreach(list, index, own)
    {
        if (set->own_count < METRIC_MOST_OWN)
            set->own[set->own_count++] =
                (struct metric_own){.name = json_text_at(own, "name", "?"),
                                    .pattern = json_text_at(own, "pattern", ""),
                                    .more_is_better = strcmp(json_text_at(own, "better", ""), "higher") == 0};
    }
    set->core_worth = json_number_at(record->header, "core_worth_bytes", 0);
}

/* The metric whose key is KEY, or METRIC_NONE. */
static enum metric metric_of(const struct metric_set *set, const char *key)
{
    char own[RECORD_KEY];
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++)
        if (strcmp(record_key(set, metric, own, sizeof own), key) == 0)
            return metric;
    return METRIC_NONE;
}

static bool take_goal(struct session_record *record)
{
    const char *objective = json_text_at(record->header, "objective", ""), *key;
    json_t *limits = json_object_get(record->header, "limits"), *percent;
    struct goal *goal = &record->goal;
    goal->is_front = strcmp(objective, "front") == 0;
    goal->objective = goal->is_front ? METRIC_COST : metric_find(&goal->metrics, objective);
    if (goal->objective == METRIC_NONE)
        return false;
    json_object_foreach(limits, key, percent)
    {
        enum metric metric = metric_of(&goal->metrics, key);
        if (metric != METRIC_NONE)
            goal_limit(goal, metric, json_is_number(percent) ? json_number_value(percent) : GOAL_NO_LIMIT);
    }
    return true;
}

static void take_rest(struct session_record *record)
{
    const json_t *header = record->header, *work = json_object_get(header, "work");
    record->version = json_text_at(header, "version", "?");
    record->started = json_text_at(header, "started", "?");
    record->work.label = json_text_at(work, "label", "work");
    record->work.name = json_text_at(work, "name", "?");
    record->work.job = json_text_at(work, "job", "");
    record->work.description = json_text_at(work, "description", "?");
    record->budget = json_number_at(header, "budget_seconds", INFINITY);
    record->trials_wanted = (unsigned)json_count_at(header, "trials");
    record->seed = json_count_at(header, "seed");
    record->in_runs = strcmp(json_text_at(header, "interleave", "slice"), "run") == 0;
}

/* What a header has to have for a report, by what it is for people. */
static bool check_header(const json_t *header, char *message, size_t size)
{
    json_int_t format = json_integer_value(json_object_get(header, "format"));
    if (strcmp(json_text_at(header, "type", ""), "header") != 0)
        snprintf(message, size, "it does not begin with the header of a session");
    else if (format > RECORD_FORMAT)
        snprintf(message, size,
                 "its format is %d, of a later hakmem-tune (%s); this one (" PACKAGE_VERSION ") reads format %d",
                 (int)format, json_text_at(header, "version", "?"), RECORD_FORMAT);
    else if (format < RECORD_FORMAT)
        snprintf(message, size,
                 "its format is %d, of an earlier hakmem-tune (%s), and lacks what a report needs: the settings with "
                 "their defaults, the machine, the finalists of the proof, and what was saved; run the session again",
                 (int)format, json_text_at(header, "version", "?"));
    else
        return true;
    return false;
}

bool session_record_begin(struct session_record *record, json_t *header, char *message, size_t size)
{
    memset(record, 0, sizeof *record);
    if (!check_header(header, message, size))
        return false;
    record->header = clean_line(header);
    take_rest(record);
    take_own_metrics(record);
    session_outcome_reset(record);
    if (session_space_make(record) && take_goal(record))
        return true;
    snprintf(message, size, "its header is damaged: the settings or the objective make no sense");
    session_record_clear(record);
    return false;
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

/* Room for one more behind COUNT elements of SIZE bytes. */
static void *one_more(void *list, size_t count, size_t size)
{
    return must_have(realloc(list, (count + 1) * size));
}

static struct record_trial *trial_of(struct session_record *record, unsigned number, const json_t *line)
{
    for (size_t i = 0; i < record->trial_count; i++)
        if (record->trials[i].candidate.trial == number)
            return &record->trials[i];
    record->trials = one_more(record->trials, record->trial_count, sizeof *record->trials);
    struct record_trial *trial = &record->trials[record->trial_count++];
    struct space_point point = restore_point(&record->space, json_object_get(line, "profile"));
    candidate_init(&trial->candidate, number, &point);
    trial->begun = json_number_at(line, "elapsed_seconds", 0);
    return trial;
}

static void take_trial(struct session_record *record, json_t *line)
{
    uint64_t number = json_count_at(line, "trial");
    if (number < 1)
        return;
    struct record_trial *trial = trial_of(record, (unsigned)number, line);
    restore_trial(&record->goal.metrics, line, &trial->candidate);
    trial->ended = json_number_at(line, "elapsed_seconds", trial->begun);
}

static void clear_pairs(struct session_record *record)
{
    for (size_t i = 0; i < record->pair_count; i++)
        json_decref(record->pairs[i].turns);
    record->pair_count = 0;
}

/* LINE may be NULL: nothing is saved. */
static void take_saved(struct session_record *record, json_t *line)
{
    const json_t *profiles = json_object_get(line, "profiles");
    json_decref(record->saved);
    record->saved = json_incref(line);
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++) {
        const json_t *profile = json_object_get(profiles, goal_aim_name(aim));
        record->path[aim] = json_text_at(profile, "path", NULL);
        record->file[aim] = json_text_at(profile, "file", NULL);
        record->text[aim] = json_text_at(profile, "text", NULL);
    }
    record->stays = json_text_at(line, "stays", NULL);
}

/* A session that goes on after its end has a proof of its own. */
static void take_stage(struct session_record *record, json_t *line)
{
    const char *name = json_text_at(line, "stage", "");
    struct record_stage stage = {TUNE_CALIBRATING, json_number_at(line, "elapsed_seconds", 0)};
    while (stage.stage < TUNE_DONE && strcmp(record_stage_name(stage.stage), name) != 0)
        stage.stage++;
    record->stages = one_more(record->stages, record->stage_count, sizeof *record->stages);
    record->stages[record->stage_count++] = stage;
    if (stage.stage != TUNE_CALIBRATING)
        return;
    clear_pairs(record);
    session_outcome_reset(record);
    take_saved(record, NULL);
}

static void take_pair(struct session_record *record, json_t *line)
{
    record->pairs = one_more(record->pairs, record->pair_count, sizeof *record->pairs);
    struct record_pair *pair = &record->pairs[record->pair_count++];
    const json_t *finalists = json_object_get(line, "finalists"), *run;
    size_t index;
    *pair = (struct record_pair){.ended = json_number_at(line, "elapsed_seconds", 0),
                                 .seed = json_count_at(line, "run_seed"),
                                 .turns = json_incref(json_object_get(line, "turns"))};
    restore_sample(&record->goal.metrics, json_object_get(line, "baseline"), &pair->baseline);
    json_array_foreach(finalists, index, run)
    {
        size_t finalist = json_count_at(run, "finalist");
        if (finalist >= record->outcome.proof.count || pair->count == PROOF_MAX_FINALISTS)
            continue;
        struct record_run *own = &pair->runs[pair->count++];
        *own = (struct record_run){.finalist = finalist, .failed = json_object_get(run, "reason") != NULL};
        restore_sample(&record->goal.metrics, json_object_get(run, "gains"), &own->gain);
    }
    record->outcome.proof.pairs = record->pair_count;
}

void session_record_take(struct session_record *record, const json_t *line)
{
    static const struct {
        const char *type;
        void (*take)(struct session_record *record, json_t *line);
    } types[] = {
        {"stage", take_stage},
        {"calibration", session_outcome_take_calibration},
        {"remark", session_outcome_take_remark},
        {"trial", take_trial},
        {"ablation", session_outcome_take_ablation},
        {"finalists", session_outcome_take_finalists},
        {"proof", take_pair},
        {"outcome", session_outcome_take},
        {"saved", take_saved},
    };
    json_t *clean = clean_line(line);
    const char *type = json_text_at(clean, "type", "");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].type, type) == 0)
            types[i].take(record, clean);
    json_decref(clean);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

void session_record_conclude(struct session_record *record)
{
    struct candidate *all = must_have(calloc(record->trial_count + 1, sizeof *all));
    for (size_t i = 0; i < record->trial_count; i++)
        all[i] = record->trials[i].candidate; /* the runs are borrowed */
    candidate_noise_learn(&record->noise, all, record->trial_count, record->has_blocks);
    free(all);
    if (!record->has_ended)
        session_outcome_conclude(record);
}

void session_record_environment(const struct session_record *record, struct launch_environment *environment)
{
    const json_t *list = json_object_get(record->saved, "environment"), *variable;
    size_t index;
    *environment = (struct launch_environment){.count = 0};
    json_array_foreach(list, index, variable)
    {
        char *name = must_have(strdup(json_string_value(variable) ? json_string_value(variable) : "?"));
        char *equal = strchr(name, '=');
        if (equal)
            *equal = '\0';
        if (equal && environment->count < LAUNCH_MAX_VARIABLES)
            launch_set(environment, name, equal + 1);
        free(name);
    }
}

void session_record_clear(struct session_record *record)
{
    for (size_t i = 0; i < record->trial_count; i++)
        candidate_clear(&record->trials[i].candidate);
    free(record->trials);
    clear_pairs(record);
    free(record->pairs);
    free(record->stages);
    session_space_clear(record);
    json_decref(record->saved);
    json_decref(record->header);
    memset(record, 0, sizeof *record);
}
