/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See simplify.h. */
#include "config.h"

#include "cli/tune/simplify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Active seconds measured in each run: below the least it says nothing, above the most it is better spent on the proof.
 */
#define LEAST_MEASURED 0.1
#define MOST_MEASURED 1.5

/* Share of the budget by which a heat may run over before it is cut: the rest of it is still the proof's. */
#define GRACE 0.03

/* A command's run is one figure, which a single race says too little of: so races are repeated while there is time, up
 * to so many. */
#define MOST_HEATS 24

/* Where there is time for fewer races of all changes one by one, groups of them are taken back first: most changes of a
 * candidate came along by chance, and a race of few contenders shows that of many of them. So many groups halve, at the
 * least, what is left, and a quarter of the time is for each round of them. */
#define ENOUGH_HEATS 6
#define GROUPS 4
#define GROUP_ROUNDS 4

/* A change seems to matter when taking it back costs more than this share of the error: half a standard error is no
 * proof, but most of what made the candidate good stays in. It clearly matters from STATISTICS_CLEARLY errors on:
 * nearly all that came along by chance goes. */
#define LOSS_IN_ERRORS 0.5

/* The share of the gain that what stays has to bring. Copies may take from each other what brought it, as huge pages of
 * which there are few, and a change may be needless as long as another one stays. */
#define LEAST_KEPT 0.5

/* A simplification as it goes on. */
struct simplifying {
    struct racing *racing;
    const struct simplify_task *task;
    const struct candidate_noise *noise;
    struct space_point core; /* what is left of the best */
    double kept;             /* what its changes brought in the last races, each for itself, together */
    size_t heats;            /* that were held: each has a seed of its own */
    char *message;
    size_t message_size;
};

/* The core without some of its changes. */
struct variant {
    size_t first, count; /* which, in the list of its changes */
    bool is_possible;    /* the space allows the one without the other changes */
    struct candidate candidate;
    struct statistics_mean score; /* over the reference, in the objective */
    size_t races;                 /* from which it is */
};

struct variants {
    size_t change[SPACE_MAX_DIMENSIONS]; /* the dimensions in which the core is not as the default */
    size_t changes;
    struct variant list[RACE_MAX_CONTENDERS];
    size_t count;
};

/* --- variants ----------------------------------------------------------------------------------------------------- */

static void list_changes(const struct space *space, const struct space_point *core, struct variants *variants)
{
    struct space_point usual = space_default(space);
    variants->changes = 0;
    for (size_t i = 0; i < space->count; i++)
        if (core->level[i] != usual.level[i])
            variants->change[variants->changes++] = i;
}

static void take_back(const struct space *space, const struct variants *variants, const struct variant *variant,
                      struct space_point *point)
{
    struct space_point usual = space_default(space);
    for (size_t i = variant->first; i < variant->first + variant->count; i++)
        point->level[variants->change[i]] = usual.level[variants->change[i]];
    space_repair(space, point);
}

/* Divides the changes into COUNT neighbouring groups, and takes each back. */
static void make_variants(const struct space *space, const struct space_point *core, size_t count,
                          struct variants *variants)
{
    struct space_point usual = space_default(space);
    variants->count = count;
    for (size_t i = 0; i < count; i++) {
        struct variant *variant = &variants->list[i];
        struct space_point point = *core;
        variant->first = i * variants->changes / count;
        variant->count = (i + 1) * variants->changes / count - variant->first;
        take_back(space, variants, variant, &point);
        variant->is_possible = true;
        for (size_t j = variant->first; j < variant->first + variant->count; j++)
            variant->is_possible &= point.level[variants->change[j]] == usual.level[variants->change[j]];
        candidate_init(&variant->candidate, 0, &point);
    }
}

/* --- races -------------------------------------------------------------------------------------------------------- */

static double seconds_left(const struct simplifying *simplifying)
{
    return budget_left(simplifying->racing->budget, simplifying->task->until);
}

/* The operations of each run where SECONDS are for all races. */
static uint64_t choose_operations(const struct racing *racing, double seconds, size_t contenders)
{
    if (racing->fixed_work)
        return racing->work.operations;
    double run = seconds / ((double)contenders * racing->pace.overhead);
    return pace_operations(&racing->pace, fmin(run, racing->pace.fixed + MOST_MEASURED), LEAST_MEASURED);
}

/* Of so many contenders, all about as fast as the best. */
static double race_seconds(const struct simplifying *simplifying, size_t contenders, uint64_t operations)
{
    return pace_race(&simplifying->racing->pace, contenders, operations) / simplifying->task->speed;
}

/* How many races there is time for. */
static double races_left(const struct simplifying *simplifying, size_t contenders)
{
    double left = seconds_left(simplifying);
    uint64_t operations = choose_operations(simplifying->racing, left, contenders);
    return left * 1.01 / race_seconds(simplifying, contenders, operations);
}

/* Races of the variants that are possible against REFERENCE, each on another seed, until SECONDS are over; one is held
 * in any case. What a race brought stays where a later one fails for want of the baseline. */
static enum heat_status race_variants(struct simplifying *simplifying, const struct space_point *reference,
                                      double seconds, size_t most, struct variants *variants)
{
    struct racing *racing = simplifying->racing;
    struct candidate *list[RACE_MAX_CONTENDERS];
    struct heat heat = {.baseline = reference, .candidates = list};
    for (size_t i = 0; i < variants->count; i++)
        if (variants->list[i].is_possible)
            list[heat.count++] = &variants->list[i].candidate;
    if (heat.count == 0)
        return HEAT_OK;
    double until = budget_now(racing->budget) + seconds;
    heat.operations = choose_operations(racing, seconds, heat.count + 1);
    enum heat_status status = HEAT_OK;
    size_t heats = 0;
    do {
        heat.seed = simplifying->task->seed + 2 * simplifying->heats++; /* those of the search are odd */
        heat.deadline = budget_now(racing->budget) + seconds_left(simplifying) + GRACE * racing->budget->total;
        status = racing_heat(racing, &heat);
        heats++;
    } while (status == HEAT_OK && heats < most &&
             budget_now(racing->budget) + race_seconds(simplifying, heat.count + 1, heat.operations) <= until);
    snprintf(simplifying->message, simplifying->message_size, "%s", heat.message);
    return status == HEAT_BASELINE_FAILED && heats > 1 ? HEAT_OK : status;
}

/* Limits are on the difference to the default, not to the candidate: here only the objective counts. */
static void score_variants(const struct simplifying *simplifying, struct variants *variants)
{
    const struct goal objective = {.objective = simplifying->task->objective, .metrics = *simplifying->racing->metrics};
    for (size_t i = 0; i < variants->count; i++) {
        struct variant *variant = &variants->list[i];
        variant->score = goal_score(&objective, &variant->candidate, simplifying->noise);
        variant->races = variant->candidate.count;
        candidate_clear(&variant->candidate);
    }
}

/* Whether nothing is lost without the changes of VARIANT that is more than so many standard errors. */
static bool is_harmless(const struct variant *variant, double errors)
{
    return variant->is_possible && isfinite(variant->score.mean) &&
           variant->score.mean > -errors * variant->score.error;
}

/* Adds what the changes of VARIANT, which stay, bring. What is not known may be all of the gain. */
static void add_kept(struct simplifying *simplifying, const struct variant *variant)
{
    bool is_known = variant->is_possible && isfinite(variant->score.mean);
    simplifying->kept += is_known ? fmax(0, -variant->score.mean) : INFINITY;
}

/* Whether what SIMPLIFIED keeps has brought too little of the gain. */
static bool is_doubtful(const struct simplifying *simplifying, const struct simplified *simplified)
{
    return !space_equal(simplifying->racing->space, &simplified->simpler, simplifying->task->best) &&
           simplifying->kept < LEAST_KEPT * simplifying->task->gain;
}

/* --- groups ------------------------------------------------------------------------------------------------------- */

/* The one that loses the most, or that nothing is known of. */
static size_t worst_of(const struct variants *variants)
{
    size_t worst = 0;
    for (size_t i = 1; i < variants->count; i++)
        if (variants->list[i].score.mean < variants->list[worst].score.mean)
            worst = i;
    return worst;
}

/* Whether the race can tell a group that brings all of the gain from one that brings nothing. */
static bool tells(const struct simplifying *simplifying, const struct variant *variant)
{
    return STATISTICS_CLEARLY * variant->score.error < simplifying->task->gain;
}

/* Takes back all groups that lose nothing; where that is all of them, but for the one that brings the most: several may
 * each do what another does as well. False: there is none. */
static bool take_back_groups(struct simplifying *simplifying, const struct variants *variants)
{
    size_t worst = worst_of(variants), taken = 0;
    simplifying->kept = 0;
    for (size_t i = 0; i < variants->count; i++) {
        const struct variant *variant = &variants->list[i];
        if (i == worst || !is_harmless(variant, LOSS_IN_ERRORS) || !tells(simplifying, variant)) {
            add_kept(simplifying, variant);
            continue;
        }
        take_back(simplifying->racing->space, variants, variant, &simplifying->core);
        taken++;
    }
    return taken > 0;
}

/* Makes the core as small as there is time for, until its changes can race one by one. */
static enum heat_status reduce(struct simplifying *simplifying)
{
    struct racing *racing = simplifying->racing;
    struct variants variants;
    size_t most = racing_most(racing, RACE_MAX_CONTENDERS) - 1, groups = most < GROUPS ? most : GROUPS;
    for (list_changes(racing->space, &simplifying->core, &variants);
         groups >= 2 && variants.changes > groups && races_left(simplifying, groups + 1) >= 1 &&
         (variants.changes > most || races_left(simplifying, variants.changes + 1) < ENOUGH_HEATS);
         list_changes(racing->space, &simplifying->core, &variants)) {
        make_variants(racing->space, &simplifying->core, groups, &variants);
        enum heat_status status = race_variants(simplifying, simplifying->task->best,
                                                seconds_left(simplifying) / GROUP_ROUNDS, MOST_HEATS, &variants);
        score_variants(simplifying, &variants);
        if (status != HEAT_OK)
            return status;
        if (!take_back_groups(simplifying, &variants))
            break;
    }
    return HEAT_OK;
}

/* --- one by one --------------------------------------------------------------------------------------------------- */

static void note_change(struct ablation *ablation, size_t dimension, const struct variant *variant)
{
    struct ablation_change *change = &ablation->changes[ablation->count];
    if (ablation->count == sizeof ablation->changes / sizeof *ablation->changes)
        return;
    ablation->count++;
    *change = (struct ablation_change){.dimension = dimension};
    if (!variant)
        return;
    change->is_known = isfinite(variant->score.mean) && isfinite(variant->score.error);
    change->gain = (struct statistics_mean){-variant->score.mean, variant->score.error};
    change->races = variant->races;
}

/* Notes what each change of the core brings, and takes it back where that is nothing. */
static void judge_changes(struct simplifying *simplifying, const struct variants *variants,
                          struct simplified *simplified)
{
    const struct space *space = simplifying->racing->space;
    simplifying->kept = 0;
    for (size_t i = 0; i < variants->count; i++) {
        const struct variant *variant = &variants->list[i];
        if (!is_harmless(variant, LOSS_IN_ERRORS))
            add_kept(simplifying, variant);
        if (!variant->is_possible)
            continue;
        note_change(&simplified->ablation, variants->change[i], variant);
        uint8_t usual = space_default(space).level[variants->change[i]];
        if (is_harmless(variant, LOSS_IN_ERRORS))
            simplified->simpler.level[variants->change[i]] = usual;
        if (is_harmless(variant, STATISTICS_CLEARLY))
            simplified->simplest.level[variants->change[i]] = usual;
    }
    space_repair(space, &simplified->simpler);
    space_repair(space, &simplified->simplest);
}

/* What went with a group, where others were raced alone: what it brings alone is not known. */
static void note_reduced(const struct simplifying *simplifying, struct simplified *simplified)
{
    const struct space_point *best = simplifying->task->best, *core = &simplifying->core;
    for (size_t i = 0; i < simplifying->racing->space->count && simplified->ablation.count > 0; i++)
        if (best->level[i] != core->level[i])
            note_change(&simplified->ablation, i, NULL);
}

static enum heat_status race_one_by_one(struct simplifying *simplifying, struct simplified *simplified)
{
    struct racing *racing = simplifying->racing;
    struct variants variants;
    size_t most = racing_most(racing, RACE_MAX_CONTENDERS) - 1;
    bool is_whole = space_equal(racing->space, &simplifying->core, simplifying->task->best);
    list_changes(racing->space, &simplifying->core, &variants);
    variants.changes = variants.changes < most ? variants.changes : most;
    /* A change that is the only one has been proved to matter when its candidate is. */
    if (variants.changes < (is_whole ? 2 : 1) || races_left(simplifying, variants.changes + 1) < 1)
        return HEAT_OK;
    make_variants(racing->space, &simplifying->core, variants.changes, &variants);
    enum heat_status status =
        race_variants(simplifying, &simplifying->core, seconds_left(simplifying), MOST_HEATS, &variants);
    score_variants(simplifying, &variants);
    if (status == HEAT_OK)
        judge_changes(simplifying, &variants, simplified);
    return status;
}

/* The change that brings the most first, and those of which it is not known last. */
static int compare_changes(const void *one, const void *other)
{
    const struct ablation_change *a = one, *b = other;
    if (!a->is_known || !b->is_known)
        return (int)b->is_known - (int)a->is_known;
    return (a->gain.mean < b->gain.mean) - (a->gain.mean > b->gain.mean);
}

enum heat_status simplify(struct racing *racing, const struct simplify_task *task, const struct candidate_noise *noise,
                          struct simplified *simplified, char *message, size_t size)
{
    struct simplifying simplifying = {
        .racing = racing, .task = task, .noise = noise, .core = *task->best, .message = message, .message_size = size};
    enum heat_status status = reduce(&simplifying);
    *simplified =
        (struct simplified){.simpler = simplifying.core, .simplest = simplifying.core, .ablation = {.of = *task->best}};
    if (status == HEAT_OK)
        status = race_one_by_one(&simplifying, simplified);
    simplified->is_doubtful = is_doubtful(&simplifying, simplified);
    struct ablation *ablation = &simplified->ablation;
    note_reduced(&simplifying, simplified);
    qsort(ablation->changes, ablation->count, sizeof *ablation->changes, compare_changes);
    return status;
}
