/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See conclusion.h. */
#include "config.h"

#include "cli/report/conclusion.h"

#include <math.h>
#include <stdio.h>

/* In place of a number of times: more pairs would find out nothing that is not known. */
#define KNOWN_NOT (-1.0)

/* More than so many times the pairs is no advice: the machine has to be quieter. */
#define MOST_TIMES 100.0
/* The mean is no better known than its interval: fewer more pairs than this would often leave it open again. */
#define LEAST_TIMES 1.5

static double half_width(const struct statistics_interval *interval)
{
    return (interval->high - interval->low) / 2;
}

/* How many times as many pairs make an interval of this half width as narrow as DISTANCE: the width goes with the
 * square root of their number. */
static double times_for(const struct statistics_interval *interval, double distance)
{
    double ratio = half_width(interval) / distance;
    return distance > 0 ? ratio * ratio : INFINITY;
}

/* To be sure of the gain, or that it is below what is worth it. KNOWN_NOT: it is below. */
static double times_for_gain(const struct statistics_interval *interval)
{
    double worth = log1p(CONCLUSION_WORTH);
    if (interval->high < worth)
        return KNOWN_NOT;
    return times_for(interval, fmax(interval->mean, worth - interval->mean));
}

/* To be sure that a limit is kept, or is not. KNOWN_NOT: it is not. */
static double times_for_limit(const struct goal *goal, const struct goal_limit *limit,
                              const struct proof_figure *figure)
{
    double allowed = goal_allowed(goal, limit);
    if (isinf(allowed) || (!figure->is_known && !limit->is_given) ||
        (figure->is_known && goal_keeps(goal, limit, figure->gain.low)))
        return 1;
    if (!figure->is_known)
        return INFINITY;
    return goal_keeps(goal, limit, figure->gain.high) ? times_for(&figure->gain, fabs(figure->gain.mean + allowed))
                                                      : KNOWN_NOT;
}

/* Times as many pairs as were run; KNOWN_NOT: this one is no better, or does not keep to the limits. */
static double times_needed(const struct goal *goal, const struct proof_finalist *finalist)
{
    const struct proof_figure *objective = &finalist->figure[goal->objective];
    if (finalist->eliminated)
        return KNOWN_NOT;
    if (!objective->is_known)
        return INFINITY;
    double most = times_for_gain(&objective->gain), least = most;
    for (size_t i = 0; i < goal->limit_count; i++) {
        double times = times_for_limit(goal, &goal->limits[i], &finalist->figure[goal->limits[i].metric]);
        most = fmax(most, times);
        least = fmin(least, times);
    }
    return least < 0 ? KNOWN_NOT : most;
}

struct conclusion conclusion_of(const struct session_record *record)
{
    const struct proof *proof = &record->outcome.proof;
    struct conclusion conclusion = {.pairs = INFINITY, .budget = INFINITY};
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    double least = INFINITY, spent = isfinite(record->budget) ? record->budget : record->outcome.seconds;
    for (size_t i = 0; i < proof->count; i++) {
        double times = times_needed(&goal, &proof->finalists[i]);
        if (!proof->finalists[i].test[GOAL_RECOMMENDED].is_held || times < 0 || (conclusion.unclear && times >= least))
            continue;
        conclusion.unclear = true;
        conclusion.finalist = i;
        least = times;
    }
    if (conclusion.unclear && proof->pairs < statistics_least_pairs(proof_confidence(proof)))
        least = (double)(statistics_least_pairs(proof_confidence(proof)) + 1) / fmax(1, (double)proof->pairs);
    if (!conclusion.unclear || least > MOST_TIMES)
        return conclusion;
    least = fmax(least, LEAST_TIMES);
    conclusion.pairs = ceil((least - 1) * fmax(1, (double)proof->pairs));
    if ((double)proof->pairs + conclusion.pairs <= PROOF_MAX_PAIRS)
        conclusion.budget = least * spent;
    return conclusion;
}

const char *conclusion_budget(double seconds, char *text, size_t size)
{
    if (seconds < 600)
        snprintf(text, size, "%.0fs", 10 * ceil(seconds / 10));
    else if (seconds < 3 * 3600)
        snprintf(text, size, "%.0fm", ceil(seconds / 60));
    else
        snprintf(text, size, "%.0fh", ceil(seconds / 3600));
    return text;
}
