/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See prove.h. */
#include "config.h"

#include "cli/tune/prove.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Fewer pairs than this make a wide interval, and three finalists have none with fewer than seven; rather have fewer
 * finalists. */
#define WANTED_PAIRS 10

/* Active seconds that are measured in one run: shorter ones are all start-up, longer ones are better spent on more
 * pairs. */
#define LEAST_MEASURED 0.15
#define MOST_MEASURED 2.0

/* An interval that is no wider than this (in logarithms: a fifth of a percent) is narrow. */
#define NARROW 0.002

/* A pair is begun when this much of what it should take is left: pairs differ, and the budget is kept within 10 %. */
#define PAIR_MARGIN 1.1

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

double proof_confidence(const struct proof *proof)
{
    return 1 - STATISTICS_SIGNIFICANCE / (double)proof->count;
}

static size_t collect(const struct candidate *candidate, bool memory, double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < candidate->count && count < PROOF_MAX_PAIRS; i++) {
        double value = memory ? candidate->runs[i].memory : candidate->runs[i].time;
        if (isfinite(value))
            values[count++] = value;
    }
    return count;
}

static bool is_narrow(const struct proving *proving, const struct candidate *candidate, bool memory)
{
    struct statistics_interval interval;
    double values[PROOF_MAX_PAIRS];
    size_t count = collect(candidate, memory, values);
    return statistics_interval(values, count, proof_confidence(proving->proof), &interval) &&
           interval.high - interval.low <= NARROW;
}

/* Memory that is not known is no reason to go on. */
static bool all_narrow(const struct proving *proving)
{
    double values[PROOF_MAX_PAIRS];
    for (size_t i = 0; i < proving->proof->count; i++) {
        const struct candidate *candidate = &proving->candidates[i];
        if (candidate->eliminated)
            continue;
        if (!is_narrow(proving, candidate, false) ||
            (collect(candidate, true, values) > 0 && !is_narrow(proving, candidate, true)))
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

static void note_baseline(struct proving *proving, const struct heat *heat)
{
    struct proof *proof = proving->proof;
    if (heat->baseline_status != RACE_OK)
        return;
    proving->baseline_log_seconds[proving->baseline_runs++] = log(heat->baseline_seconds);
    proof->baseline_seconds += (heat->baseline_seconds - proof->baseline_seconds) / (double)proving->baseline_runs;
    if (heat->baseline_resident > proof->baseline_resident)
        proof->baseline_resident = heat->baseline_resident;
}

static enum heat_status run_pair(struct proving *proving, struct candidate **list, size_t count, struct heat *heat)
{
    const struct proof_settings *settings = proving->settings;
    *heat = (struct heat){
        .candidates = list,
        .count = count,
        .operations = proving->operations,
        .seed = racing_seed(settings->seed, RACING_PROOF, settings->first_index + proving->proof->pairs),
        .deadline = proving->deadline,
    };
    enum heat_status status = racing_heat(settings->racing, heat);
    if (status != HEAT_OK)
        return status;
    note_baseline(proving, heat);
    proving->proof->pairs++;
    if (settings->pair_ended)
        settings->pair_ended(settings->context, proving->proof, heat);
    return HEAT_OK;
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

static void conclude_one(const struct proving *proving, size_t index)
{
    struct proof_finalist *finalist = &proving->proof->finalists[index];
    const struct candidate *candidate = &proving->candidates[index];
    double values[PROOF_MAX_PAIRS];
    double confidence = proof_confidence(proving->proof);
    finalist->eliminated = candidate->eliminated;
    snprintf(finalist->reason, sizeof finalist->reason, "%s", candidate->reason);
    finalist->has_interval =
        statistics_interval(values, collect(candidate, false, values), confidence, &finalist->time);
    finalist->has_memory = statistics_interval(values, collect(candidate, true, values), confidence, &finalist->memory);
}

static bool has_objective(const struct goal *goal, const struct proof_finalist *finalist)
{
    return !finalist->eliminated && (goal->objective == GOAL_RSS ? finalist->has_memory : finalist->has_interval);
}

static const struct statistics_interval *objective(const struct goal *goal, const struct proof_finalist *finalist)
{
    return goal->objective == GOAL_RSS ? &finalist->memory : &finalist->time;
}

/* The bad end of the interval counts: a limit is kept when it is shown to be kept. */
static bool keeps(double limit, bool known, const struct statistics_interval *interval)
{
    return limit < 0 || (known && goal_keeps(limit, interval->low));
}

static void correct_p_values(const struct goal *goal, struct proof *proof)
{
    double time[PROOF_MAX_FINALISTS], memory[PROOF_MAX_FINALISTS];
    for (size_t i = 0; i < proof->count; i++) {
        time[i] = proof->finalists[i].time.p_value;
        memory[i] = proof->finalists[i].memory.p_value;
    }
    statistics_holm(time, proof->count);
    statistics_holm(memory, proof->count);
    for (size_t i = 0; i < proof->count; i++) {
        struct proof_finalist *finalist = &proof->finalists[i];
        finalist->time.p_value = time[i];
        finalist->memory.p_value = memory[i];
        finalist->within_limits = keeps(goal->max_slowdown, finalist->has_interval, &finalist->time) &&
                                  (keeps(goal->max_rss_growth, finalist->has_memory, &finalist->memory) ||
                                   (!goal->has_growth && !finalist->has_memory));
        finalist->better = has_objective(goal, finalist) && finalist->within_limits &&
                           objective(goal, finalist)->low > 0 &&
                           objective(goal, finalist)->p_value < STATISTICS_SIGNIFICANCE;
    }
}

/* The one with the best lower end; but a simpler profile that is less than half an interval behind it is as good, and
 * easier to keep. */
static int choose_winner(const struct goal *goal, const struct space *space, const struct proof *proof)
{
    struct space_point default_point = space_default(space);
    int winner = -1;
    for (size_t i = 0; i < proof->count; i++) {
        if (proof->finalists[i].better && (winner < 0 || objective(goal, &proof->finalists[i])->low >
                                                             objective(goal, &proof->finalists[winner])->low))
            winner = (int)i;
    }
    if (winner < 0)
        return -1;
    const struct statistics_interval *best = objective(goal, &proof->finalists[winner]);
    double good_enough = best->mean - (best->mean - best->low) / 2;
    for (size_t i = 0; i < proof->count; i++) {
        const struct proof_finalist *finalist = &proof->finalists[i];
        if (finalist->better && objective(goal, finalist)->mean >= good_enough &&
            space_distance(space, &finalist->point, &default_point) <
                space_distance(space, &proof->finalists[winner].point, &default_point))
            winner = (int)i;
    }
    return winner;
}

static void conclude(const struct proving *proving)
{
    struct proof *proof = proving->proof;
    double values[PROOF_MAX_PAIRS];
    for (size_t i = 0; i < proof->count; i++)
        conclude_one(proving, i);
    correct_p_values(proving->settings->goal, proof);
    proof->winner = choose_winner(proving->settings->goal, proving->settings->racing->space, proof);
    size_t shown = proof->winner < 0 ? 0 : (size_t)proof->winner;
    proof->pair_deviation = statistics_deviation(values, collect(&proving->candidates[shown], false, values));
    proof->baseline_deviation = statistics_deviation(proving->baseline_log_seconds, proving->baseline_runs);
}

enum heat_status prove(const struct proof_settings *settings, struct proof *proof, char *message, size_t size)
{
    struct racing *racing = settings->racing;
    struct proving proving = {.settings = settings, .proof = proof};
    proof->winner = -1;
    proof->pairs = 0;
    proof->baseline_seconds = 0;
    proof->baseline_resident = 0;
    proving.operations = choose_operations(racing, proof->count);
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
