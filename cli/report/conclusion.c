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
static double times_for_limit(double limit, bool known, const struct statistics_interval *interval)
{
    if (limit < 0 || (known && goal_keeps(limit, interval->low)))
        return 1;
    if (!known)
        return INFINITY;
    return goal_keeps(limit, interval->high) ? times_for(interval, fabs(interval->mean + log1p(limit / 100)))
                                             : KNOWN_NOT;
}

/* Times as many pairs as were run; KNOWN_NOT: this one is no better, or does not keep to the limits. */
static double times_needed(const struct goal *goal, const struct proof_finalist *finalist)
{
    bool memory = goal->objective == GOAL_RSS, known = memory ? finalist->has_memory : finalist->has_interval;
    if (finalist->eliminated)
        return KNOWN_NOT;
    if (!known)
        return INFINITY;
    double gain = times_for_gain(memory ? &finalist->memory : &finalist->time);
    double time = times_for_limit(goal->max_slowdown, finalist->has_interval, &finalist->time);
    double growth = finalist->has_memory || goal->has_growth
                        ? times_for_limit(goal->max_rss_growth, finalist->has_memory, &finalist->memory)
                        : 1;
    return fmin(gain, fmin(time, growth)) < 0 ? KNOWN_NOT : fmax(gain, fmax(time, growth));
}

struct conclusion conclusion_of(const struct session_settings *settings, const struct session_outcome *outcome)
{
    const struct proof *proof = &outcome->proof;
    struct conclusion conclusion = {.pairs = INFINITY, .budget = INFINITY};
    double least = INFINITY, spent = isfinite(settings->budget) ? settings->budget : outcome->seconds;
    for (size_t i = 0; i < proof->count; i++) {
        double times = times_needed(&settings->goal, &proof->finalists[i]);
        if (times < 0 || (conclusion.unclear && times >= least))
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
