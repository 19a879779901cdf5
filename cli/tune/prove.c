/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See prove.h. */
#include "config.h"

#include "cli/tune/prove.h"

#include "cli/tune/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Fewer pairs than this make a wide interval, and seven finalists have none with fewer than nine; rather have fewer
 * finalists, or shorter runs: what runs differ by goes down with their number, and hardly with their length. */
#define WANTED_PAIRS 14

/* Active seconds that are measured in one run: shorter ones are all start-up, longer ones are better spent on more
 * pairs. */
#define LEAST_MEASURED 0.15
#define MOST_MEASURED 2.0

/* An interval that is no wider than this (in logarithms: a fifth of a percent) is narrow. */
#define NARROW 0.002

/* A pair is begun when this much of what it should take is left: pairs differ, and the budget is kept within 10 %. */
#define PAIR_MARGIN 1.1

/* Turns that are kept of the proof, by pairs: enough for a picture of how it runs. */
#define WANTED_TURNS 1000

/* Races that fail for want of the baseline, in a row, before the proof gives up. */
#define MOST_FAILED_IN_ROW 3

struct proving {
    const struct proof_settings *settings;
    struct proof *proof;
    struct candidate candidates[PROOF_MAX_FINALISTS];
    uint64_t operations;
    double deadline;
    double baseline_log_seconds[PROOF_MAX_PAIRS];
    size_t baseline_runs;
    size_t known[METRICS]; /* runs of the baseline that have a figure */
    size_t turns;          /* that listeners were told of */
};

/* --- how long, how many ------------------------------------------------------------------------------------------- */

static double time_left(const struct racing *racing)
{
    return budget_left(racing->budget, 1);
}

static double shortest_pair(const struct racing *racing, size_t finalists)
{
    double run =
        racing->fixed_work ? pace_run(&racing->pace, racing->work.operations) : racing->pace.fixed + LEAST_MEASURED;
    return run * (double)(finalists + 1) * racing->pace.overhead;
}

size_t proof_finalists(const struct racing *racing, size_t wanted)
{
    size_t count = racing_most(racing, 1 + (wanted < PROOF_MAX_FINALISTS ? wanted : PROOF_MAX_FINALISTS)) - 1;
    while (count > 1 && time_left(racing) / shortest_pair(racing, count) < WANTED_PAIRS)
        count--;
    return count;
}

static uint64_t choose_operations(const struct racing *racing, size_t finalists)
{
    if (racing->fixed_work)
        return racing->work.operations;
    double run = time_left(racing) / (WANTED_PAIRS * (double)(finalists + 1) * racing->pace.overhead);
    double measured = fmin(fmax(run - racing->pace.fixed, LEAST_MEASURED), MOST_MEASURED);
    return pace_operations(&racing->pace, racing->pace.fixed + measured, LEAST_MEASURED);
}

/* --- what the pairs so far say ------------------------------------------------------------------------------------ */

static bool is_narrow(const struct proving *proving, const struct candidate *candidate, enum metric metric)
{
    struct statistics_interval interval;
    double values[PROOF_MAX_PAIRS];
    size_t count = verdict_gains(candidate, metric, values);
    if (count == 0 && metric != METRIC_TIME) /* what is not known is no reason to go on */
        return true;
    return statistics_interval(values, count, proof_confidence(proving->proof), &interval) &&
           interval.high - interval.low <= NARROW;
}

/* Of time, peak memory and all objectives. */
static bool all_narrow(const struct proving *proving)
{
    for (size_t i = 0; i < proving->proof->count; i++) {
        const struct candidate *candidate = &proving->candidates[i];
        bool narrow = is_narrow(proving, candidate, METRIC_TIME) && is_narrow(proving, candidate, METRIC_PEAK_MEMORY) &&
                      is_narrow(proving, candidate, proving->settings->goals[GOAL_RECOMMENDED].objective);
        if (!narrow && !candidate->eliminated)
            return false;
    }
    return true;
}

/* --- pairs -------------------------------------------------------------------------------------------------------- */

static size_t still_in(struct proving *proving, struct candidate **list)
{
    size_t count = 0;
    for (size_t i = 0; i < proving->proof->count; i++) {
        if (!proving->candidates[i].eliminated)
            list[count++] = &proving->candidates[i];
    }
    return count;
}

static bool room_for_pair(const struct proving *proving, size_t contenders)
{
    const struct racing *racing = proving->settings->racing;
    if (proving->proof->pairs >= PROOF_MAX_PAIRS)
        return false;
    if (proving->proof->pairs >= PROOF_ENOUGH_PAIRS && all_narrow(proving))
        return false;
    return time_left(racing) >= PAIR_MARGIN * pace_race(&racing->pace, contenders, proving->operations);
}

/* The mean of each figure over the pairs in which it is known, and the largest peak. */
static void note_baseline(struct proving *proving, const struct heat *heat)
{
    struct metric_sample *baseline = &proving->proof->baseline;
    if (heat->baseline_status != RACE_OK)
        return;
    proving->baseline_log_seconds[proving->baseline_runs++] = log(heat->baseline_sample.value[METRIC_TIME]);
    for (enum metric metric = 0; metric < METRICS; metric++) {
        double was = baseline->value[metric], is = heat->baseline_sample.value[metric];
        if (isnan(is))
            continue;
        double known = (double)++proving->known[metric];
        if (isnan(was))
            baseline->value[metric] = is;
        else if (metric == METRIC_PEAK_MEMORY)
            baseline->value[metric] = fmax(was, is);
        else
            baseline->value[metric] += (is - was) / known;
    }
}

static size_t count_turns(const struct heat_turns *turns)
{
    size_t count = 0;
    for (size_t i = 0; i < RACE_MAX_CONTENDERS; i++)
        count += turns->lane[i].count;
    return count;
}

static enum heat_status run_pair(struct proving *proving, struct candidate **list, size_t count, struct heat *heat)
{
    const struct proof_settings *settings = proving->settings;
    struct heat_turns turns = {0};
    *heat = (struct heat){
        .candidates = list,
        .count = count,
        .operations = proving->operations,
        .seed = racing_seed(settings->seed, RACING_PROOF, settings->first_index + proving->proof->pairs),
        .deadline = proving->deadline,
        .turns = proving->turns < WANTED_TURNS ? &turns : NULL,
    };
    enum heat_status status = racing_heat(settings->racing, heat);
    if (status == HEAT_OK) {
        note_baseline(proving, heat);
        proving->proof->pairs++;
        proving->turns += count_turns(&turns);
        if (settings->pair_ended)
            settings->pair_ended(settings->context, proving->proof, heat);
    }
    heat_turns_clear(&turns);
    heat->turns = NULL;
    return status;
}

static enum heat_status run_pairs(struct proving *proving, char *message, size_t size)
{
    struct candidate *list[PROOF_MAX_FINALISTS];
    struct heat heat;
    unsigned failed_in_row = 0;
    for (size_t count = still_in(proving, list); count > 0 && room_for_pair(proving, count + 1);
         count = still_in(proving, list)) {
        enum heat_status status = run_pair(proving, list, count, &heat);
        failed_in_row = status == HEAT_BASELINE_FAILED ? failed_in_row + 1 : 0;
        if (status == HEAT_OK || (status == HEAT_BASELINE_FAILED && failed_in_row < MOST_FAILED_IN_ROW))
            continue;
        snprintf(message, size, "%s", heat.message);
        return status;
    }
    return HEAT_OK;
}

/* --- verdict ------------------------------------------------------------------------------------------------------ */

static void conclude(const struct proving *proving)
{
    struct proof *proof = proving->proof;
    double values[PROOF_MAX_PAIRS];
    verdict_reach(proof, proving->candidates, proving->settings->goals, proving->settings->racing->space);
    size_t shown = proof->winner[GOAL_RECOMMENDED] < 0 ? 0 : (size_t)proof->winner[GOAL_RECOMMENDED];
    proof->pair_deviation =
        statistics_deviation(values, verdict_gains(&proving->candidates[shown], METRIC_TIME, values));
    proof->baseline_deviation = statistics_deviation(proving->baseline_log_seconds, proving->baseline_runs);
}

enum heat_status prove(const struct proof_settings *settings, struct proof *proof, char *message, size_t size)
{
    struct racing *racing = settings->racing;
    struct proving proving = {.settings = settings, .proof = proof};
    for (size_t aim = 0; aim < GOAL_AIMS; aim++)
        proof->winner[aim] = -1;
    proof->pairs = 0;
    proof->baseline = metric_unknown();
    proving.operations = proof->operations = choose_operations(racing, proof->count);
    proving.deadline = budget_now(racing->budget) + time_left(racing) + racing->budget->total * 0.05;
    for (size_t i = 0; i < proof->count; i++)
        candidate_init(&proving.candidates[i], proof->finalists[i].trial, &proof->finalists[i].point);
    enum heat_status status = run_pairs(&proving, message, size);
    if (status == HEAT_OK)
        conclude(&proving);
    for (size_t i = 0; i < proof->count; i++)
        candidate_clear(&proving.candidates[i]);
    return status;
}
