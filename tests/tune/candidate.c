/* SPDX-License-Identifier: MIT */
/* What a candidate's runs are worth to the search, where a neighbour disturbed some of them. */
#include "config.h"

#include "cli/tune/candidate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The same gains in time and in peak memory. */
static struct candidate candidate_of(const double *gains, size_t count)
{
    struct candidate candidate;
    struct space_point point = {.level = {0}};
    candidate_init(&candidate, 1, &point);
    for (size_t i = 0; i < count; i++) {
        struct candidate_run run = {.time_error = INFINITY};
        for (enum metric metric = 0; metric < METRICS; metric++)
            run.gain.value[metric] = NAN;
        run.gain.value[METRIC_TIME] = run.gain.value[METRIC_PEAK_MEMORY] = gains[i];
        candidate_add_run(&candidate, &run);
    }
    return candidate;
}

static void disturbed_runs_hardly_count(void **state)
{
    (void)state;
    static const double times[] = {0.02, 0.03, 0.9, 0.025, 0.015, -0.7, 0.02, 0.022};
    struct candidate candidate = candidate_of(times, 8);
    struct candidate_noise noise;
    candidate_noise_learn(&noise, &candidate, 1, false);
    struct statistics_mean time = candidate_gain(&candidate, &noise, METRIC_TIME);
    assert_true(candidate_noise_deviation(&noise, METRIC_TIME) < 0.03);
    assert_true(time.mean > 0.01 && time.mean < 0.03 && time.error < 0.02);
    candidate_clear(&candidate);
}

/* A peak that is larger in some of the runs is a property of the candidate. */
static void memory_is_not_disturbed(void **state)
{
    (void)state;
    static const double gains[] = {0.02, 0.02, 0.02, 0.02, -0.5};
    struct candidate candidate = candidate_of(gains, 5);
    struct candidate_noise noise;
    candidate_noise_learn(&noise, &candidate, 1, false);
    assert_true(candidate_noise_deviation(&noise, METRIC_PEAK_MEMORY) > 0.1);
    assert_true(fabs(candidate_gain(&candidate, &noise, METRIC_PEAK_MEMORY).mean - -0.084) < 1e-9);
    candidate_clear(&candidate);
}

static void quiet_runs_give_their_mean(void **state)
{
    (void)state;
    static const double times[] = {0.01, 0.03, 0.02, 0.04};
    struct candidate candidate = candidate_of(times, 4), none = candidate_of(times, 0);
    struct candidate_noise noise;
    candidate_noise_init(&noise, false);
    assert_true(fabs(candidate_gain(&candidate, &noise, METRIC_TIME).mean - 0.025) < 1e-12);
    assert_true(isinf(candidate_gain(&none, &noise, METRIC_TIME).error));
    candidate_clear(&candidate);
}

/* Of two runs nobody knows which one was disturbed; of one there is no deviation to learn. */
static void few_runs(void **state)
{
    (void)state;
    static const double times[] = {0.02, 0.5};
    struct candidate both = candidate_of(times, 2), one = candidate_of(times, 1);
    struct candidate_noise noise, usual;
    candidate_noise_init(&usual, false);
    candidate_noise_learn(&noise, &one, 1, false);
    assert_true(candidate_noise_deviation(&noise, METRIC_TIME) == candidate_noise_deviation(&usual, METRIC_TIME));
    assert_true(fabs(candidate_gain(&both, &usual, METRIC_TIME).mean - 0.26) < 1e-12);
    candidate_noise_learn(&noise, &both, 1, false);
    assert_true(candidate_noise_deviation(&noise, METRIC_TIME) > candidate_noise_deviation(&usual, METRIC_TIME));
    candidate_clear(&both);
    candidate_clear(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disturbed_runs_hardly_count),
        cmocka_unit_test(memory_is_not_disturbed),
        cmocka_unit_test(quiet_runs_give_their_mean),
        cmocka_unit_test(few_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
