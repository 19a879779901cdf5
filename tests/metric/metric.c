/* SPDX-License-Identifier: MIT */
/* Names lead to metrics, gains point in one direction, the cost of a run is that of its processors and its memory. */
#include "config.h"

#include "cli/metric/metric.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MIB (1024.0 * 1024)
#define GIB (1024 * MIB)

static const struct metric_set with_own = {
    .own = {{"rps", "([0-9]+)", true, METRIC_LAST}, {"p99", "x", false, METRIC_MAX}}, .own_count = 2};

static void every_name_leads_to_its_metric(void **state)
{
    (void)state;
    for (enum metric metric = 0; metric < METRIC_OWN; metric++) {
        assert_non_null(metric_name(&with_own, metric));
        assert_non_null(metric_row(metric)->title);
        assert_int_equal(metric_find(&with_own, metric_name(&with_own, metric)), metric);
    }
    assert_int_equal(metric_find(&with_own, "rps"), METRIC_OWN);
    assert_int_equal(metric_find(&with_own, "p99"), METRIC_OWN + 1);
    assert_int_equal(metric_find(&with_own, "nonsense"), METRIC_NONE);
    assert_int_equal(metric_find(&(struct metric_set){.own_count = 0}, "rps"), METRIC_NONE);
}

static void old_names_are_known(void **state)
{
    (void)state;
    assert_int_equal(metric_find(&with_own, "throughput"), METRIC_TIME);
    assert_int_equal(metric_find(&with_own, "rss"), METRIC_PEAK_MEMORY);
}

static void a_gain_is_above_zero_where_it_is_better(void **state)
{
    (void)state;
    assert_true(fabs(metric_gain(&with_own, METRIC_TIME, 2, 1) - log(2)) < 1e-12);
    assert_true(fabs(metric_gain(&with_own, METRIC_OWN, 1, 2) - log(2)) < 1e-12);
    assert_true(metric_gain(&with_own, METRIC_OWN + 1, 1, 2) < 0);
    assert_true(metric_gain(&with_own, METRIC_MAJOR_FAULTS, 0, 0) == 0);
    assert_true(isnan(metric_gain(&with_own, METRIC_MAJOR_FAULTS, 0, 5)));
    assert_true(isnan(metric_gain(&with_own, METRIC_TIME, NAN, 1)));
    assert_true(fabs(metric_change(&with_own, METRIC_TIME, log(2)) + 50) < 1e-9);
    assert_true(fabs(metric_change(&with_own, METRIC_OWN, log(2)) - 100) < 1e-9);
    assert_false(signbit(metric_change(&with_own, METRIC_TIME, 0)));
}

static struct metric_sample run(double seconds, double cpu, double bytes)
{
    struct metric_sample sample = metric_unknown();
    sample.value[METRIC_TIME] = seconds;
    sample.value[METRIC_CPU_TIME] = cpu;
    sample.value[METRIC_MEAN_MEMORY] = bytes;
    return sample;
}

static void a_core_costs_what_so_much_memory_costs(void **state)
{
    (void)state;
    struct metric_sample busy = run(2, 2, 7.5 * GIB), idle = run(2, 0, 7.5 * GIB), small = run(10, 10, 5 * MIB);
    struct metric_set cheap_core = {.core_worth = 3.75 * GIB};
    assert_true(fabs(metric_cost_rate(&with_own, &busy) - 2) < 1e-12);
    assert_true(fabs(metric_cost_rate(&with_own, &idle) - 1) < 1e-12);
    assert_true(fabs(metric_cost_rate(&cheap_core, &idle) - 2) < 1e-12);
    assert_true(metric_cost_rate(&with_own, &small) < 1.001);
}

static void the_peak_counts_where_the_mean_is_not_known(void **state)
{
    (void)state;
    struct metric_sample sample = run(1, 1, NAN);
    assert_true(fabs(metric_cost_rate(&with_own, &sample) - 1) < 1e-12); /* nor the peak */
    sample.value[METRIC_PEAK_MEMORY] = 15 * GIB;
    assert_true(fabs(metric_cost_rate(&with_own, &sample) - 3) < 1e-12);
}

/* What a run took before and after its measured work says nothing of it. */
static void the_cores_of_the_measured_work_count(void **state)
{
    (void)state;
    struct metric_sample baseline = run(2, 2, MIB), own = run(2, 1, MIB);
    baseline.value[METRIC_CORES] = own.value[METRIC_CORES] = 1;
    struct metric_sample gains = metric_gains(&with_own, &baseline, &own, log(1.1), true);
    assert_true(fabs(gains.value[METRIC_COST] - log(1.1)) < 1e-12);
    assert_true(fabs(gains.value[METRIC_CPU_TIME] - log(1.1)) < 1e-12);
    own.value[METRIC_CORES] = 2;
    gains = metric_gains(&with_own, &baseline, &own, log(1.1), true);
    assert_true(fabs(gains.value[METRIC_CPU_TIME] - log(1.1 / 2)) < 1e-12);
}

static void memory_that_one_does_not_know_costs_neither(void **state)
{
    (void)state;
    struct metric_sample baseline = run(1, 1, NAN), own = run(1, 1, 7.5 * GIB);
    struct metric_sample gains = metric_gains(&with_own, &baseline, &own, 0, true);
    assert_true(fabs(gains.value[METRIC_COST]) < 1e-12);
}

static void figures_have_their_units(void **state)
{
    (void)state;
    char text[METRIC_TEXT];
    assert_string_equal(metric_format(METRIC_TIME, 0.4821, text, sizeof text), "482 ms");
    assert_string_equal(metric_format(METRIC_TIME, 12.345, text, sizeof text), "12.3 s");
    assert_string_equal(metric_format(METRIC_PEAK_MEMORY, 1.5 * MIB, text, sizeof text), "1.5 MiB");
    assert_string_equal(metric_format(METRIC_LATENCY_P99, 119.6, text, sizeof text), "120 ns");
    assert_string_equal(metric_format(METRIC_MINOR_FAULTS, 1234567, text, sizeof text), "1,234,567");
    assert_string_equal(metric_format(METRIC_MINOR_FAULTS, 12, text, sizeof text), "12");
    assert_string_equal(metric_format(METRIC_OWN, 12.5, text, sizeof text), "12.5");
    assert_string_equal(metric_format(METRIC_TIME, NAN, text, sizeof text), "-");
}

/* Half the time at the same share of the processors, and in all of the run half as much memory again. */
static void gains_of_a_part_are_those_of_a_second(void **state)
{
    (void)state;
    struct metric_sample was = run(2, 1, 2 * GIB), is = run(1, 0.5, 3 * GIB);
    was.value[METRIC_PEAK_MEMORY] = 4 * GIB;
    is.value[METRIC_PEAK_MEMORY] = 2 * GIB;
    struct metric_sample whole = metric_gains(&with_own, &was, &is, log(2), true);
    struct metric_sample part = metric_gains(&with_own, &was, &is, log(2), false);
    double rates = metric_cost_rate(&with_own, &was) / metric_cost_rate(&with_own, &is);
    assert_true(fabs(whole.value[METRIC_PEAK_MEMORY] - log(2)) < 1e-12 && isnan(part.value[METRIC_PEAK_MEMORY]));
    assert_true(fabs(part.value[METRIC_CPU_TIME] - log(2)) < 1e-12);
    assert_true(fabs(part.value[METRIC_MEAN_MEMORY] + log(1.5)) < 1e-12);
    assert_true(fabs(part.value[METRIC_COST] - log(2) - log(rates)) < 1e-12);
    assert_true(fabs(metric_with_cost(&with_own, &was).value[METRIC_COST] - (1 + 2 * 2 / 7.5)) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gains_of_a_part_are_those_of_a_second),
        cmocka_unit_test(every_name_leads_to_its_metric),
        cmocka_unit_test(old_names_are_known),
        cmocka_unit_test(a_gain_is_above_zero_where_it_is_better),
        cmocka_unit_test(a_core_costs_what_so_much_memory_costs),
        cmocka_unit_test(the_peak_counts_where_the_mean_is_not_known),
        cmocka_unit_test(the_cores_of_the_measured_work_count),
        cmocka_unit_test(memory_that_one_does_not_know_costs_neither),
        cmocka_unit_test(figures_have_their_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
