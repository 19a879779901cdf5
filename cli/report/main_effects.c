/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See main_effects.h. */
#include "config.h"

#include "cli/report/main_effects.h"

#include "cli/output/memory.h"

#include <math.h>
#include <stdlib.h>

/* The fit goes over all settings so often; it is done much earlier. */
#define SWEEPS 200
/* A value's effect is drawn towards 0 as if so many average candidates had shown none: with one candidate alone, half
 * of what is seen is luck. */
#define PRIOR_CANDIDATES 1.0

/* A candidate with what the model does not explain yet. */
struct seen {
    const struct space_point *point;
    double left, weight;
};

static size_t collect(const struct session_record *record, enum metric metric, struct seen *seen)
{
    size_t count = 0;
    for (size_t i = 0; i < record->trial_count; i++) {
        const struct candidate *candidate = &record->trials[i].candidate;
        struct statistics_mean gain = candidate_gain(candidate, &record->noise, metric);
        if (!candidate->eliminated && isfinite(gain.error) && gain.error > 0)
            seen[count++] = (struct seen){&candidate->point, gain.mean, 1 / (gain.error * gain.error)};
    }
    return count;
}

static double mean_weight(const struct seen *seen, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += seen[i].weight;
    return count ? sum / (double)count : 1;
}

/* Fits one setting to what the others leave. The default's value explains nothing: a gain is one over it. */
static void fit(struct main_effect *effect, size_t usual, struct seen *seen, size_t count, double prior)
{
    double sum[SPACE_MAX_LEVELS] = {0}, weight[SPACE_MAX_LEVELS] = {0};
    for (size_t i = 0; i < count; i++) {
        size_t level = seen[i].point->level[effect->dimension];
        seen[i].left += effect->level[level].gain.mean;
        sum[level] += seen[i].weight * seen[i].left;
        weight[level] += seen[i].weight;
    }
    for (size_t level = 0; level < SPACE_MAX_LEVELS; level++) {
        if (level == usual || weight[level] <= 0)
            continue;
        effect->level[level].gain =
            (struct statistics_mean){sum[level] / (weight[level] + prior), sqrt(1 / (weight[level] + prior))};
    }
    for (size_t i = 0; i < count; i++)
        seen[i].left -= effect->level[seen[i].point->level[effect->dimension]].gain.mean;
}

static void begin(const struct session_record *record, const struct seen *seen, size_t count,
                  struct main_effect *effects)
{
    for (size_t i = 0; i < record->space.count; i++) {
        effects[i] = (struct main_effect){.dimension = i};
        for (size_t level = 0; level < SPACE_MAX_LEVELS; level++)
            effects[i].level[level].gain.error = level == record->space.dimension[i].default_level ? 0 : INFINITY;
        for (size_t j = 0; j < count; j++)
            effects[i].level[seen[j].point->level[i]].candidates++;
    }
}

static void share_out(struct main_effect *effects, size_t dimensions, const struct seen *seen, size_t count)
{
    double all = 0;
    for (size_t i = 0; i < dimensions; i++) {
        for (size_t j = 0; j < count; j++) {
            double gain = effects[i].level[seen[j].point->level[effects[i].dimension]].gain.mean;
            effects[i].share += seen[j].weight * gain * gain;
        }
        all += effects[i].share;
    }
    for (size_t i = 0; i < dimensions; i++)
        effects[i].share = all > 0 ? effects[i].share / all : 0;
}

static int compare_shares(const void *one, const void *other)
{
    double a = ((const struct main_effect *)one)->share, b = ((const struct main_effect *)other)->share;
    return (a < b) - (a > b);
}

size_t main_effects_find(const struct session_record *record, enum metric metric, struct main_effect *effects)
{
    struct seen *seen = must_have(calloc(record->trial_count + 1, sizeof *seen));
    size_t count = collect(record, metric, seen);
    double prior = PRIOR_CANDIDATES * mean_weight(seen, count);
    begin(record, seen, count, effects);
    for (size_t sweep = 0; sweep < SWEEPS; sweep++)
        for (size_t i = 0; i < record->space.count; i++)
            fit(&effects[i], record->space.dimension[i].default_level, seen, count, prior);
    share_out(effects, record->space.count, seen, count);
    qsort(effects, record->space.count, sizeof *effects, compare_shares);
    free(seen);
    return count;
}
