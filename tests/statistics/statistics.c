/* SPDX-License-Identifier: MIT */
/* Intervals cover, tests do not claim too much, corrections are Holm's. All of it on numbers made from fixed seeds. */
#include "config.h"

#include "cli/statistics/statistics.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define EXPERIMENTS 600

static void interval_of_known_values(void **state)
{
    (void)state;
    /* Student's data (sleep, 1908): mean 1.58, t = 4.0621 with 9 degrees of freedom, p = 0.002833. */
    static const double values[] = {1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};
    struct statistics_interval interval;
    assert_true(statistics_interval(values, 10, 0.95, 1, &interval));
    assert_true(fabs(interval.mean - 1.58) < 1e-12);
    assert_true(fabs(interval.p_value - 0.002833) < 1e-5);
    assert_true(interval.low > 0.5 && interval.low < 1.3);
    assert_true(interval.high > 1.9 && interval.high < 3.5);
    struct statistics_interval again;
    statistics_interval(values, 10, 0.95, 1, &again);
    assert_true(again.low == interval.low && again.high == interval.high);
}

static void few_values_claim_nothing(void **state)
{
    (void)state;
    static const double values[] = {1, 1.1, 0.9, 1, 1.05};
    struct statistics_interval interval;
    assert_false(statistics_interval(values, 5, 0.95, 1, &interval));
    assert_true(interval.p_value == 1);
    assert_false(statistics_interval(values, 0, 0.95, 1, &interval));
}

static void equal_values(void **state)
{
    (void)state;
    static const double none[6] = {0}, some[6] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
    struct statistics_interval interval;
    assert_true(statistics_interval(none, 6, 0.95, 1, &interval));
    assert_true(interval.p_value == 1 && interval.low == 0 && interval.high == 0);
    assert_true(statistics_interval(some, 6, 0.95, 1, &interval));
    assert_true(interval.p_value == 0 && interval.low == 0.5);
}

/* Of many experiments with a known mean, how many intervals miss it, and how many p-values of "the mean is MEAN" are
 * below 5 %? */
static void count_misses(size_t pairs, double mean, unsigned *missed, unsigned *claimed)
{
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    double values[64];
    *missed = *claimed = 0;
    for (unsigned i = 0; i < EXPERIMENTS; i++) {
        struct statistics_interval interval;
        for (size_t j = 0; j < pairs; j++)
            values[j] = mean + gsl_ran_gaussian(random, 0.01);
        statistics_interval(values, pairs, 0.95, i, &interval);
        *missed += interval.low > mean || interval.high < mean;
        *claimed += interval.p_value < 0.05;
    }
    gsl_rng_free(random);
}

static void interval_covers(void **state)
{
    (void)state;
    static const size_t sizes[] = {6, 10, 24};
    for (size_t i = 0; i < 3; i++) {
        unsigned missed, claimed;
        count_misses(sizes[i], 0.02, &missed, &claimed);
        print_message("%zu pairs: %u of %u intervals miss\n", sizes[i], missed, EXPERIMENTS);
        /* 5 % of 600 is 30, its standard deviation 5.3; the bootstrap of six values is allowed two points more. */
        assert_in_range(missed, 8, 58);
    }
}

static void equal_machines_claim_nothing(void **state)
{
    (void)state;
    unsigned missed, claimed;
    count_misses(10, 0, &missed, &claimed);
    print_message("%u of %u experiments without a difference claim one\n", claimed, EXPERIMENTS);
    assert_in_range(claimed, 8, 46);
}

static void power(void **state)
{
    (void)state;
    unsigned missed, claimed;
    count_misses(10, 0.02, &missed, &claimed); /* two standard deviations */
    assert_true(claimed > EXPERIMENTS * 9 / 10);
}

static void holm(void **state)
{
    (void)state;
    double p[] = {0.01, 0.04, 0.03, 0.005}; /* Holm's own order: 0.02 0.03 0.06 0.06 */
    statistics_holm(p, 4);
    assert_true(fabs(p[3] - 0.02) < 1e-12 && fabs(p[0] - 0.03) < 1e-12 && fabs(p[2] - 0.06) < 1e-12 &&
                fabs(p[1] - 0.06) < 1e-12);
    double large[] = {0.9, 0.8};
    statistics_holm(large, 2);
    assert_true(large[0] == 1 && large[1] == 1);
    statistics_holm(NULL, 0);
}

/* The error from correlated blocks must be near the true spread of the mean; the plain formula gives half of it. */
static void blocks_are_correlated(void **state)
{
    (void)state;
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    double values[40], errors = 0, means[EXPERIMENTS];
    const double correlation = 0.6;
    for (unsigned i = 0; i < EXPERIMENTS; i++) {
        double value = gsl_ran_gaussian(random, 1);
        for (size_t j = 0; j < 40; j++) {
            value = correlation * value + gsl_ran_gaussian(random, sqrt(1 - correlation * correlation));
            values[j] = value;
        }
        struct statistics_mean mean = statistics_mean_of_blocks(values, 40);
        means[i] = mean.mean;
        errors += mean.error / EXPERIMENTS;
    }
    double truth = statistics_deviation(means, EXPERIMENTS);
    print_message("error of correlated blocks: %.3f, really %.3f\n", errors, truth);
    assert_true(errors > 0.75 * truth && errors < 1.3 * truth);
    assert_true(isinf(statistics_mean_of_blocks(values, 1).error));
    gsl_rng_free(random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_of_known_values),
        cmocka_unit_test(few_values_claim_nothing),
        cmocka_unit_test(equal_values),
        cmocka_unit_test(interval_covers),
        cmocka_unit_test(equal_machines_claim_nothing),
        cmocka_unit_test(power),
        cmocka_unit_test(holm),
        cmocka_unit_test(blocks_are_correlated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
