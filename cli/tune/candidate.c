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
#define USUAL_FREEDOM 4.0

/* Peak memory of repeated runs hardly varies; where a single run is known, this is its error. */
#define MEMORY_DEVIATION 0.005

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

void candidate_noise_init(struct candidate_noise *noise, bool has_blocks)
{
    double usual = has_blocks ? USUAL_DEVIATION_BLOCKS : USUAL_DEVIATION_RUNS;
    *noise = (struct candidate_noise){usual * usual * USUAL_FREEDOM, USUAL_FREEDOM};
}

void candidate_noise_learn(struct candidate_noise *noise, const struct candidate *candidates, size_t count,
                           bool has_blocks)
{
    candidate_noise_init(noise, has_blocks);
    for (size_t i = 0; i < count; i++) {
        double mean = 0;
        for (size_t run = 0; run < candidates[i].count; run++)
            mean += candidates[i].runs[run].time / (double)candidates[i].count;
        for (size_t run = 0; run < candidates[i].count && candidates[i].count > 1; run++) {
            double deviation = candidates[i].runs[run].time - mean;
            noise->squares += deviation * deviation;
        }
        noise->freedom += candidates[i].count > 1 ? (double)candidates[i].count - 1 : 0;
    }
}

double candidate_noise_deviation(const struct candidate_noise *noise)
{
    return sqrt(noise->squares / noise->freedom);
}

/* The variance of one run: of what its blocks say and what runs are known to differ by, the larger. */
static double run_variance(const struct candidate_run *run, double deviation)
{
    double error = isfinite(run->time_error) ? fmax(run->time_error, deviation) : deviation;
    return error * error;
}

struct statistics_mean candidate_time(const struct candidate *candidate, const struct candidate_noise *noise)
{
    double weights = 0, sum = 0, deviation = candidate_noise_deviation(noise);
    for (size_t i = 0; i < candidate->count; i++) {
        double weight = 1 / run_variance(&candidate->runs[i], deviation);
        weights += weight;
        sum += weight * candidate->runs[i].time;
    }
    if (weights <= 0)
        return (struct statistics_mean){0, INFINITY};
    return (struct statistics_mean){sum / weights, sqrt(1 / weights)};
}

struct statistics_mean candidate_memory(const struct candidate *candidate)
{
    double sum = 0, known = 0;
    for (size_t i = 0; i < candidate->count; i++) {
        if (isfinite(candidate->runs[i].memory)) {
            sum += candidate->runs[i].memory;
            known++;
        }
    }
    if (known == 0)
        return (struct statistics_mean){0, INFINITY};
    return (struct statistics_mean){sum / known, MEMORY_DEVIATION / sqrt(known)};
}

const char *goal_name(enum goal_objective objective)
{
    return objective == GOAL_RSS ? "rss" : "throughput";
}

bool goal_keeps(double limit, double log_ratio)
{
    return limit < 0 || -log_ratio <= log1p(limit / 100);
}

/* How far a figure is beyond its limit, in logarithms; 0 within it. */
static double excess(double limit, double log_ratio)
{
    return goal_keeps(limit, log_ratio) ? 0 : -log_ratio - log1p(limit / 100);
}

struct statistics_mean goal_score(const struct goal *goal, const struct candidate *candidate,
                                  const struct candidate_noise *noise)
{
    struct statistics_mean time = candidate_time(candidate, noise), memory = candidate_memory(candidate);
    struct statistics_mean score = goal->objective == GOAL_RSS ? memory : time;
    if (candidate->eliminated || !isfinite(score.error))
        return (struct statistics_mean){-INFINITY, INFINITY};
    /* The proof will ask for certainty that a limit is kept: who keeps it only just is of no use. A limit on what is
     * not known yet (the run was cut) is left to the next run, at the latest to the proof. */
    double beyond =
        isfinite(memory.error) ? excess(goal->max_rss_growth, memory.mean - STATISTICS_CLEARLY * memory.error) : 0;
    beyond += excess(goal->max_slowdown, time.mean - STATISTICS_CLEARLY * time.error);
    if (beyond > 0)
        score.mean = fmin(score.mean, 0) - beyond;
    return score;
}

struct statistics_mean goal_promise(const struct goal *goal, const struct candidate *candidate,
                                    const struct candidate_noise *noise)
{
    struct statistics_mean time = candidate_time(candidate, noise), memory = candidate_memory(candidate);
    struct statistics_mean promise = goal->objective == GOAL_RSS ? memory : time;
    bool breaks_growth =
        isfinite(memory.error) && !goal_keeps(goal->max_rss_growth, memory.mean + STATISTICS_CLEARLY * memory.error);
    bool breaks_slowdown =
        isfinite(time.error) && !goal_keeps(goal->max_slowdown, time.mean + STATISTICS_CLEARLY * time.error);
    if (candidate->eliminated || !isfinite(promise.error) || breaks_growth || breaks_slowdown)
        return (struct statistics_mean){-INFINITY, INFINITY};
    return promise;
}

double goal_cautious_score(const struct goal *goal, const struct candidate *candidate,
                           const struct candidate_noise *noise)
{
    struct statistics_mean score = goal_score(goal, candidate, noise);
    return isfinite(score.mean) ? score.mean - score.error : -INFINITY;
}
