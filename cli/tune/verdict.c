/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See verdict.h. */
#include "config.h"

#include "cli/tune/verdict.h"

#include <math.h>
#include <stdio.h>

/* --- proof.h ------------------------------------------------------------------------------------------------------ */

size_t proof_tests(const struct proof *proof)
{
    size_t tests = 0;
    for (size_t i = 0; i < proof->count; i++)
        for (size_t aim = 0; aim < GOAL_AIMS; aim++)
            tests += proof->finalists[i].test[aim].is_held;
    return tests;
}

double proof_confidence(const struct proof *proof)
{
    return 1 - STATISTICS_SIGNIFICANCE / fmax(1, (double)proof_tests(proof));
}

const struct proof_finalist *proof_winner(const struct proof *proof, enum goal_aim aim)
{
    return proof->winner[aim] < 0 ? NULL : &proof->finalists[proof->winner[aim]];
}

/* --- figures ------------------------------------------------------------------------------------------------------ */

size_t verdict_gains(const struct candidate *candidate, enum metric metric, double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < candidate->count && count < PROOF_MAX_PAIRS; i++) {
        double gain = candidate->runs[i].gain.value[metric];
        if (isfinite(gain))
            values[count++] = gain;
    }
    return count;
}

static void take_figures(struct proof_finalist *finalist, const struct candidate *candidate, double confidence)
{
    double values[PROOF_MAX_PAIRS];
    finalist->eliminated = candidate->eliminated;
    snprintf(finalist->reason, sizeof finalist->reason, "%s", candidate->reason);
    for (enum metric metric = 0; metric < METRICS; metric++) {
        struct proof_figure *figure = &finalist->figure[metric];
        figure->is_known =
            statistics_interval(values, verdict_gains(candidate, metric, values), confidence, &figure->gain);
    }
}

/* P-values of one metric over all finalists, for who reads that metric. */
static void correct_figures(struct proof *proof, enum metric metric)
{
    double p_value[PROOF_MAX_FINALISTS];
    for (size_t i = 0; i < proof->count; i++)
        p_value[i] = proof->finalists[i].figure[metric].gain.p_value;
    statistics_holm(p_value, proof->count);
    for (size_t i = 0; i < proof->count; i++)
        proof->finalists[i].figure[metric].gain.p_value = p_value[i];
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

/* The bad end of the interval counts: a limit is kept when it is shown to be kept. */
static bool keeps_all(const struct goal *goal, const struct proof_finalist *finalist)
{
    for (size_t i = 0; i < goal->limit_count; i++) {
        const struct goal_limit *limit = &goal->limits[i];
        const struct proof_figure *figure = &finalist->figure[limit->metric];
        bool kept = figure->is_known ? goal_keeps(goal, limit, figure->gain.low)
                                     : !limit->is_given || isinf(goal_allowed(goal, limit));
        if (!kept)
            return false;
    }
    return true;
}

static const struct proof_figure *objective(const struct goal *goal, const struct proof_finalist *finalist)
{
    return &finalist->figure[goal->objective];
}

static void take_test(const struct goal *goal, struct proof_finalist *finalist, struct proof_test *test)
{
    const struct proof_figure *figure = objective(goal, finalist);
    test->within_limits = keeps_all(goal, finalist);
    test->better = !finalist->eliminated && figure->is_known && test->within_limits && figure->gain.low > 0 &&
                   test->p_value < STATISTICS_SIGNIFICANCE;
}

/* Of all tests together, so that the chance of even one false claim among all that is saved stays below the level. */
static void correct_tests(struct proof *proof, const struct goal *goals)
{
    double p_value[PROOF_MAX_FINALISTS * GOAL_AIMS];
    struct proof_test *test[PROOF_MAX_FINALISTS * GOAL_AIMS];
    size_t count = 0;
    for (size_t i = 0; i < proof->count; i++) {
        for (size_t aim = 0; aim < GOAL_AIMS; aim++) {
            if (!proof->finalists[i].test[aim].is_held)
                continue;
            p_value[count] = objective(&goals[aim], &proof->finalists[i])->gain.p_value;
            test[count++] = &proof->finalists[i].test[aim];
        }
    }
    statistics_holm(p_value, count);
    for (size_t i = 0; i < count; i++)
        test[i]->p_value = p_value[i];
}

/* The one with the best lower end; but a simpler profile that may be as good, as its mean is in the interval of that
 * one, is easier to keep, and has fewer changes that bring nothing. */
static int choose_winner(const struct goal *goal, enum goal_aim aim, const struct space *space,
                         const struct proof *proof)
{
    struct space_point default_point = space_default(space);
    int winner = -1;
    for (size_t i = 0; i < proof->count; i++) {
        const struct proof_finalist *finalist = &proof->finalists[i];
        if (finalist->test[aim].better &&
            (winner < 0 || objective(goal, finalist)->gain.low > objective(goal, &proof->finalists[winner])->gain.low))
            winner = (int)i;
    }
    if (winner < 0)
        return -1;
    const struct statistics_interval *best = &objective(goal, &proof->finalists[winner])->gain;
    for (size_t i = 0; i < proof->count; i++) {
        const struct proof_finalist *finalist = &proof->finalists[i];
        if (finalist->test[aim].better && objective(goal, finalist)->gain.mean >= best->low &&
            space_distance(space, &finalist->point, &default_point) <
                space_distance(space, &proof->finalists[winner].point, &default_point))
            winner = (int)i;
    }
    return winner;
}

/* Whether the recommended winner is better in what the end of the front asks for, and may be as good as BEST: by its
 * mean, or as it has no more changes and its mean is in the interval of that one. */
static bool serves_as_end(const struct goal *goal, const struct space *space, const struct proof_finalist *recommended,
                          const struct proof_finalist *best)
{
    const struct proof_figure *own = objective(goal, recommended);
    struct space_point usual = space_default(space);
    if (!own->is_known || own->gain.low <= 0 || own->gain.p_value >= STATISTICS_SIGNIFICANCE ||
        !keeps_all(goal, recommended))
        return false;
    if (!best || own->gain.mean >= objective(goal, best)->gain.mean)
        return true;
    return own->gain.mean >= objective(goal, best)->gain.low &&
           space_distance(space, &recommended->point, &usual) <= space_distance(space, &best->point, &usual);
}

static bool is_wanted(const struct proof *proof, enum goal_aim aim)
{
    for (size_t i = 0; i < proof->count; i++)
        if (proof->finalists[i].test[aim].is_held)
            return true;
    return false;
}

/* Where the recommended winner serves as an end of the front too, that has no profile of its own: it would be one more
 * to keep, for nothing. */
static void join_end(const struct goal *goal, enum goal_aim aim, const struct space *space, struct proof *proof)
{
    int winner = proof->winner[GOAL_RECOMMENDED];
    if (aim == GOAL_RECOMMENDED || winner < 0 || winner == proof->winner[aim] || !is_wanted(proof, aim))
        return;
    struct proof_finalist *recommended = &proof->finalists[winner];
    if (!serves_as_end(goal, space, recommended, proof_winner(proof, aim)))
        return;
    struct proof_test *test = &recommended->test[aim];
    *test = (struct proof_test){test->is_held, true, true, objective(goal, recommended)->gain.p_value};
    proof->winner[aim] = winner;
}

void verdict_reach(struct proof *proof, const struct candidate *candidates, const struct goal *goals,
                   const struct space *space)
{
    double confidence = proof_confidence(proof);
    for (size_t i = 0; i < proof->count; i++)
        take_figures(&proof->finalists[i], &candidates[i], confidence);
    correct_tests(proof, goals);
    for (enum metric metric = 0; metric < METRICS; metric++)
        correct_figures(proof, metric);
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++) {
        for (size_t i = 0; i < proof->count; i++)
            if (proof->finalists[i].test[aim].is_held)
                take_test(&goals[aim], &proof->finalists[i], &proof->finalists[i].test[aim]);
        proof->winner[aim] = choose_winner(&goals[aim], aim, space, proof);
        join_end(&goals[aim], aim, space, proof);
    }
}
