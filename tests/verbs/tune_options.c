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

#define MOST_WORDS 12

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
    assert_int_equal(settings.goal.objective, GOAL_THROUGHPUT);
    assert_true(settings.goal.max_rss_growth == 100 && !settings.goal.has_growth && settings.goal.max_slowdown < 0);
    const char *command[] = {"--objective", "rss", "--trials=12", "--interleave", "run", "--", "./server",
                             "--budget",    "x",   NULL};
    assert_int_equal(apply(command, &settings), 0);
    assert_string_equal(settings.work.command[0], "./server");
    assert_string_equal(settings.work.command[1], "--budget");
    assert_int_equal(settings.interleave, RACE_RUNS);
    assert_true(settings.trials == 12 && isinf(settings.budget));
    assert_true(settings.goal.max_slowdown == 5 && settings.goal.max_rss_growth < 0);
    const char *unlimited[] = {"--max-rss-growth", "none", "--workload", "larson", NULL};
    assert_int_equal(apply(unlimited, &settings), 0);
    assert_true(settings.goal.max_rss_growth < 0 && settings.goal.has_growth);
    const char *strict[] = {"--objective", "rss", "--max-slowdown", "0%", "--workload", "larson", NULL};
    assert_int_equal(apply(strict, &settings), 0);
    assert_true(settings.goal.max_slowdown == 0);
}

static void bad_lines(void **state)
{
    (void)state;
    static const char *const lines[][MOST_WORDS] = {
        {NULL},
        {"--workload", "ws1", "--", "true", NULL},
        {"--workload", "ws1", "--budget", "9s", "--trials", "9", NULL},
        {"--workload", "ws1", "--max-slowdown", "5", NULL},
        {"--workload", "ws1", "--objective", "rss", "--max-rss-growth", "5", NULL},
        {"--workload", "ws1", "--output", "a", "--journal", "a", NULL},
        {"--ops", "5", "--", "true", NULL},
        {"--threads", "5", "--", "true", NULL},
    };
    struct session_settings settings;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_equal(apply(lines[i], &settings), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(good_lines), cmocka_unit_test(bad_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
