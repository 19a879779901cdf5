/* SPDX-License-Identifier: MIT */
/* Tests of what the engine says of a run besides its time: figures of a program whose figures are known. */
#include "config.h"

#include "cli/machine/counters.h"
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
    assert_between(sample.value[METRIC_LAZY_MEMORY], 4 * MIB, 65 * MIB); /* the kernel may take some of it early */
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

static void the_users_metrics_are_found(void **state)
{
    (void)state;
    const struct metric_set set = {
        .own = {{.name = "last", .pattern = "rate: ([0-9.,]+)"},
                {.name = "sum", .pattern = "rate: ([0-9.,]+)", .gather = METRIC_SUM},
                {.name = "mean", .pattern = "rate: ([0-9.,]+)", .gather = METRIC_MEAN},
                {.name = "most", .pattern = "rate: ([0-9.,]+)", .gather = METRIC_MAX},
                {.name = "whole", .pattern = "[0-9]+ ms$"},
                {.name = "none", .pattern = "nowhere ([0-9]+)"},
                {.name = "either", .pattern = "comma ([0-9,]+)"}},
        .own_count = 7,
    };
    char *const command[] = {(char *)FIGURES,
                             (char *)"print",
                             (char *)"rate: 1",
                             (char *)"2,000\n",
                             (char *)"x rate: 2.5\n3",
                             (char *)"7 ms\n",
                             (char *)"comma 1,5\nrate: 3",
                             NULL};
    const struct workload work = {.command = command};
    const struct race_contender contender = {.label = "one"};
    for (size_t i = 0; i < 2; i++) {
        struct race_result result;
        const struct race_options options = {.metrics = &set, .interleave = both[i]};
        assert_int_equal(race_run(&contender, 1, &work, &options, &result), 0);
        const double *own = &result.sample.value[METRIC_OWN];
        assert_true(own[0] == 3 && own[1] == 12005.5 && fabs(own[2] - 12005.5 / 3) < 1e-9 && own[3] == 12000);
        assert_true(own[4] == 37 && isnan(own[5]) && isnan(own[6]) && isnan(own[7]));
        race_results_clear(&result, 1);
    }
}

static void long_output_is_matched_as_it_comes(void **state)
{
    (void)state;
    const struct metric_set set = {
        .own = {{.name = "last", .pattern = "left: ([0-9]+)"},
                {.name = "first", .pattern = "left: ([0-9]+)", .gather = METRIC_MAX},
                {.name = "sum", .pattern = "left: ([0-9]+)", .gather = METRIC_SUM}},
        .own_count = 3,
    };
    struct metric_sample sample = run("flood 20", &(struct race_options){.metrics = &set});
    assert_true(sample.value[METRIC_OWN] == 1);
    assert_true(sample.value[METRIC_OWN + 1] == 20480);
    assert_true(sample.value[METRIC_OWN + 2] == 20480.0 * 20481 / 2);
}

/* Of a server that uses much before its load, and nothing under it. */
static void a_server_is_measured_under_its_load(void **state)
{
    (void)state;
    const struct workload work = {
        .server = FIGURES " hold 64 200; echo has done its own; sleep 100",
        .load = FIGURES " hold 1 100",
        .ready = {.kind = WORKLOAD_READY_LOG, .text = "has done"},
    };
    const struct race_contender contender = {.label = "one"};
    struct race_result result;
    assert_int_equal(race_run(&contender, 1, &work, &(struct race_options){0}, &result), 0);
    assert_ok(&result);
    assert_between(result.sample.value[METRIC_CPU_TIME], 0, 0.1);
    assert_between(result.sample.value[METRIC_MINOR_FAULTS], 0, 8000);
    assert_between(result.sample.value[METRIC_PEAK_MEMORY], 64 * MIB, 70 * MIB);
    race_results_clear(&result, 1);
}

/* Of a server what its load prints counts. What is shown goes to standard error, here a file. */
static void a_load_is_watched_and_shown(void **state)
{
    (void)state;
    const struct metric_set set = {.own = {{.name = "rate", .pattern = "rate: ([0-9]+)"}}, .own_count = 1};
    const struct workload work = {
        .server = "echo rate: 7; sleep 100",
        .load = "echo rate: 5; exit 0",
        .ready = {.kind = WORKLOAD_READY_EXEC, .text = "true"},
    };
    const struct race_contender contender = {.label = "one"};
    struct race_result result;
    char text[256] = "";
    FILE *shown = tmpfile();
    int kept = dup(STDERR_FILENO);
    assert_non_null(shown);
    dup2(fileno(shown), STDERR_FILENO);
    int held = race_run(&contender, 1, &work, &(struct race_options){.metrics = &set, .show_output = true}, &result);
    dup2(kept, STDERR_FILENO);
    close(kept);
    assert_int_equal(held, 0);
    assert_ok(&result);
    assert_true(result.sample.value[METRIC_OWN] == 5);
    assert_true(pread(fileno(shown), text, sizeof text - 1, 0) > 0);
    assert_non_null(strstr(text, "rate: 5\n"));
    race_results_clear(&result, 1);
    fclose(shown);
}

static void a_pattern_that_is_none_is_refused(void **state)
{
    (void)state;
    const struct metric_set set = {.own = {{.name = "bad", .pattern = "("}}, .own_count = 1};
    const struct race_contender contender = {.label = "one"};
    struct race_result result;
    assert_int_equal(race_run(&contender, 1, &spin_command, &(struct race_options){.metrics = &set}, &result), -1);
    assert_int_equal(errno, EINVAL);
}

static void counters_are_known_or_not_zero(void **state)
{
    (void)state;
    char reason[COUNTERS_REASON];
    double instructions = run_in(RACE_SLICES, "hold 1 50").value[METRIC_INSTRUCTIONS];
    counters_explain(COUNTER_INSTRUCTIONS, reason, sizeof reason);
    print_message("instructions: %g %s\n", instructions, reason);
    assert_true(reason[0] ? isnan(instructions) : instructions > 1000);
}

/* A workload that can time its calls does so where that is wanted. */
static void latency_is_measured_where_it_is_wanted(void **state)
{
    (void)state;
    setenv("HAKMEM_BENCH", BENCH, 1);
    const struct race_contender contender = {.label = "one"};
    for (int wanted = 0; wanted < 2; wanted++) {
        const struct workload timed = {.workload = "ws64", .operations = 200000};
        const struct workload other = {.workload = "fragmentation", .share = 0.01};
        struct race_result result;
        const struct metric_set set = {.latency = wanted};
        const struct race_options options = {.metrics = &set};
        assert_int_equal(race_run(&contender, 1, &timed, &options, &result), 0);
        assert_ok(&result);
        const double *value = result.sample.value;
        assert_true(wanted || isnan(value[METRIC_LATENCY_P50]));
        assert_true(!wanted ||
                    (value[METRIC_LATENCY_P50] > 0 && value[METRIC_LATENCY_P99] >= value[METRIC_LATENCY_P50]));
        assert_true(!wanted || value[METRIC_LATENCY_P9999] >= value[METRIC_LATENCY_P999]);
        race_results_clear(&result, 1);
        assert_int_equal(race_run(&contender, 1, &other, &options, &result), 0);
        assert_ok(&result);
        assert_true(isnan(result.sample.value[METRIC_LATENCY_P50]));
        race_results_clear(&result, 1);
    }
    setenv("HAKMEM_BENCH", SPINNER, 1);
}

/* A workload of one thread has one, and others use some; what is no workload of hakmem-bench is not told apart. */
static void cores_are_those_of_the_measured_work(void **state)
{
    (void)state;
    setenv("HAKMEM_BENCH", BENCH, 1);
    const struct race_contender contender = {.label = "one"};
    for (unsigned threads = 1; threads <= 2; threads++) {
        const struct workload work = {.workload = "ws64", .operations = 3000000, .threads = threads};
        const struct race_options options = {.seed = 1};
        struct race_result result;
        assert_int_equal(race_run(&contender, 1, &work, &options, &result), 0);
        assert_ok(&result);
        if (threads == 1)
            assert_true(result.sample.value[METRIC_CORES] == 1);
        else
            assert_between(result.sample.value[METRIC_CORES], 0.2, 2.2);
        race_results_clear(&result, 1);
    }
    setenv("HAKMEM_BENCH", SPINNER, 1);
    assert_true(isnan(run_in(RACE_SLICES, "hold 1 50").value[METRIC_CORES]));
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
        cmocka_unit_test(the_users_metrics_are_found),
        cmocka_unit_test(long_output_is_matched_as_it_comes),
        cmocka_unit_test(a_server_is_measured_under_its_load),
        cmocka_unit_test(a_load_is_watched_and_shown),
        cmocka_unit_test(a_pattern_that_is_none_is_refused),
        cmocka_unit_test(counters_are_known_or_not_zero),
        cmocka_unit_test(latency_is_measured_where_it_is_wanted),
        cmocka_unit_test(cores_are_those_of_the_measured_work),
    };
    return cmocka_run_group_tests_name("sample", tests, NULL, NULL);
}
