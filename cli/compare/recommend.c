/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See recommend.h. */
#include "config.h"

#include "cli/compare/recommend.h"

#include "cli/compare/significance.h"

#include <math.h>

/* More than so many times the rounds is no advice: the machine has to be quieter. */
#define MOST_TIMES 100.0
/* The mean is no better known than its interval: fewer more rounds than this would often leave it open again. */
#define LEAST_TIMES 1.5

bool recommend_gain(const struct comparison *comparison, size_t index, enum metric metric, struct recommend_gain *gain)
{
    const struct comparison_figure *figure = &comparison->entries[index].figure[metric];
    bool grows = metric == METRIC_TIME || metric_more_is_better(comparison->metrics, metric);
    double mean = isfinite(figure->ratio) ? log(figure->ratio) : -INFINITY;
    *gain = (struct recommend_gain){grows ? mean : -mean, -INFINITY, INFINITY};
    if (!figure->has_interval)
        return false;
    *gain = grows ? (struct recommend_gain){log(figure->ratio), log(figure->low), log(figure->high)}
                  : (struct recommend_gain){-log(figure->ratio), -log(figure->high), -log(figure->low)};
    return true;
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

enum keeping { KEEPS, MAY_KEEP, BREAKS };

/* A figure that is not known breaks a limit of the user's alone. */
static enum keeping keeps_limit(const struct comparison *comparison, size_t index, const struct goal *goal,
                                const struct goal_limit *limit)
{
    struct recommend_gain gain;
    if (isinf(goal_allowed(goal, limit)))
        return KEEPS;
    if (!recommend_gain(comparison, index, limit->metric, &gain))
        return limit->is_given ? MAY_KEEP : KEEPS;
    if (goal_keeps(goal, limit, gain.low))
        return KEEPS;
    return goal_keeps(goal, limit, gain.high) ? MAY_KEEP : BREAKS;
}

/* Of all limits the one that it keeps to the least. */
static enum keeping keeps_limits(const struct comparison *comparison, size_t index, const struct goal *goal)
{
    enum keeping worst = KEEPS;
    for (size_t i = 0; i < goal->limit_count; i++) {
        enum keeping keeping = keeps_limit(comparison, index, goal, &goal->limits[i]);
        worst = keeping > worst ? keeping : worst;
    }
    return worst;
}

bool recommend_breaks_limit(const struct comparison *comparison, size_t index, const struct goal *goal)
{
    return keeps_limits(comparison, index, goal) == BREAKS;
}

/* --- the best ----------------------------------------------------------------------------------------------------- */

static bool is_surely_better(const struct comparison *comparison, size_t index)
{
    enum verdict better = verdict_more_is_better(comparison) ? VERDICT_MORE : VERDICT_LESS;
    return verdict_of(comparison, index) == better;
}

/* Whether CONTENDER has what can be set. */
static bool can_be_chosen(const struct comparison *comparison, size_t index)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    return !entry->failed && !entry->allocator[0];
}

/* Whether CONTENDER is surely better than the first, by *GAIN, and keeps to the limits. */
static bool may_be_best(const struct comparison *comparison, size_t index, const struct goal *goal,
                        struct recommend_gain *gain)
{
    return can_be_chosen(comparison, index) && is_surely_better(comparison, index) &&
           keeps_limits(comparison, index, goal) == KEEPS &&
           recommend_gain(comparison, index, comparison->metric, gain);
}

static size_t find_best(const struct comparison *comparison, const struct goal *goal)
{
    struct recommend_gain gain, best_gain = {0};
    size_t best = 0;
    for (size_t i = 1; i < comparison->count; i++) {
        if (!may_be_best(comparison, i, goal, &gain))
            continue;
        if (best == 0 || gain.low > best_gain.low) {
            best = i;
            best_gain = gain;
        }
    }
    return best;
}

size_t recommend_larger(const struct comparison *comparison, const struct goal *goal, size_t best)
{
    struct recommend_gain gain, largest;
    size_t larger = 0;
    recommend_gain(comparison, best, comparison->metric, &largest);
    for (size_t i = 1; i < comparison->count; i++) {
        if (!may_be_best(comparison, i, goal, &gain) || gain.mean <= largest.mean)
            continue;
        larger = i;
        largest = gain;
    }
    return larger;
}

/* --- where there is none ------------------------------------------------------------------------------------------ */

static bool has_too_few_rounds(const struct comparison *comparison)
{
    for (size_t i = 1; i < comparison->count; i++)
        if (verdict_of(comparison, i) == VERDICT_TOO_FEW)
            return true;
    return false;
}

/* How many times the rounds would tell whether the contender is better; below 0: it is known not to be. The width of an
 * interval goes with the square root of their number. */
static double times_for(const struct comparison *comparison, size_t index, const struct goal *goal)
{
    struct recommend_gain gain;
    double worth = log1p(RECOMMEND_WORTH);
    if (!can_be_chosen(comparison, index) || recommend_breaks_limit(comparison, index, goal) ||
        !recommend_gain(comparison, index, comparison->metric, &gain) || gain.high < worth)
        return -1;
    double distance = fmax(gain.mean, worth - gain.mean), ratio = (gain.high - gain.low) / 2 / distance;
    return fmax(LEAST_TIMES, ratio * ratio);
}

struct recommendation recommend(const struct comparison *comparison, const struct goal *goal)
{
    struct recommendation recommendation = {RECOMMEND_BETTER, find_best(comparison, goal), INFINITY};
    if (recommendation.best > 0)
        return recommendation;
    recommendation.kind = has_too_few_rounds(comparison) ? RECOMMEND_TOO_FEW : RECOMMEND_FIRST;
    for (size_t i = 1; i < comparison->count && recommendation.kind != RECOMMEND_TOO_FEW; i++) {
        double times = times_for(comparison, i, goal);
        if (times < 0)
            continue;
        recommendation.kind = RECOMMEND_UNCLEAR;
        if (times <= MOST_TIMES)
            recommendation.rounds = fmin(recommendation.rounds, times);
    }
    return recommendation;
}
