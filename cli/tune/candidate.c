/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See candidate.h. */
#include "config.h"

#include "cli/tune/candidate.h"

#include "cli/output/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What runs of equal allocators differ by, before this machine has shown its own figure; counts as much as a few
 * repeated runs. */
#define USUAL_DEVIATION_BLOCKS 0.01
#define USUAL_DEVIATION_RUNS 0.02
#define USUAL_DEVIATION_OTHERS 0.03
#define USUAL_FREEDOM 4.0

/* Memory of repeated runs hardly varies; this is the least error of a single run. */
#define MEMORY_DEVIATION 0.005

/* Of two runs nobody knows which one was disturbed. */
#define LEAST_FOR_MEDIAN 3

void candidate_init(struct candidate *candidate, unsigned trial, const struct space_point *point)
{
    *candidate = (struct candidate){.trial = trial, .point = *point};
}

void candidate_clear(struct candidate *candidate)
{
    free(candidate->runs);
    candidate->runs = NULL;
    candidate->count = candidate->capacity = 0;
}

void candidate_add_run(struct candidate *candidate, const struct candidate_run *run)
{
    if (candidate->count == candidate->capacity) {
        candidate->capacity = candidate->capacity ? 2 * candidate->capacity : 4;
        candidate->runs = must_have(realloc(candidate->runs, candidate->capacity * sizeof *candidate->runs));
    }
    candidate->runs[candidate->count++] = *run;
}

void candidate_fail(struct candidate *candidate, const char *reason)
{
    candidate->eliminated = true;
    snprintf(candidate->reason, sizeof candidate->reason, "%s", reason);
}

/* --- noise -------------------------------------------------------------------------------------------------------- */

/* What the error of the blocks' times is an error of. */
static bool is_timed(enum metric metric)
{
    return metric == METRIC_TIME || metric == METRIC_COST || metric == METRIC_CPU_TIME;
}

static bool is_memory(enum metric metric)
{
    return metric < METRIC_OWN && metric_unit(metric) == METRIC_BYTES;
}

static double usual_deviation(enum metric metric, bool has_blocks)
{
    if (is_timed(metric))
        return has_blocks ? USUAL_DEVIATION_BLOCKS : USUAL_DEVIATION_RUNS;
    return is_memory(metric) ? MEMORY_DEVIATION : USUAL_DEVIATION_OTHERS;
}

void candidate_noise_init(struct candidate_noise *noise, bool has_blocks)
{
    for (enum metric metric = 0; metric < METRICS; metric++) {
        double usual = usual_deviation(metric, has_blocks);
        noise->of[metric].squares = usual * usual * USUAL_FREEDOM;
        noise->of[metric].freedom = USUAL_FREEDOM;
    }
}

/* The gains of the runs in which they are known. How many. */
static size_t known_gains(const struct candidate *candidate, enum metric metric, double *gains)
{
    size_t known = 0;
    for (size_t i = 0; i < candidate->count; i++) {
        if (isfinite(candidate->runs[i].gain.value[metric]))
            gains[known++] = candidate->runs[i].gain.value[metric];
    }
    return known;
}

/* Memory is not disturbed by neighbours: all deviations count. Takes room for all gains. */
static void learn_all(struct candidate_noise *noise, const struct candidate *candidate, enum metric metric,
                      double *gains)
{
    size_t known = known_gains(candidate, metric, gains);
    double deviation = statistics_deviation(gains, known);
    if (known < 2)
        return;
    noise->of[metric].squares += deviation * deviation * (double)(known - 1);
    noise->of[metric].freedom += (double)(known - 1);
}

/* Turns the gains of COUNT runs into distances from their median, each as large as if the median did not follow it. */
static void to_distances(double *gains, size_t count)
{
    double median = statistics_median(gains, count), widened = sqrt((double)count / ((double)count - 1));
    for (size_t i = 0; i < count; i++)
        gains[i] = fabs(gains[i] - median) * widened;
}

/* Takes room for all gains. */
static void learn_usual(struct candidate_noise *noise, const struct candidate *candidates, size_t count,
                        enum metric metric, double *gains)
{
    size_t used = 0;
    double freedom = 0;
    for (size_t i = 0; i < count; i++) {
        size_t known = known_gains(&candidates[i], metric, gains + used);
        if (known < 2)
            continue;
        to_distances(gains + used, known);
        used += known;
        freedom += (double)(known - 1);
    }
    double usual = statistics_usual_distance(gains, used);
    noise->of[metric].squares += usual * usual * freedom;
    noise->of[metric].freedom += freedom;
}

void candidate_noise_learn(struct candidate_noise *noise, const struct candidate *candidates, size_t count,
                           bool has_blocks)
{
    size_t runs = 0;
    for (size_t i = 0; i < count; i++)
        runs += candidates[i].count;
    double *gains = must_have(malloc((runs + 1) * sizeof *gains));
    candidate_noise_init(noise, has_blocks);
    for (enum metric metric = 0; metric < METRICS; metric++) {
        if (!is_memory(metric))
            learn_usual(noise, candidates, count, metric, gains);
        for (size_t i = 0; i < count && is_memory(metric); i++)
            learn_all(noise, &candidates[i], metric, gains);
    }
    free(gains);
}

double candidate_noise_deviation(const struct candidate_noise *noise, enum metric metric)
{
    double deviation = sqrt(noise->of[metric].squares / noise->of[metric].freedom);
    return is_memory(metric) ? fmax(deviation, MEMORY_DEVIATION) : deviation;
}

/* The variance of one run: of what its blocks say and what runs are known to differ by, the larger. */
static double run_variance(const struct candidate_run *run, enum metric metric, double deviation)
{
    double error = is_timed(metric) && isfinite(run->time_error) ? fmax(run->time_error, deviation) : deviation;
    return error * error;
}

/* The middle of what runs that were not disturbed may have, and whether it is known. */
static bool find_middle(const struct candidate *candidate, enum metric metric, double *middle)
{
    if (is_memory(metric) || candidate->count < LEAST_FOR_MEDIAN)
        return false;
    double *gains = must_have(malloc(candidate->count * sizeof *gains));
    size_t known = known_gains(candidate, metric, gains);
    if (known >= LEAST_FOR_MEDIAN)
        *middle = statistics_median(gains, known);
    free(gains);
    return known >= LEAST_FOR_MEDIAN;
}

static double no_further(double value, double middle, double most)
{
    return fmin(fmax(value, middle - most), middle + most);
}

struct statistics_mean candidate_gain(const struct candidate *candidate, const struct candidate_noise *noise,
                                      enum metric metric)
{
    double weights = 0, sum = 0, deviation = candidate_noise_deviation(noise, metric), middle = 0;
    bool has_middle = find_middle(candidate, metric, &middle);
    for (size_t i = 0; i < candidate->count; i++) {
        double gain = candidate->runs[i].gain.value[metric];
        if (!isfinite(gain))
            continue;
        double variance = run_variance(&candidate->runs[i], metric, deviation);
        if (has_middle)
            gain = no_further(gain, middle, STATISTICS_CLEARLY * sqrt(variance));
        weights += 1 / variance;
        sum += gain / variance;
    }
    if (weights <= 0)
        return (struct statistics_mean){0, INFINITY};
    return (struct statistics_mean){sum / weights, sqrt(1 / weights)};
}

/* --- what is wanted ----------------------------------------------------------------------------------------------- */

/* How far SIGN errors beyond the mean are past a limit, in logarithms; 0 within it. A limit on what is not known yet
 * (the run was cut) is left to the next run, at the latest to the proof. */
static double excess(const struct goal *goal, const struct goal_limit *limit, const struct candidate *candidate,
                     const struct candidate_noise *noise, double sign)
{
    struct statistics_mean gain = candidate_gain(candidate, noise, limit->metric);
    if (!isfinite(gain.error))
        return 0;
    return fmax(0, -(gain.mean + sign * STATISTICS_CLEARLY * gain.error) - goal_allowed(goal, limit));
}

struct statistics_mean goal_score(const struct goal *goal, const struct candidate *candidate,
                                  const struct candidate_noise *noise)
{
    struct statistics_mean score = candidate_gain(candidate, noise, goal->objective);
    double beyond = 0;
    if (candidate->eliminated || !isfinite(score.error))
        return (struct statistics_mean){-INFINITY, INFINITY};
    /* The proof will ask for certainty that a limit is kept: who keeps it only just is of no use. */
    for (size_t i = 0; i < goal->limit_count; i++)
        beyond += excess(goal, &goal->limits[i], candidate, noise, -1);
    if (beyond > 0)
        score.mean = fmin(score.mean, 0) - beyond;
    return score;
}

struct statistics_mean goal_promise(const struct goal *goal, const struct candidate *candidate,
                                    const struct candidate_noise *noise)
{
    struct statistics_mean promise = candidate_gain(candidate, noise, goal->objective);
    bool breaks = candidate->eliminated || !isfinite(promise.error);
    for (size_t i = 0; i < goal->limit_count; i++)
        breaks |= excess(goal, &goal->limits[i], candidate, noise, 1) > 0;
    return breaks ? (struct statistics_mean){-INFINITY, INFINITY} : promise;
}

double goal_cautious_score(const struct goal *goal, const struct candidate *candidate,
                           const struct candidate_noise *noise)
{
    struct statistics_mean score = goal_score(goal, candidate, noise);
    return isfinite(score.mean) ? score.mean - score.error : -INFINITY;
}
