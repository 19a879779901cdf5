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

/* A change seems to matter when taking it back costs more than this share of the error: half a standard error is no
 * proof, but most of what made the candidate good stays in. It clearly matters from STATISTICS_CLEARLY errors on:
 * nearly all that came along by chance goes. */
#define LOSS_IN_ERRORS 0.5

/* BEST with one change taken back, for each change that can be taken back alone; MOST of them at most. */
static size_t make_variants(const struct space *space, const struct space_point *best, size_t most,
                            struct candidate *variants, size_t *dimension)
{
    struct space_point default_point = space_default(space);
    size_t count = 0;
    for (size_t i = 0; i < space->count && count < most; i++) {
        struct space_point variant = *best;
        if (best->level[i] == default_point.level[i])
            continue;
        variant.level[i] = default_point.level[i];
        space_repair(space, &variant);
        if (variant.level[i] != default_point.level[i])
            continue;
        dimension[count] = i;
        candidate_init(&variants[count++], 0, &variant);
    }
    return count;
}

/* The operations of each run, or false where the time that is left is too short. */
static bool fits(const struct racing *racing, double until, size_t contenders, uint64_t *operations)
{
    double left = budget_left(racing->budget, until);
    *operations = racing->work.operations;
    if (!racing->fixed_work) {
        double run = left / ((double)contenders * racing->pace.overhead);
        *operations = pace_operations(&racing->pace, fmin(run, racing->pace.fixed + MOST_MEASURED), LEAST_MEASURED);
    }
    return pace_race(&racing->pace, contenders, *operations) <= left * 1.01;
}

/* Takes back what VARIANT, in which the change of DIMENSION is, loses nothing by. */
static void take_back(const struct racing *racing, const struct simplify_task *task,
                      const struct candidate_noise *noise, const struct candidate *variant, size_t dimension,
                      struct simplified *simplified)
{
    /* Limits are on the difference to the default, not to the candidate: here only the objective counts. */
    const struct goal objective = {.objective = task->objective, .metrics = *racing->metrics};
    struct statistics_mean score = goal_score(&objective, variant, noise);
    struct ablation *ablation = &simplified->ablation;
    ablation->changes[ablation->count++] =
        (struct ablation_change){.dimension = dimension,
                                 .is_known = isfinite(score.mean) && isfinite(score.error),
                                 .gain = {-score.mean, score.error},
                                 .races = variant->count};
    uint8_t usual = space_default(racing->space).level[dimension];
    if (isfinite(score.mean) && score.mean > -LOSS_IN_ERRORS * score.error)
        simplified->simpler.level[dimension] = usual;
    if (isfinite(score.mean) && score.mean > -STATISTICS_CLEARLY * score.error)
        simplified->simplest.level[dimension] = usual;
}

/* The change that brings the most first, and those of which it is not known last. */
static int compare_changes(const void *one, const void *other)
{
    const struct ablation_change *a = one, *b = other;
    if (!a->is_known || !b->is_known)
        return (int)b->is_known - (int)a->is_known;
    return (a->gain.mean < b->gain.mean) - (a->gain.mean > b->gain.mean);
}

/* Races of all that HEAT has, each on another seed, until the time is over. What a race brought stays where a later one
 * fails for want of the baseline. */
static enum heat_status race_variants(struct racing *racing, const struct simplify_task *task, struct heat *heat)
{
    size_t heats = 0;
    enum heat_status status = HEAT_OK;
    while (status == HEAT_OK && heats < MOST_HEATS &&
           (heats == 0 ||
            pace_race(&racing->pace, heat->count + 1, heat->operations) <= budget_left(racing->budget, task->until))) {
        heat->seed = task->seed + 2 * heats++; /* those of the search are odd */
        heat->deadline =
            budget_now(racing->budget) + budget_left(racing->budget, task->until) + GRACE * racing->budget->total;
        status = racing_heat(racing, heat);
    }
    return status == HEAT_BASELINE_FAILED && heats > 1 ? HEAT_OK : status;
}

enum heat_status simplify(struct racing *racing, const struct simplify_task *task, const struct candidate_noise *noise,
                          struct simplified *simplified, char *message, size_t size)
{
    struct candidate variants[RACE_MAX_CONTENDERS], *list[RACE_MAX_CONTENDERS];
    size_t dimension[RACE_MAX_CONTENDERS];
    struct heat heat = {.baseline = task->best, .candidates = list};
    *simplified = (struct simplified){*task->best, *task->best, {.of = *task->best}};
    heat.count =
        make_variants(racing->space, task->best, racing_most(racing, RACE_MAX_CONTENDERS) - 1, variants, dimension);
    if (heat.count < 2 || !fits(racing, task->until, heat.count + 1, &heat.operations))
        return HEAT_OK;
    for (size_t i = 0; i < heat.count; i++)
        list[i] = &variants[i];
    enum heat_status status = race_variants(racing, task, &heat);
    snprintf(message, size, "%s", heat.message);
    for (size_t i = 0; i < heat.count; i++) {
        if (status == HEAT_OK)
            take_back(racing, task, noise, &variants[i], dimension[i], simplified);
        candidate_clear(&variants[i]);
    }
    qsort(simplified->ablation.changes, simplified->ablation.count, sizeof *simplified->ablation.changes,
          compare_changes);
    space_repair(racing->space, &simplified->simpler);
    space_repair(racing->space, &simplified->simplest);
    return status;
}
