/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See selection.h. */
#include "config.h"

#include "cli/compare/selection.h"

#include "cli/compare/significance.h"
#include "cli/output/memory.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rounds of the last race where there is no budget. */
#define UNLIMITED_ROUNDS 20

/* The last race of work that can be made to fit has so many rounds, where it is long enough. */
#define LAST_ROUNDS 20

/* How far the budget may be passed by a race that has begun. */
#define GRACE 0.05

/* A run that takes so many times as long as the first one's hangs, as far as a choice among allocators is concerned;
 * for runs so short that starting a process counts it is so many seconds. (A session's runs have the same limits.) */
#define HANG_FACTOR 10.0
#define HANG_SECONDS 0.5

/* Where sessions took longer than the plan says, so many times the budget may have time for all. */
#define MORE_BUDGET 1.1

/* What a run takes, with what comes beside it, where the work is made to fit: the shortest that is measured. */
#define FITTED_RUN_SECONDS 0.15

struct selecting {
    const struct selection_request *request;
    struct selection *selection;
    struct selection_plan plan;
    double race_began; /* the first one, in seconds since the budget began */
    double whole;      /* seconds in which all would have been tuned, as far as the first race says */
};

static double elapsed(const struct selecting *selecting)
{
    const struct selection_request *request = selecting->request;
    return clock_read(&request->race.clock) - request->begun;
}

static double left(const struct selecting *selecting)
{
    return selecting->request->budget - elapsed(selecting);
}

static void tell(const struct selecting *selecting, enum selection_stage stage, size_t index, double seconds)
{
    if (selecting->request->tell)
        selecting->request->tell(selecting->request->context, stage, index, seconds);
}

/* --- a race ------------------------------------------------------------------------------------------------------- */

static size_t count_working(const struct comparison *comparison)
{
    size_t working = 0;
    for (size_t i = 0; i < comparison->count; i++)
        working += !comparison->entries[i].failed;
    return working;
}

/* The seconds of the clock of one contender's run. Where nothing was seen yet it is the run alone. */
static double run_seconds(const struct selecting *selecting, const struct comparison *comparison)
{
    size_t working = count_working(comparison);
    double alone = selecting->request->run_seconds;
    if (alone == 0)
        return FITTED_RUN_SECONDS;
    return comparison->rounds == 0 || working == 0 ? alone : comparison->round_seconds / (double)working;
}

/* A race of the selection's contenders, for as long as the budget lasts. */
static struct comparison_request race_for(const struct selecting *selecting, uint64_t seed, double round_seconds)
{
    const struct selection_request *request = selecting->request;
    struct comparison_request race = request->race;
    bool limited = isfinite(request->budget);
    race.contenders = selecting->selection->contenders;
    race.count = selecting->selection->contender_count;
    race.seed = seed;
    race.budget_s = limited ? fmax(left(selecting), 1e-3) : 0;
    race.round_seconds = limited ? round_seconds : 0;
    race.rounds = limited ? 0 : UNLIMITED_ROUNDS;
    if (limited)
        race.latest = request->begun + (1 + GRACE) * request->budget + request->run_seconds;
    if (request->run_seconds > 0)
        race.time_limit_s = fmax(HANG_SECONDS, HANG_FACTOR * request->run_seconds);
    return race;
}

/* --- all as they come --------------------------------------------------------------------------------------------- */

static bool is_first_race_enough(void *context, const struct comparison *so_far)
{
    struct selecting *selecting = context;
    selecting->plan.run_seconds = run_seconds(selecting, so_far);
    selecting->plan.contenders = count_working(so_far);
    /* What is known from before races once more, whether or not there is time for a session. */
    bool anyway = selecting->request->recall != NULL;
    return so_far->rounds > 0 &&
           selection_is_enough(&selecting->plan, so_far->rounds, elapsed(selecting), left(selecting), anyway);
}

/* Where an allocator stands, after the first race. */
static struct selection_standing stand(const struct selecting *selecting, size_t index)
{
    const struct comparison *race = &selecting->selection->race;
    const struct selection_request *request = selecting->request;
    struct recommend_gain gain;
    if (race->entries[index].failed || race->entries[index].allocator[0])
        return (struct selection_standing){-INFINITY, -INFINITY, true};
    if (index > 0 && recommend_breaks_limit(race, index, request->goal))
        return (struct selection_standing){-INFINITY, -INFINITY, false};
    if (index == 0)
        return (struct selection_standing){0, 0, false};
    recommend_gain(race, index, request->race.metric, &gain);
    return (struct selection_standing){gain.mean, gain.high, false};
}

/* The gain that the best of them surely has. */
static double find_bar(const struct selecting *selecting)
{
    const struct comparison *race = &selecting->selection->race;
    double bar = 0;
    for (size_t i = 1; i < race->count; i++) {
        struct recommend_gain gain;
        if (!race->entries[i].failed && !recommend_breaks_limit(race, i, selecting->request->goal) &&
            recommend_gain(race, i, race->metric, &gain))
            bar = fmax(bar, gain.low);
    }
    return bar;
}

static void take_first_race(struct selecting *selecting)
{
    struct selection *selection = selecting->selection;
    const struct comparison *race = &selection->race;
    for (size_t i = 0; i < selection->count; i++) {
        struct selection_allocator *allocator = &selection->allocators[i];
        const struct comparison_entry *entry = &race->entries[i];
        allocator->standing = stand(selecting, i);
        if (entry->failed) {
            allocator->fate = SELECTION_FAILED;
            snprintf(allocator->why, sizeof allocator->why, "%s", entry->message);
        } else if (entry->allocator[0]) {
            allocator->fate = SELECTION_NOT_TUNED;
            snprintf(allocator->why, sizeof allocator->why, "%s does not take its settings", entry->allocator);
        }
    }
    selecting->plan.bar = find_bar(selecting);
    selecting->plan.run_seconds = run_seconds(selecting, race);
    selecting->plan.contenders = count_working(race);
}

static int race_as_they_come(struct selecting *selecting)
{
    struct selection *selection = selecting->selection;
    const struct selection_request *request = selecting->request;
    struct comparison_request race =
        race_for(selecting, request->first_seed, selection_first_seconds(&selecting->plan) / SELECTION_FIRST_ROUNDS);
    selecting->race_began = elapsed(selecting);
    race.is_enough = is_first_race_enough;
    race.enough_context = selecting;
    tell(selecting, SELECTION_FIRST_RACE, 0, left(selecting));
    int status = comparison_run(&race, &selection->race);
    selection->was_first = true;
    if (status == 0)
        take_first_race(selecting);
    return status;
}

/* Whether there is more to do than to say what came of the race. Where the work runs with the first alone, that one may
 * still be tuned. */
static bool goes_on(const struct comparison *race)
{
    return !race->interrupted && !race->baseline_failed && (race->rounds > 0 || count_working(race) == 1);
}

/* --- tuning ------------------------------------------------------------------------------------------------------- */

static size_t choose(const struct selecting *selecting, double *seconds)
{
    const struct selection *selection = selecting->selection;
    struct selection_standing standings[SELECTION_MOST];
    for (size_t i = 0; i < selection->count; i++)
        standings[i] = selection->allocators[i].standing;
    return selection_next(&selecting->plan, standings, selection->count, left(selecting), seconds);
}

static void take_tuning(struct selecting *selecting, struct selection_allocator *allocator,
                        struct selection_tuning *tuning)
{
    struct selection_plan *plan = &selecting->plan;
    allocator->fate = tuning->failed ? SELECTION_NOT_TUNED : tuning->is_better ? SELECTION_TUNED : SELECTION_NOT_BETTER;
    snprintf(allocator->why, sizeof allocator->why, "%s", tuning->why);
    if (!tuning->is_better)
        return;
    struct selection *selection = selecting->selection;
    allocator->tuned = selection->contender_count;
    selection->contenders[selection->contender_count++] = tuning->contender;
    plan->contenders++;
    plan->tuning = fmax(plan->tuning, tuning->gain);
    plan->bar = fmax(plan->bar, allocator->standing.mean + tuning->gain_low);
}

/* Takes up what is known of those that have been tuned before. */
static int recall_all(struct selecting *selecting, bool *any)
{
    const struct selection_request *request = selecting->request;
    struct selection *selection = selecting->selection;
    for (size_t i = 0; i < selection->count && request->recall; i++) {
        struct selection_tuning tuning = {.failed = false};
        bool known = false;
        if (selection->allocators[i].standing.is_out)
            continue;
        int status = request->recall(request->context, i, &known, &tuning);
        if (status != 0)
            return status;
        if (!known)
            continue;
        selection->allocators[i].standing.is_out = true;
        take_tuning(selecting, &selection->allocators[i], &tuning);
        *any = true;
    }
    return 0;
}

static int tune_best(struct selecting *selecting, bool *any)
{
    struct selection *selection = selecting->selection;
    const struct selection_request *request = selecting->request;
    double seconds;
    for (size_t i; (i = choose(selecting, &seconds)) < selection->count;) {
        struct selection_tuning tuning = {.failed = false};
        tell(selecting, SELECTION_TUNING, i, seconds);
        int status = request->tune(request->context, i, seconds, &tuning);
        if (status != 0)
            return status;
        selection->allocators[i].standing.is_out = true;
        take_tuning(selecting, &selection->allocators[i], &tuning);
        *any = true;
    }
    return 0;
}

static void note_whole_budget(struct selecting *selecting)
{
    const struct selection *selection = selecting->selection;
    struct selection_standing all[SELECTION_MOST];
    size_t working = 0;
    for (size_t i = 0; i < selection->count; i++)
        if (selection->allocators[i].fate != SELECTION_FAILED)
            all[working++] = selection->allocators[i].standing;
    selecting->whole =
        selection_whole_budget(&selecting->plan, all, working, selecting->race_began, elapsed(selecting));
}

/* Who was left as it comes, why, and which budget is enough for all: not what was not. */
static void note_left(struct selecting *selecting)
{
    struct selection *selection = selecting->selection;
    size_t left_out = 0;
    for (size_t i = 0; i < selection->count; i++) {
        struct selection_allocator *allocator = &selection->allocators[i];
        if (allocator->fate != SELECTION_LEFT)
            continue;
        left_out++;
        allocator->is_behind = !selection_can_win(&selecting->plan, &allocator->standing);
    }
    if (left_out > 0)
        selection->whole_budget = fmax(selecting->whole, MORE_BUDGET * selecting->request->budget);
}

/* --- all, as they come and as tuned ------------------------------------------------------------------------------- */

/* Puts each allocator's own contenders side by side, and leaves out whom the work does not run with. */
static void order_contenders(struct selection *selection)
{
    struct contender ordered[RACE_MAX_CONTENDERS] = {0};
    size_t count = 0;
    for (size_t i = 0; i < selection->count; i++) {
        struct selection_allocator *allocator = &selection->allocators[i];
        if (allocator->fate == SELECTION_FAILED) {
            contenders_clear(&selection->contenders[i], 1);
            continue;
        }
        ordered[count] = selection->contenders[allocator->as_it_comes];
        allocator->as_it_comes = count++;
        if (allocator->fate != SELECTION_TUNED)
            continue;
        ordered[count] = selection->contenders[allocator->tuned];
        allocator->tuned = count++;
    }
    memcpy(selection->contenders, ordered, count * sizeof *ordered);
    selection->contender_count = count;
}

static int race_all(struct selecting *selecting)
{
    struct selection *selection = selecting->selection;
    order_contenders(selection);
    double seconds = left(selecting);
    struct comparison_request race = race_for(selecting, selecting->request->last_seed, seconds / LAST_ROUNDS);
    tell(selecting, SELECTION_LAST_RACE, 0, seconds);
    selection->was_first = false;
    return comparison_run(&race, &selection->race);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

/* The budget in which the last race would have told. */
static double find_telling_budget(const struct selecting *selecting)
{
    const struct selection *selection = selecting->selection;
    const struct recommendation *recommendation = &selection->recommendation;
    double seconds = selection->race.round_seconds * selection->race.rounds, all = elapsed(selecting);
    if (recommendation->kind == RECOMMEND_TOO_FEW)
        return all - seconds + selection_rounds(selection->race.count) * selection->race.round_seconds;
    if (recommendation->kind == RECOMMEND_UNCLEAR)
        return all * recommendation->rounds; /* the parts of a budget grow with it */
    return 0;
}

static void conclude(struct selecting *selecting)
{
    struct selection *selection = selecting->selection;
    significance_adjust(&selection->race, 1);
    if (!goes_on(&selection->race) || selection->race.rounds == 0)
        return;
    selection->recommendation = recommend(&selection->race, selecting->request->goal);
    selection->telling_budget = isfinite(selecting->request->budget) ? find_telling_budget(selecting) : 0;
}

static void take_contenders(const struct selection_request *request, struct selection *selection)
{
    selection->count = selection->contender_count = request->count;
    for (size_t i = 0; i < request->count; i++) {
        selection->contenders[i] = request->contenders[i];
        selection->allocators[i] = (struct selection_allocator){.name = request->names[i], .as_it_comes = i};
        request->contenders[i] = (struct contender){0};
    }
}

static int tune_and_race(struct selecting *selecting)
{
    bool any = false;
    int status = recall_all(selecting, &any);
    note_whole_budget(selecting);
    if (status == 0)
        status = tune_best(selecting, &any);
    note_left(selecting);
    any |= selecting->request->recall != NULL;
    return status == 0 && any && selecting->plan.contenders > 1 ? race_all(selecting) : status;
}

int selection_run(const struct selection_request *request, struct selection *selection)
{
    struct selecting selecting = {.request = request, .selection = selection, .plan = {.budget = request->budget}};
    memset(selection, 0, sizeof *selection);
    take_contenders(request, selection);
    selecting.plan.run_seconds = request->run_seconds;
    selecting.plan.contenders = request->count;
    int status = race_as_they_come(&selecting);
    if (status == 0 && goes_on(&selection->race))
        status = tune_and_race(&selecting);
    if (status >= 0)
        conclude(&selecting);
    return status;
}

void selection_clear(struct selection *selection)
{
    contenders_clear(selection->contenders, selection->contender_count);
    selection->contender_count = 0;
}
