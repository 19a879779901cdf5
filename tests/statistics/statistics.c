/* SPDX-License-Identifier: MIT */
/* Intervals cover whatever the noise is like, tests do not claim too much, corrections are Holm's. All of it on numbers
 * made from fixed seeds. */
#include "config.h"

#include "cli/statistics/statistics.h"

#include "cli/statistics/signed_rank.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define EXPERIMENTS 600

/* --- ranks -------------------------------------------------------------------------------------------------------- */

/* All signs of COUNT ranks: how many of them give a sum of at most MOST. */
static double chance_by_counting(size_t count, size_t most)
{
    size_t signs = (size_t)1 << count, good = 0;
    for (size_t pattern = 0; pattern < signs; pattern++) {
        size_t sum = 0;
        for (size_t rank = 1; rank <= count; rank++)
            sum += pattern >> (rank - 1) & 1 ? rank : 0;
        good += sum <= most;
    }
    return (double)good / (double)signs;
}

static void chances_are_exact(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 12; count++) {
        for (size_t most = 0; most <= count * (count + 1) / 2; most++)
            assert_true(fabs(signed_rank_chance(count, (double)most) - chance_by_counting(count, most)) < 1e-12);
    }
    assert_true(signed_rank_chance(12, -1) == 0);
}

/* As many of the outermost averages as the chance allows, and no more. */
static void ranks_fit_the_confidence(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 80; count++) {
        for (double confidence = 0.9; confidence < 0.999; confidence += 0.02) {
            double rank = signed_rank_of_interval(count, confidence);
            assert_true(2 * signed_rank_chance(count, rank - 1) <= 1 - confidence + 1e-12);
            assert_true(2 * signed_rank_chance(count, rank) > 1 - confidence - 1e-12);
        }
    }
}

static void many_values_are_approximated(void **state)
{
    (void)state;
    double before = 0;
    for (double most = 0; most <= signed_rank_averages(64); most += 40) {
        double exact = signed_rank_chance(64, most), next = signed_rank_chance(65, most + 32.5);
        assert_true(exact >= before && fabs(exact - next) < 0.01);
        before = exact;
    }
    assert_true(signed_rank_chance(1000, signed_rank_averages(1000) / 2) > 0.49);
    assert_true(signed_rank_chance(1000, signed_rank_averages(1000)) == 1);
}

/* The same as sorting all of them, with ties as well. */
static void averages_are_in_order(void **state)
{
    (void)state;
    double values[30], all[30 * 31 / 2];
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t i = 0; i < 30; i++)
        values[i] = i % 3 ? gsl_ran_gaussian(random, 1) : (double)gsl_rng_uniform_int(random, 3);
    gsl_rng_free(random);
    gsl_sort(values, 1, 30);
    size_t count = 0;
    for (size_t i = 0; i < 30; i++)
        for (size_t j = i; j < 30; j++)
            all[count++] = values[i] / 2 + values[j] / 2;
    gsl_sort(all, 1, count);
    for (size_t i = 0; i < count; i++)
        assert_true(signed_rank_average(values, 30, (double)(i + 1)) == all[i]);
    assert_true(signed_rank_median(values, 30) == all[232]); /* the middle of 465 */
}

/* --- intervals ---------------------------------------------------------------------------------------------------- */

static void interval_of_known_values(void **state)
{
    (void)state;
    /* Hamilton's scale before and after a tranquillizer (Hollander and Wolfe, 3.1 to 3.3): the estimate is 0.46, the
     * interval of 96 % is 0.010 to 0.786, p is 20/512. */
    static const double values[] = {0.952, -0.147, 1.022, 0.430, 0.620, 0.590, 0.490, -0.080, 0.010};
    struct statistics_interval interval;
    assert_true(statistics_interval(values, 9, 0.96, &interval));
    assert_true(fabs(interval.mean - 0.46) < 1e-9);
    assert_true(fabs(interval.low - 0.010) < 1e-9 && fabs(interval.high - 0.786) < 1e-9);
    assert_true(fabs(interval.p_value - 20.0 / 512) < 1e-12);
    assert_true(statistics_at_least(&interval) == interval.low);
}

static void what_is_sure_is_the_nearer_end(void **state)
{
    (void)state;
    struct statistics_interval none = {.low = -0.1, .high = 0.2}, less = {.low = -0.2, .high = -0.1};
    assert_true(statistics_at_least(&none) == 0);
    assert_true(statistics_at_least(&less) == -0.1);
}

static void the_fewest_pairs(void **state)
{
    (void)state;
    static const double values[] = {1, 1.1, 0.9, 1, 1.05, 1.2, 0.8};
    struct statistics_interval interval;
    assert_int_equal(statistics_least_pairs(0.95), STATISTICS_LEAST_PAIRS);
    assert_int_equal(statistics_least_pairs(1 - 0.05 / 2), 7);
    assert_int_equal(statistics_least_pairs(1 - 0.05 / 3), 7);
    assert_int_equal(statistics_least_pairs(0.99), 8);
    assert_false(statistics_interval(values, 6, 1 - 0.05 / 3, &interval));
    assert_true(interval.p_value == 1);
    assert_true(statistics_interval(values, 7, 1 - 0.05 / 3, &interval));
    assert_true(interval.low == 0.8 && interval.high == 1.2);
}

/* A neighbour that was busy in two of ten pairs: the mean would be 0.33. */
static void some_pairs_may_be_far_off(void **state)
{
    (void)state;
    static const double values[] = {0.06, 0.08, 0.07, 1.4, 0.065, 0.075, 0.072, 1.3, 0.068, 0.07};
    struct statistics_interval interval;
    assert_true(statistics_interval(values, 10, 0.95, &interval));
    assert_true(interval.mean > 0.065 && interval.mean < 0.085);
    assert_true(statistics_at_least(&interval) >= 0.06 && statistics_at_least(&interval) <= 0.07);
}

static void few_values_claim_nothing(void **state)
{
    (void)state;
    static const double values[] = {1, 1.1, 0.9, 1, 1.05};
    struct statistics_interval interval;
    assert_false(statistics_interval(values, 5, 0.95, &interval));
    assert_true(interval.p_value == 1);
    assert_false(statistics_interval(values, 0, 0.95, &interval));
}

static void equal_values(void **state)
{
    (void)state;
    static const double none[6] = {0}, some[6] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, few[6] = {0, 0, 0, 0, 0.5, 0.5};
    struct statistics_interval interval;
    assert_true(statistics_interval(none, 6, 0.95, &interval));
    assert_true(interval.p_value == 1 && interval.low == 0 && interval.high == 0);
    assert_true(statistics_interval(some, 6, 0.95, &interval));
    assert_true(interval.p_value == 0 && interval.low == 0.5 && interval.high == 0.5);
    assert_true(statistics_interval(few, 6, 0.95, &interval)); /* ties and zeros: nothing is claimed */
    assert_true(interval.p_value > 0.05 && interval.low == 0 && interval.high == 0.5);
}

/* All pairs have one sign, and are far from 0: what ranks cannot tell after a correction for 100 comparisons is told by
 * the test of the mean; where pairs differ too much for that, it is not. */
static void clear_differences_survive_corrections(void **state)
{
    (void)state;
    static const double clear[] = {0.5, 0.51, 0.49, 0.505, 0.5, 0.495, 0.52},
                        unsure[] = {0.001, 0.02, 0.9, 0.05, 3, 0.4, 0.002};
    struct statistics_interval interval;
    statistics_interval(clear, 7, 0.95, &interval);
    assert_true(interval.p_value < 0.0005);
    statistics_interval(unsure, 7, 0.95, &interval);
    assert_true(interval.p_value == 2.0 / 128);
}

/* What one run takes more than it should, in logarithms. */
static double gaussian(gsl_rng *random)
{
    return gsl_ran_gaussian(random, 0.01);
}

static double skewed(gsl_rng *random)
{
    return exp(gsl_ran_gaussian(random, 1.5)) * 0.01;
}

static double heavy_tailed(gsl_rng *random)
{
    return 0.01 * gsl_ran_tdist(random, 1.5);
}

/* A neighbour stops by in one run of ten, and makes it twice as long on average. */
static double interrupted(gsl_rng *random)
{
    return gsl_ran_gaussian(random, 0.005) + (gsl_rng_uniform(random) < 0.1 ? gsl_ran_exponential(random, 0.7) : 0);
}

/* Either of two speeds, 30 % apart. */
static double two_speeds(gsl_rng *random)
{
    return (gsl_rng_uniform(random) < 0.5 ? 0.26 : 0) + gsl_ran_gaussian(random, 0.003);
}

/* The machine's speed wanders from pair to pair; who runs first, and has the better of it, is random. */
static double wander;
static double wandering(gsl_rng *random)
{
    wander = 0.7 * wander + gsl_ran_gaussian(random, 0.02);
    return (gsl_rng_uniform(random) < 0.5 ? 1 : -1) * wander * 0.3 + gsl_ran_gaussian(random, 0.004);
}

typedef double run_noise(gsl_rng *random);

/* Of many experiments with a known difference, how many intervals miss it, and how many claim that there is one? */
static void count_misses(run_noise *noise, size_t pairs, double difference, double confidence, unsigned *missed,
                         unsigned *claimed)
{
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    double values[64];
    *missed = *claimed = 0;
    for (unsigned i = 0; i < EXPERIMENTS; i++) {
        struct statistics_interval interval;
        for (size_t j = 0; j < pairs; j++)
            values[j] = difference + noise(random) - noise(random);
        assert_true(statistics_interval(values, pairs, confidence, &interval));
        *missed += interval.low > difference || interval.high < difference;
        *claimed += interval.p_value < 1 - confidence;
        assert_int_equal(interval.p_value < 1 - confidence, statistics_at_least(&interval) != 0);
    }
    gsl_rng_free(random);
}

static void intervals_cover_in_any_noise(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        run_noise *noise;
    } noises[] = {{"gaussian", gaussian},       {"skewed", skewed},         {"heavy-tailed", heavy_tailed},
                  {"interrupted", interrupted}, {"two speeds", two_speeds}, {"wandering", wandering}};
    static const size_t sizes[] = {7, 12, 24, 40};
    for (size_t i = 0; i < sizeof noises / sizeof *noises; i++) {
        for (size_t j = 0; j < 4; j++) {
            unsigned missed, claimed, missed_of_three;
            count_misses(noises[i].noise, sizes[j], 0.02, 0.95, &missed, &claimed);
            count_misses(noises[i].noise, sizes[j], 0.02, 1 - 0.05 / 3, &missed_of_three, &claimed);
            print_message("%s, %zu pairs: %u and %u of %u intervals miss\n", noises[i].name, sizes[j], missed,
                          missed_of_three, EXPERIMENTS);
            /* 5 % of 600 are 30 with a standard deviation of 5.3, a third of that 10 with 3.1 */
            assert_true(missed <= 46 && missed_of_three <= 20);
        }
    }
}

static void equal_machines_claim_nothing(void **state)
{
    (void)state;
    unsigned missed, claimed;
    count_misses(gaussian, 10, 0, 0.95, &missed, &claimed);
    print_message("%u of %u experiments without a difference claim one\n", claimed, EXPERIMENTS);
    assert_in_range(claimed, 8, 46);
}

static void power(void **state)
{
    (void)state;
    unsigned missed, claimed;
    count_misses(gaussian, 10, 0.02, 0.95, &missed, &claimed); /* 1.4 standard deviations of a pair */
    print_message("%u of %u experiments find the difference\n", claimed, EXPERIMENTS);
    assert_true(claimed > EXPERIMENTS * 9 / 10);
    count_misses(interrupted, 40, 0.02, 0.95, &missed, &claimed);
    print_message("%u of %u find it beside a neighbour\n", claimed, EXPERIMENTS);
    assert_true(claimed > EXPERIMENTS * 9 / 10);
}

/* --- corrections and blocks --------------------------------------------------------------------------------------- */

static void what_most_keep_to(void **state)
{
    (void)state;
    static const double values[] = {3, 1, 100, 2};
    double distances[1000];
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    assert_true(statistics_median(values, 4) == 2.5 && statistics_median(values, 1) == 3);
    for (size_t i = 0; i < 1000; i++)
        distances[i] = i % 20 ? fabs(gsl_ran_gaussian(random, 1)) : 1000;
    gsl_rng_free(random);
    double usual = statistics_usual_distance(distances, 1000);
    assert_true(usual > 0.9 && usual < 1.2);
    assert_true(statistics_usual_distance(distances, 0) == 0);
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
        cmocka_unit_test(chances_are_exact),
        cmocka_unit_test(ranks_fit_the_confidence),
        cmocka_unit_test(many_values_are_approximated),
        cmocka_unit_test(averages_are_in_order),
        cmocka_unit_test(interval_of_known_values),
        cmocka_unit_test(what_is_sure_is_the_nearer_end),
        cmocka_unit_test(the_fewest_pairs),
        cmocka_unit_test(some_pairs_may_be_far_off),
        cmocka_unit_test(few_values_claim_nothing),
        cmocka_unit_test(equal_values),
        cmocka_unit_test(clear_differences_survive_corrections),
        cmocka_unit_test(intervals_cover_in_any_noise),
        cmocka_unit_test(equal_machines_claim_nothing),
        cmocka_unit_test(power),
        cmocka_unit_test(what_most_keep_to),
        cmocka_unit_test(holm),
        cmocka_unit_test(blocks_are_correlated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
