/* SPDX-License-Identifier: MIT */
/* Tests of what the engine says of a run besides its time: figures of a program whose figures are known. */
#include "config.h"

#include "tests/race/marked.h"

#include <math.h>

#define MIB ((double)(1 << 20))

static const enum race_interleave both[] = {RACE_SLICES, RACE_RUNS};

/* A race of the program, called with WORDS, against itself; returns the first one's figures. */
static struct metric_sample run(const char *words, const struct race_options *options)
{
    const struct race_contender contenders[] = {{.label = "one"}, {.label = "other"}};
    char text[256], *argv[16] = {(char *)FIGURES}, *rest = text;
    snprintf(text, sizeof text, "%s", words);
    for (int i = 1; i < 15 && (argv[i] = strsep(&rest, " ")); i++)
        continue;
    const struct workload work = {.command = argv};
    struct race_result results[2];
    assert_int_equal(race_run(contenders, 2, &work, options, results), 0);
    assert_ok(&results[0]);
    struct metric_sample sample = results[0].sample;
    race_results_clear(results, 2);
    assert_nothing_left();
    return sample;
}

static struct metric_sample run_in(enum race_interleave interleave, const char *words)
{
    return run(words, &(struct race_options){.seed = 1, .interleave = interleave});
}

static void assert_between(double value, double low, double high)
{
    if (!(value >= low && value <= high))
        print_message("%g is not from %g to %g\n", value, low, high);
    assert_true(value >= low && value <= high);
}

static void the_mean_is_over_the_active_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct metric_sample sample = run_in(both[i], "hold 64 150");
        assert_between(sample.value[METRIC_MEAN_MEMORY], 20 * MIB, 50 * MIB);
        assert_between(sample.value[METRIC_PEAK_MEMORY], 64 * MIB, 70 * MIB);
        assert_true(isnan(sample.value[METRIC_IDLE_MEMORY]));
        assert_true(sample.value[METRIC_LAZY_MEMORY] == 0);
    }
}

static void shared_pages_count_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct metric_sample sample = run_in(both[i], "copies 4 48 200");
        assert_between(sample.value[METRIC_PEAK_MEMORY], 48 * MIB, 60 * MIB);
        assert_between(sample.value[METRIC_MEAN_MEMORY], 30 * MIB, 60 * MIB);
    }
}

static void what_two_have_at_once_is_added_up(void **state)
{
    (void)state;
    /* The last millisecond of their growth may be missed, on a machine that others use some more. */
    double most = 0;
    for (int i = 0; i < 3; i++)
        most = fmax(most, run_in(RACE_SLICES, "pair 60").value[METRIC_PEAK_MEMORY]);
    assert_between(most, 112 * MIB, 126 * MIB);
}

static void lazily_freed_pages_are_apart(void **state)
{
    (void)state;
    struct metric_sample sample = run_in(RACE_SLICES, "lazy 64 500");
    if (sample.value[METRIC_LAZY_MEMORY] == 0) {
        print_message("the kernel has taken what was freed lazily at once\n");
        skip();
    }
    assert_between(sample.value[METRIC_LAZY_MEMORY], 32 * MIB, 65 * MIB);
    assert_between(sample.value[METRIC_MEAN_MEMORY], 0, 32 * MIB);
}

/* It is not what this process has, nor what a program has before it has begun. */
static void assert_own_peak_or_none(enum race_interleave interleave)
{
    double peak = run_in(interleave, "nothing").value[METRIC_PEAK_MEMORY];
    if (!isnan(peak))
        assert_between(peak, 0.5 * MIB, 30 * MIB);
}

static void a_tiny_program_has_its_own_peak_or_none(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        assert_own_peak_or_none(both[i % 2]);
    char *ours = calloc(1, 40u << 20); /* which its copy has, until it executes */
    assert_non_null(ours);
    for (size_t i = 0; i < 40u << 20; i += 4096)
        ours[i] = 1;
    for (int i = 0; i < 40; i++)
        assert_own_peak_or_none(both[i % 2]);
    double peak = run_in(RACE_SLICES, "hold 1 200").value[METRIC_PEAK_MEMORY];
    assert_between(peak, 1 * MIB, 30 * MIB);
    free(ours);
}

static void faults_are_counted(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        double few = run_in(both[i], "touch 1").value[METRIC_MINOR_FAULTS];
        double many = run_in(both[i], "touch 5000").value[METRIC_MINOR_FAULTS];
        assert_between(few, 1, 2000);
        assert_between(many - few, 4900, 5100);
        assert_true(run_in(both[i], "touch 1").value[METRIC_MAJOR_FAULTS] >= 0);
    }
}

static void stops_are_no_switches(void **state)
{
    (void)state;
    struct metric_sample sample = run_in(RACE_SLICES, "hold 1 200");
    assert_between(sample.value[METRIC_VOLUNTARY_SWITCHES], 0, 20); /* of some 50 stops */
    assert_true(sample.value[METRIC_INVOLUNTARY_SWITCHES] >= 0);
    assert_between(run_in(RACE_RUNS, "nap 100").value[METRIC_VOLUNTARY_SWITCHES], 100, 160);
}

int main(void)
{
    mark_processes();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mean_is_over_the_active_time),
        cmocka_unit_test(shared_pages_count_once),
        cmocka_unit_test(what_two_have_at_once_is_added_up),
        cmocka_unit_test(lazily_freed_pages_are_apart),
        cmocka_unit_test(a_tiny_program_has_its_own_peak_or_none),
        cmocka_unit_test(faults_are_counted),
        cmocka_unit_test(stops_are_no_switches),
    };
    return cmocka_run_group_tests_name("sample", tests, NULL, NULL);
}
