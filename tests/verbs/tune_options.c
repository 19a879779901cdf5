/* SPDX-License-Identifier: MIT */
/* Which options go together, and what they amount to. What is printed goes to stderr, where verbs.tap looks at it; the
 * status is asserted. */
#include "config.h"

#include "cli/verbs/tune_options.h"

#include "cli/options/parse.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MOST_WORDS 16

/* What WORDS amount to. */
static int apply(const char *const *words, struct session_settings *settings)
{
    static char *argv[MOST_WORDS + 2];
    static struct options options;
    size_t count = 1;
    argv[0] = (char *)"tune";
    for (; words[count - 1]; count++)
        argv[count] = (char *)words[count - 1];
    argv[count] = NULL;
    int status = options_parse(VERB_TUNE, argv, &options);
    return status ? status : tune_options_apply(&options, settings);
}

static void good_lines(void **state)
{
    (void)state;
    struct session_settings settings;
    const char *workload[] = {"--workload", "ws8192", NULL};
    assert_int_equal(apply(workload, &settings), 0);
    assert_string_equal(settings.work.workload, "ws8192");
    assert_true(settings.budget == 60 && settings.trials == 0 && settings.seed == 1);
    assert_int_equal(settings.goal.objective, METRIC_COST);
    assert_true(settings.goal.limit_count == 0 && !settings.goal.is_front);
    const char *command[] = {"--objective", "rss", "--trials=12", "--interleave", "run", "--", "./server",
                             "--budget",    "x",   NULL};
    assert_int_equal(apply(command, &settings), 0);
    assert_string_equal(settings.work.command[0], "./server");
    assert_string_equal(settings.work.command[1], "--budget");
    assert_int_equal(settings.interleave, RACE_RUNS);
    assert_true(settings.trials == 12 && isinf(settings.budget));
    assert_int_equal(settings.goal.objective, METRIC_PEAK_MEMORY);
}

static bool has_limit(const struct goal *goal, enum metric metric, double percent)
{
    for (size_t i = 0; i < goal->limit_count; i++)
        if (goal->limits[i].metric == metric)
            return goal->limits[i].percent == percent && goal->limits[i].is_given;
    return false;
}

static void goals(void **state)
{
    (void)state;
    struct session_settings settings;
    const char *front[] = {"--objective", "front", "--core-worth", "2GiB", "--workload", "larson", NULL};
    assert_int_equal(apply(front, &settings), 0);
    assert_true(settings.goal.is_front && settings.goal.objective == METRIC_COST);
    assert_true(settings.goal.metrics.core_worth == 2.0 * (1 << 30));
    const char *limited[] = {"--max-rss-growth", "none",       "--limit",    "time=2.5%", "--limit", "peak-memory=7",
                             "--limit",          "cpu-time=0", "--workload", "larson",    NULL};
    assert_int_equal(apply(limited, &settings), 0);
    assert_true(has_limit(&settings.goal, METRIC_PEAK_MEMORY, 7) && has_limit(&settings.goal, METRIC_TIME, 2.5) &&
                has_limit(&settings.goal, METRIC_CPU_TIME, 0) && settings.goal.limit_count == 3);
    const char *lifted[] = {"--objective", "time", "--limit", "rss=none", "--workload", "larson", NULL};
    assert_int_equal(apply(lifted, &settings), 0);
    assert_true(has_limit(&settings.goal, METRIC_PEAK_MEMORY, GOAL_NO_LIMIT));
    tune_options_clear(&settings);
}

static void own_metrics(void **state)
{
    (void)state;
    struct session_settings settings;
    const char *own[] = {"--metric",    "rps,higher,mean=([0-9.]+) requests",
                         "--metric",    "wait=(x|[0-9]+)=ms",
                         "--objective", "rps",
                         "--",          "./load",
                         NULL};
    assert_int_equal(apply(own, &settings), 0);
    const struct metric_set *set = &settings.goal.metrics;
    assert_int_equal(set->own_count, 2);
    assert_string_equal(set->own[0].name, "rps");
    assert_string_equal(set->own[0].pattern, "([0-9.]+) requests");
    assert_true(set->own[0].more_is_better && set->own[0].gather == METRIC_MEAN);
    assert_string_equal(set->own[1].pattern, "(x|[0-9]+)=ms");
    assert_true(!set->own[1].more_is_better && set->own[1].gather == METRIC_LAST);
    assert_int_equal(settings.goal.objective, METRIC_OWN);
    assert_int_equal(settings.interleave, RACE_RUNS); /* the load's own clock does not stand still between turns */
    tune_options_clear(&settings);
    const char *beside[] = {"--metric", "rps=([0-9]+)", "--better", "higher", "--", "./load", NULL};
    assert_int_equal(apply(beside, &settings), 0);
    assert_true(settings.goal.metrics.own[0].more_is_better && settings.interleave == RACE_RUNS);
    tune_options_clear(&settings);
}

static void bad_lines(void **state)
{
    (void)state;
    static const char *const lines[][MOST_WORDS] = {
        {NULL},
        {"--workload", "ws1", "--", "true", NULL},
        {"--workload", "ws1", "--budget", "9s", "--trials", "9", NULL},
        {"--workload", "ws1", "--objective", "beauty", NULL},
        {"--workload", "ws1", "--objective", "lazy-memory", NULL}, /* it cannot be a goal */
        {"--workload", "ws1", "--objective", "idle-memory", NULL},
        {"--objective", "latency-p99", "--", "true", NULL},
        {"--limit", "latency-p50=5", "--", "true", NULL},
        {"--limit", "time", "--", "true", NULL},
        {"--limit", "time=-5", "--", "true", NULL},
        {"--limit", "beauty=5", "--", "true", NULL},
        {"--core-worth", "much", "--", "true", NULL},
        {"--metric", "rps", "--", "true", NULL},
        {"--metric", "rps=", "--", "true", NULL},
        {"--metric", "rps=[0-9]+", "--", "true", NULL},
        {"--metric", "rps=([0-9]+", "--", "true", NULL},
        {"--metric", "rps,best=([0-9]+)", "--", "true", NULL},
        {"--metric", "time=([0-9]+)", "--", "true", NULL},
        {"--metric", "peak_memory=([0-9]+)", "--", "true", NULL},
        {"--metric", "my-x=([0-9]+)", "--metric", "my_x=([0-9]+)", "--", "true", NULL},
        {"--metric", "9=([0-9]+)", "--", "true", NULL},
        {"--metric", "rps=([0-9]+)", "--objective", "rps", "--workload", "ws1", NULL},
        {"--workload", "ws1", "--output", "a", "--journal", "a", NULL},
        {"--ops", "5", "--", "true", NULL},
        {"--threads", "5", "--", "true", NULL},
    };
    struct session_settings settings;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        settings.goal.metrics.own_count = 0;
        assert_int_equal(apply(lines[i], &settings), 2);
        tune_options_clear(&settings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(good_lines), cmocka_unit_test(goals),
                                       cmocka_unit_test(own_metrics), cmocka_unit_test(bad_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
