/* SPDX-License-Identifier: MIT */
/* From what was measured to what is said: correction for many comparisons, words, means, labels. */
#include "cli/compare/significance.h"

#include "cli/report/compare_print.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct metric_set no_others = {.own_count = 0};

static struct comparison_entry measured(const char *label, double ratio, double half_percent, double p_value)
{
    return (struct comparison_entry){.label = label,
                                     .seconds = 1,
                                     .has_interval = true,
                                     .ratio = ratio,
                                     .p_value = p_value,
                                     .low = ratio / (1 + half_percent / 100),
                                     .high = ratio * (1 + half_percent / 100)};
}

static struct comparison two(double ratio, double p_value)
{
    struct comparison comparison = {.name = "w", .metric = METRIC_TIME, .metrics = &no_others, .count = 2, .rounds = 8};
    comparison.entries[0] = (struct comparison_entry){.label = "base", .seconds = 1, .ratio = 1};
    comparison.entries[1] = measured("other", ratio, 2, p_value);
    return comparison;
}

static void words(void **state)
{
    (void)state;
    struct comparison comparison = two(1.1, 0.01);
    significance_adjust(&comparison, 1);
    assert_int_equal(verdict_of(&comparison, 0), VERDICT_BASELINE);
    assert_int_equal(verdict_of(&comparison, 1), VERDICT_MORE);
    comparison.metric = METRIC_TIME;
    assert_string_equal(verdict_text(&comparison, VERDICT_MORE), "faster");
    comparison.metric = METRIC_PEAK_MEMORY;
    assert_string_equal(verdict_text(&comparison, VERDICT_MORE), "larger");
    comparison.entries[1].ratio = 0.9;
    comparison.metric = METRIC_TIME;
    assert_string_equal(verdict_text(&comparison, verdict_of(&comparison, 1)), "slower");
    comparison.metric = METRIC_PEAK_MEMORY;
    assert_string_equal(verdict_text(&comparison, verdict_of(&comparison, 1)), "smaller");
    comparison.entries[1].low = 0.8;
    comparison.entries[1].high = 1.001; /* the test says so, the interval does not */
    assert_int_equal(verdict_of(&comparison, 1), VERDICT_NO_DIFFERENCE);
    comparison.entries[1].has_interval = false;
    assert_int_equal(verdict_of(&comparison, 1), VERDICT_TOO_FEW);
    comparison.entries[1].failed = true;
    assert_int_equal(verdict_of(&comparison, 1), VERDICT_FAILED);
}

/* 0.03 alone is a difference; as the best of two workloads it is not. */
static void many_comparisons_are_corrected(void **state)
{
    (void)state;
    struct comparison one = two(1.1, 0.03), both[2] = {two(1.1, 0.03), two(1.0, 0.8)};
    significance_adjust(&one, 1);
    assert_int_equal(verdict_of(&one, 1), VERDICT_MORE);
    significance_adjust(both, 2);
    assert_int_equal(verdict_of(&both[0], 1), VERDICT_NO_DIFFERENCE);
    assert_int_equal(verdict_of(&both[1], 1), VERDICT_NO_DIFFERENCE);
}

static enum worse worse_than(struct comparison comparison, enum metric metric, double low, double high, double percent)
{
    comparison.metric = metric;
    comparison.entries[1].low = low;
    comparison.entries[1].high = high;
    comparison.entries[1].ratio = (low + high) / 2;
    return verdict_worse(&comparison, 1, percent);
}

static void worse_by_the_nearer_end(void **state)
{
    (void)state;
    struct comparison sure = two(0.9, 0.01), unsure = two(0.9, 0.2);
    assert_int_equal(worse_than(sure, METRIC_TIME, 0.93, 0.97, 2), WORSE_YES);
    assert_int_equal(worse_than(sure, METRIC_TIME, 0.93, 0.985, 2), WORSE_UNCLEAR);
    assert_int_equal(worse_than(sure, METRIC_TIME, 0.985, 0.99, 2), WORSE_NO); /* slower, by less */
    assert_int_equal(worse_than(sure, METRIC_TIME, 1.03, 1.1, 2), WORSE_NO);
    assert_int_equal(worse_than(sure, METRIC_TIME, 0.985, 0.99, 0), WORSE_YES);
    assert_int_equal(worse_than(sure, METRIC_PEAK_MEMORY, 1.03, 1.1, 2), WORSE_YES);
    assert_int_equal(worse_than(sure, METRIC_PEAK_MEMORY, 0.99, 1.1, 2), WORSE_UNCLEAR);
    assert_int_equal(worse_than(sure, METRIC_PEAK_MEMORY, 0.93, 0.97, 2), WORSE_NO);
    /* The interval is a contender's own; the verdict is corrected for all of them. */
    assert_int_equal(worse_than(unsure, METRIC_TIME, 0.93, 0.97, 2), WORSE_UNCLEAR);
    sure.entries[1].has_interval = false;
    assert_int_equal(worse_than(sure, METRIC_TIME, 0.93, 0.97, 2), WORSE_UNCLEAR);
    sure.entries[1].failed = true;
    assert_int_equal(worse_than(sure, METRIC_TIME, 0.93, 0.97, 2), WORSE_NO);
    assert_int_equal(verdict_worse(&sure, 0, 0), WORSE_NO);
}

static void the_best_of_the_others(void **state)
{
    (void)state;
    struct comparison comparison = {.name = "w", .metric = METRIC_TIME, .metrics = &no_others, .count = 4, .rounds = 8};
    struct versus versus;
    comparison.entries[0] = (struct comparison_entry){.label = "base", .seconds = 1, .ratio = 1, .peak_resident = 300};
    assert_false(verdict_best_other(&comparison, &versus));
    assert_false(verdict_leanest_other(&comparison, &versus));
    comparison.entries[1] = measured("slow", 0.5, 2, 0.01);
    comparison.entries[1].peak_resident = 100;
    comparison.entries[2] = measured("fast", 0.8, 2, 0.01);
    comparison.entries[2].peak_resident = 200;
    comparison.entries[3] = measured("broken", 5, 2, 0.01);
    comparison.entries[3].failed = true;
    assert_true(verdict_best_other(&comparison, &versus));
    assert_string_equal(versus.label, "fast");
    assert_true(fabs(versus.ratio - 1.25) < 1e-9 && fabs(versus.low - 1.25 / 1.02) < 1e-9 &&
                fabs(versus.high - 1.25 * 1.02) < 1e-9);
    assert_true(verdict_leanest_other(&comparison, &versus));
    assert_string_equal(versus.label, "slow");
    assert_true(fabs(versus.ratio - 3) < 1e-9 && !versus.has_interval);
    comparison.metric = METRIC_PEAK_MEMORY; /* less is better */
    assert_true(verdict_best_other(&comparison, &versus));
    assert_string_equal(versus.label, "slow");
    double mean;
    struct comparison both[2] = {comparison, comparison};
    both[1].entries[1].peak_resident = 900;
    assert_true(verdict_mean_resident(both, 2, 1, &mean));
    assert_true(fabs(mean - 1) < 1e-9); /* a third, and three times as much */
    assert_false(verdict_mean_resident(both, 2, 3, &mean));
}

static void geometric_mean(void **state)
{
    (void)state;
    struct comparison both[2] = {two(2.0, 0.01), two(0.5, 0.01)};
    struct mean_ratio mean;
    assert_true(verdict_mean(both, 2, 1, &mean));
    assert_true(fabs(mean.ratio - 1) < 1e-12);
    assert_true(fabs(log(mean.high) - log(1.02) / sqrt(2)) < 1e-12);
    assert_true(fabs(log(mean.low) + log(1.02) / sqrt(2)) < 1e-12);
    assert_true(mean.has_interval);
    both[1].entries[1].has_interval = false; /* too few rounds: a mean, but no interval */
    assert_true(verdict_mean(both, 2, 1, &mean));
    assert_true(fabs(mean.ratio - 1) < 1e-12 && !mean.has_interval);
    both[1].rounds = 0; /* never begun: left out */
    both[1].entries[1].seconds = 0;
    assert_int_equal(verdict_measured(both, 2), 1);
    assert_true(verdict_mean(both, 2, 1, &mean));
    assert_true(fabs(mean.ratio - 2) < 1e-12 && mean.has_interval);
    both[1].rounds = 3; /* not measured where others were */
    assert_false(verdict_mean(both, 2, 1, &mean));
}

static json_t *as_json(const struct comparison *comparison)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    compare_print(stream, OUTPUT_JSON, comparison, 1);
    fclose(stream);
    json_t *document = json_loads(text, 0, NULL);
    assert_non_null(document);
    free(text);
    return document;
}

static double number_at(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

/* An end that is no number does not cost the contender its place, and all ratios are to the baseline. */
static void json_has_all_contenders(void **state)
{
    (void)state;
    struct comparison comparison = two(1.25, 0.01);
    comparison.count = 3;
    comparison.entries[2] = measured("wild", 1.1, 2, 0.5);
    comparison.entries[2].high = INFINITY;
    json_t *document = as_json(&comparison);
    const json_t *first = json_array_get(json_object_get(document, "comparisons"), 0);
    const json_t *contenders = json_object_get(first, "contenders"), *best = json_object_get(first, "best_other");
    assert_int_equal(json_array_size(contenders), 3);
    assert_true(json_is_null(json_object_get(json_array_get(contenders, 2), "ratio_high")));
    assert_float_equal(number_at(json_array_get(contenders, 1), "ratio"), 1.25, 1e-6);
    assert_float_equal(number_at(best, "ratio"), 1.25, 1e-6);
    assert_float_equal(number_at(best, "ratio_low"), 1.25 / 1.02, 1e-6);
    json_decref(document);
}

static void equal_labels_are_told_apart(void **state)
{
    (void)state;
    struct contender contenders[4] = {
        {.label = strdup("a")}, {.label = strdup("a (2)")}, {.label = strdup("a")}, {.label = strdup("a")}};
    contenders_tell_apart(contenders, 4);
    assert_string_equal(contenders[0].label, "a");
    assert_string_equal(contenders[1].label, "a (2)");
    assert_string_equal(contenders[2].label, "a (3)");
    assert_string_equal(contenders[3].label, "a (4)");
    contenders_clear(contenders, 4);
}

static void contender_words(void **state)
{
    (void)state;
    struct contender contender;
    char message[1024] = "";
    assert_true(contender_parse(&contender, "lib:glibc", NULL, message, sizeof message));
    assert_string_equal(contender.label, "lib:glibc");
    assert_null(contender.library);
    contenders_clear(&contender, 1);
    assert_true(contender_parse(&contender, "mine=lib:glibc", NULL, message, sizeof message));
    assert_string_equal(contender.label, "mine");
    contenders_clear(&contender, 1);
    assert_false(contender_parse(&contender, "lib:/nonexistent/a=b.so", NULL, message, sizeof message));
    assert_non_null(strstr(message, "/nonexistent/a=b.so"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(many_comparisons_are_corrected),
        cmocka_unit_test(worse_by_the_nearer_end),
        cmocka_unit_test(the_best_of_the_others),
        cmocka_unit_test(geometric_mean),
        cmocka_unit_test(json_has_all_contenders),
        cmocka_unit_test(equal_labels_are_told_apart),
        cmocka_unit_test(contender_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
