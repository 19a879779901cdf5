/* SPDX-License-Identifier: MIT */
/* Strategies on functions whose optimum is known. */
#include "config.h"

#include "cli/strategy/strategy.h"

#include "cli/search_space/seeds.h"
#include "tests/search_space/profile_space.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define EVALUATIONS 72
#define AT_A_TIME 6
#define REPEATS 12

static struct space space;
static struct space_point first_points[16];
static size_t first_count;

static int make_space(void **state)
{
    (void)state;
    profile_space_init(&space, &usual_machine);
    first_count = space_seeds(&space, false, first_points, 16);
    return 0;
}

/* A hill in all dimensions, away from the default and from every seed; 0 at its top. */
static double hill(const struct space_point *point)
{
    double unit[SPACE_MAX_DIMENSIONS], sum = 0;
    space_to_unit(&space, point, unit);
    for (size_t i = 0; i < space.count; i++) {
        double top = 0.2 + 0.6 * fmod(0.37 * (double)(i + 1), 1);
        sum -= (unit[i] - top) * (unit[i] - top);
    }
    return sum;
}

/* The best true value that a strategy has seen after EVALUATIONS noisy answers. */
static double best_found(const char *name, uint64_t seed)
{
    struct strategy_settings settings = {&space, seed, first_points, first_count};
    struct strategy *strategy = strategy_new(name, &settings);
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random, (unsigned long)seed);
    struct space_point standard = space_default(&space), points[AT_A_TIME];
    double best = -INFINITY, base = hill(&standard);
    for (size_t done = 0; done < EVALUATIONS; done += AT_A_TIME) {
        size_t count = strategy_ask(strategy, points, AT_A_TIME);
        assert_int_equal(count, AT_A_TIME);
        for (size_t i = 0; i < count; i++) {
            struct strategy_result result = {points[i], hill(&points[i]) - base + gsl_ran_gaussian(random, 0.02), 0.02};
            strategy_tell(strategy, &result);
            best = fmax(best, hill(&points[i]));
        }
    }
    gsl_rng_free(random);
    strategy_free(strategy);
    return best;
}

static double mean_found(const char *name)
{
    double mean = 0;
    for (uint64_t seed = 1; seed <= REPEATS; seed++)
        mean += best_found(name, seed) / REPEATS;
    print_message("%s: %.3f from the top\n", name, -mean);
    return mean;
}

static void local_beats_random(void **state)
{
    (void)state;
    struct space_point standard = space_default(&space);
    double random = mean_found("random"), local = mean_found("local");
    assert_true(local > hill(&standard));
    assert_true(-local < 0.75 * -random); /* a quarter nearer to the top, on average */
    mean_found("sobol");
}

static void never_the_same_point(const char *name)
{
    struct strategy_settings settings = {&space, 5, first_points, first_count};
    struct strategy *strategy = strategy_new(name, &settings);
    static struct space_point points[200];
    struct space_point standard = space_default(&space);
    struct strategy_result told = {space_default(&space), 0.1, 0.01};
    told.point.level[0] = 0;
    space_repair(&space, &told.point);
    strategy_tell(strategy, &told);
    size_t count = 0;
    while (count < 200) {
        size_t asked = strategy_ask(strategy, points + count, 10);
        assert_int_equal(asked, 10);
        for (size_t i = count; i < count + asked; i++) {
            struct strategy_result result = {points[i], i % 7 ? hill(&points[i]) : -INFINITY, 0.01};
            strategy_tell(strategy, &result);
        }
        count += asked;
    }
    for (size_t i = 0; i < count; i++) {
        struct space_point repaired = points[i];
        space_repair(&space, &repaired);
        assert_true(space_equal(&space, &repaired, &points[i]));
        assert_false(space_equal(&space, &points[i], &standard));
        assert_false(space_equal(&space, &points[i], &told.point));
        for (size_t j = 0; j < i; j++)
            assert_false(space_equal(&space, &points[i], &points[j]));
    }
    strategy_free(strategy);
}

static void nothing_twice(void **state)
{
    (void)state;
    never_the_same_point("local");
    never_the_same_point("sobol");
    never_the_same_point("random");
}

static void same_seed_same_questions(void **state)
{
    (void)state;
    static const char *const names[] = {"local", "sobol", "random"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(best_found(names[i], 9) == best_found(names[i], 9));
        struct strategy_settings one = {&space, 1, first_points, first_count},
                                 two = {&space, 2, first_points, first_count};
        struct strategy *first = strategy_new(names[i], &one), *second = strategy_new(names[i], &two);
        struct space_point a[20], b[20];
        strategy_ask(first, a, 20);
        strategy_ask(second, b, 20);
        assert_memory_not_equal(a, b, sizeof a);
        strategy_free(first);
        strategy_free(second);
    }
}

static void unknown_names(void **state)
{
    (void)state;
    struct strategy_settings settings = {&space, 1, first_points, first_count};
    assert_null(strategy_new("bayes", &settings));
    assert_null(strategy_new("", &settings));
}

/* A space of a handful of points is used up, and said to be. */
static void small_space_ends(void **state)
{
    (void)state;
    struct space small = space;
    small.count = 1;
    struct strategy_settings settings = {&small, 1, NULL, 0};
    static const char *const names[] = {"local", "sobol", "random"};
    for (size_t i = 0; i < 3; i++) {
        struct strategy *strategy = strategy_new(names[i], &settings);
        struct space_point points[64];
        size_t count = strategy_ask(strategy, points, 64);
        assert_true(count > 0 && count < small.dimension[0].count);
        assert_int_equal(strategy_ask(strategy, points, 64), 0);
        strategy_free(strategy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_beats_random),       cmocka_unit_test(nothing_twice),
        cmocka_unit_test(same_seed_same_questions), cmocka_unit_test(unknown_names),
        cmocka_unit_test(small_space_ends),
    };
    return cmocka_run_group_tests(tests, make_space, NULL);
}
