/* SPDX-License-Identifier: MIT */
/* Values on the command line, and which options go together. What is printed goes to stderr and is looked at by eye;
 * the status is asserted. */
#include "config.h"

#include "cli/verbs/options.h"

#include "cli/verbs/tune_options.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"60s", 60}, {"2m", 120}, {"90", 90}, {"1.5m", 90}, {"500ms", 0.5}, {"1h", 3600}};
    static const char *const bad[] = {"", "0", "0s", "-1s", "s", "1 s", "1x", "inf", "nan", "1e999", " 1", "0x10"};
    double seconds = 7;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(option_duration(bad[i], &seconds));
    assert_true(seconds == 7);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(option_duration(good[i].text, &seconds) && fabs(seconds - good[i].seconds) < 1e-9);
}

static void numbers(void **state)
{
    (void)state;
    uint64_t number = 0;
    double percent = 0;
    assert_true(option_number("18446744073709551615", &number) && number == UINT64_MAX);
    assert_false(option_number("18446744073709551616", &number));
    assert_false(option_number("-1", &number));
    assert_false(option_number("1.5", &number));
    assert_false(option_number("", &number));
    assert_true(option_percent("5", &percent) && percent == 5);
    assert_true(option_percent("2.5%", &percent) && percent == 2.5);
    assert_true(option_percent("0", &percent) && percent == 0);
    assert_false(option_percent("-5", &percent));
    assert_false(option_percent("5 %", &percent));
    assert_false(option_percent("five", &percent));
}

#define MOST_WORDS 12

static int parse(const char *const *words, struct tune_options *options)
{
    static char *argv[MOST_WORDS + 2];
    int argc = 1;
    argv[0] = (char *)"tune";
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)words[argc - 1];
    argv[argc] = NULL;
    return tune_options_parse(argc, argv, options);
}

static void good_lines(void **state)
{
    (void)state;
    struct tune_options options;
    const char *workload[] = {"--workload", "ws8192", NULL};
    assert_int_equal(parse(workload, &options), 0);
    assert_string_equal(options.work.workload, "ws8192");
    assert_true(options.budget == 60 && options.trials == 0 && options.seed == 1);
    assert_int_equal(options.goal.objective, GOAL_THROUGHPUT);
    assert_true(options.goal.max_rss_growth == 100 && options.goal.max_slowdown < 0);
    const char *command[] = {"--objective", "rss", "--trials=12", "--interleave", "run", "--", "./server",
                             "--budget",    "x",   NULL};
    assert_int_equal(parse(command, &options), 0);
    assert_string_equal(options.work.command[0], "./server");
    assert_string_equal(options.work.command[1], "--budget");
    assert_int_equal(options.interleave, RACE_RUNS);
    assert_true(options.trials == 12 && isinf(options.budget));
    assert_true(options.goal.max_slowdown == 5);
    const char *unlimited[] = {"--max-rss-growth", "none", "--workload", "larson", NULL};
    assert_int_equal(parse(unlimited, &options), 0);
    assert_true(options.goal.max_rss_growth < 0);
    const char *strict[] = {"--objective", "rss", "--max-slowdown", "0%", "--workload", "larson", NULL};
    assert_int_equal(parse(strict, &options), 0);
    assert_true(options.goal.max_slowdown == 0);
}

static void bad_lines(void **state)
{
    (void)state;
    static const char *const lines[][MOST_WORDS] = {
        {NULL},
        {"--workload", "ws1", "--", "true", NULL},
        {"--workload", NULL},
        {"--workload", "", NULL},
        {"--", NULL},
        {"ls", NULL},
        {"--workload", "ws1", "extra", NULL},
        {"--workload", "ws1", "--budget", "soon", NULL},
        {"--workload", "ws1", "--budget", "0", NULL},
        {"--workload", "ws1", "--budget", "10001h", NULL},
        {"--workload", "ws1", "--seed", "9223372036854775808", NULL},
        {"--workload", "ws1", "--ops", "1000000000000001", NULL},
        {"--workload", "ws1", "--threads", "1025", NULL},
        {"-workload", "ws1", NULL},
        {"--", "", NULL},
        {"--workload", "ws1", "--budget", "9s", "--trials", "9", NULL},
        {"--workload", "ws1", "--trials", "0", NULL},
        {"--workload", "ws1", "--seed", "-1", NULL},
        {"--workload", "ws1", "--strategy", "bayes", NULL},
        {"--workload", "ws1", "--strategy", "magic", NULL},
        {"--workload", "ws1", "--objective", "pareto", NULL},
        {"--workload", "ws1", "--objective", "beauty", NULL},
        {"--workload", "ws1", "--max-slowdown", "5", NULL},
        {"--workload", "ws1", "--objective", "rss", "--max-rss-growth", "5", NULL},
        {"--workload", "ws1", "--interleave", "both", NULL},
        {"--workload", "ws1", "--format", "xml", NULL},
        {"--workload", "ws1", "--jobs", "2", NULL},
        {"--workload", "ws1", "--launcher", "numactl", NULL},
        {"--trace", "file", NULL},
        {"--workload", "ws1", "--output", "a", "--journal", "a", NULL},
        {"--ops", "5", "--", "true", NULL},
        {"--threads", "5", "--", "true", NULL},
        {"--workload", "ws1", "--nonsense", NULL},
        {"--workload", "ws1", "--resume=yes", NULL},
        {"-x", NULL},
    };
    struct tune_options options;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_equal(parse(lines[i], &options), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(durations), cmocka_unit_test(numbers),
                                       cmocka_unit_test(good_lines), cmocka_unit_test(bad_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
