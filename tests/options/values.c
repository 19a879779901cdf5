/* SPDX-License-Identifier: MIT */
/* Values on the command line. */
#include "config.h"

#include "cli/options/values.h"

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

static const struct option_choice colours[] = {{"red", 3}, {"green", 5}, {NULL, 0}};

/* A row of KIND that is stored in FIELD. */
#define ROW(field_kind, field, ...)                                                                                    \
    {                                                                                                                  \
        .name = "row", .kind = field_kind, .offset = offsetof(struct options, field), .argument = "VALUE", __VA_ARGS__ \
    }

static void values_of_every_kind(void **state)
{
    (void)state;
    static const struct option_row text = ROW(OPTION_TEXT, workload), list = ROW(OPTION_LIST, outputs),
                                   choice = ROW(OPTION_CHOICE, format, .choices = colours),
                                   name = ROW(OPTION_NAME, strategy, .choices = colours),
                                   number = ROW(OPTION_NUMBER, seed, .least = 2, .most = 4),
                                   percent = ROW(OPTION_PERCENT, max_slowdown),
                                   unlimited = ROW(OPTION_PERCENT, max_rss_growth, .has_none = true);
    struct options options = {0};
    assert_true(option_store(&text, "x", &options) && !option_store(&text, "", &options));
    assert_string_equal(options.workload, "x");
    assert_true(option_store(&choice, "green", &options) && !option_store(&choice, "blue", &options));
    assert_int_equal(options.format, 5);
    assert_true(option_store(&name, "red", &options) && !option_store(&name, "re", &options));
    assert_string_equal(options.strategy, "red");
    assert_true(option_store(&number, "2", &options) && option_store(&number, "4", &options));
    assert_false(option_store(&number, "1", &options));
    assert_false(option_store(&number, "5", &options));
    assert_int_equal(options.seed, 4);
    assert_true(option_store(&unlimited, "none", &options) && options.max_rss_growth == OPTION_NONE);
    assert_false(option_store(&percent, "none", &options));
    for (size_t i = 0; i < OPTION_LIST_MOST; i++)
        assert_true(option_store(&list, "file", &options));
    assert_false(option_store(&list, "file", &options));
    assert_int_equal(options.outputs.count, OPTION_LIST_MOST);
}

static const struct option_row *find_row(const char *name)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (strcmp(option_rows[i].name, name) == 0)
            return &option_rows[i];
    return NULL;
}

static void add(const struct option_row *row, const char *text, struct options *options)
{
    assert_true(option_store(row, text, options));
    options->given[row - option_rows] = true;
}

/* An item takes the place of one of the same name, and stands behind others. */
static void lists_are_handed_over_by_name(void **state)
{
    (void)state;
    static struct options line, job;
    const struct option_row *metric = find_row("metric"), *env = find_row("env");
    add(metric, "ops,higher=rate (.*)", &job);
    add(metric, "op=(.*)", &job);
    add(env, "A=1,B=2", &job);
    add(metric, "ops=(.*)", &line);
    add(env, "A=3", &line);
    add(env, "B=4", &line);
    assert_true(option_hand_over(&line, metric, metric, &job) && option_hand_over(&line, env, env, &job));
    const struct option_list *metrics = (const void *)((const char *)&job + metric->offset);
    assert_int_equal(metrics->count, 2);
    assert_string_equal(metrics->items[0], "ops=(.*)");
    assert_string_equal(metrics->items[1], "op=(.*)");
    assert_int_equal(job.env.count, 2);
    assert_string_equal(job.env.items[0], "A=3");
    assert_string_equal(job.env.items[1], "B=4");
}

static void values_go_back_to_their_defaults(void **state)
{
    (void)state;
    static struct options options;
    const struct option_row *budget = find_row("budget"), *env = find_row("env");
    add(budget, "5m", &options);
    add(env, "A=1", &options);
    option_reset(budget, &options);
    option_reset(env, &options);
    assert_true(options.budget == 60 && options.env.count == 0);
    assert_false(options.given[budget - option_rows] || options.given[env - option_rows]);
}

static void what_is_expected(void **state)
{
    (void)state;
    static const struct option_row choice = ROW(OPTION_CHOICE, format, .choices = colours),
                                   number = ROW(OPTION_NUMBER, seed, .least = 2, .most = 4),
                                   text = ROW(OPTION_TEXT, workload);
    char expected[OPTION_EXPECTED_SIZE];
    assert_string_equal(option_expected(&choice, expected, sizeof expected), "one of red, green");
    assert_string_equal(option_expected(&number, expected, sizeof expected), "a whole number from 2 to 4");
    assert_string_equal(option_expected(&text, expected, sizeof expected), "VALUE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(durations),
                                       cmocka_unit_test(numbers),
                                       cmocka_unit_test(values_of_every_kind),
                                       cmocka_unit_test(what_is_expected),
                                       cmocka_unit_test(lists_are_handed_over_by_name),
                                       cmocka_unit_test(values_go_back_to_their_defaults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
