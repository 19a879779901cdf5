/* SPDX-License-Identifier: MIT */
/* Command lines. What is printed goes to stderr, where tests/verbs/verbs.tap looks at it; the status is asserted. */
#include "config.h"

#include "cli/options/parse.h"

#include "cli/options/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MOST_WORDS 12

static int parse(enum verb verb, const char *const *words, struct options *options)
{
    static char *argv[MOST_WORDS + 2];
    size_t count = 1;
    argv[0] = (char *)"verb";
    for (; words[count - 1]; count++)
        argv[count] = (char *)words[count - 1];
    argv[count] = NULL;
    return options_parse(verb, argv, options);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void defaults(void **state)
{
    (void)state;
    struct options options;
    assert_int_equal(parse(VERB_TUNE, (const char *const[]){NULL}, &options), 0);
    assert_true(options.budget == 60 && options.seed == 1 && options.limits.count == 0);
    assert_string_equal(options.objective, "cost");
    assert_string_equal(options.strategy, "local");
    assert_false(option_given(&options, budget));
    assert_int_equal(parse(VERB_COMPARE, (const char *const[]){NULL}, &options), 0);
    assert_true(options.budget == 10);
    assert_string_equal(options.objective, "time");
}

static void ways_to_write_an_option(void **state)
{
    (void)state;
    struct options options;
    assert_int_equal(parse(VERB_TUNE, WORDS("--seed", "7"), &options), 0);
    assert_true(options.seed == 7 && option_given(&options, seed));
    assert_int_equal(parse(VERB_TUNE, WORDS("--seed=8", "--see", "9"), &options), 0);
    assert_int_equal(options.seed, 9);
    assert_int_equal(parse(VERB_TUNE, WORDS("--workload", "--seed"), &options), 0);
    assert_string_equal(options.workload, "--seed");
    assert_int_equal(parse(VERB_TUNE, WORDS("-V", "--nonsense"), &options), 0);
    assert_true(options.version);
    assert_int_equal(parse(VERB_CHECK, WORDS("--help", "--nonsense"), &options), 0);
    assert_true(options.help);
}

static void arguments_and_commands(void **state)
{
    (void)state;
    struct options options;
    assert_int_equal(
        parse(VERB_COMPARE, WORDS("a", "--seed", "3", "b", "-", "--quiet", "--", "c", "--seed", "4"), &options), 0);
    assert_int_equal(options.argument_count, 3);
    assert_string_equal(options.arguments[0], "a");
    assert_string_equal(options.arguments[1], "b");
    assert_string_equal(options.arguments[2], "-");
    assert_string_equal(options.command[0], "c");
    assert_string_equal(options.command[1], "--seed");
    assert_true(options.seed == 3 && options.quiet);
    assert_int_equal(parse(VERB_CHECK, WORDS("a", "--", "--b"), &options), 0);
    assert_int_equal(options.argument_count, 2);
    assert_string_equal(options.arguments[1], "--b");
    assert_null(options.command);
}

static void bad_lines(void **state)
{
    (void)state;
    static const struct {
        enum verb verb;
        const char *words[MOST_WORDS];
    } lines[] = {
        {VERB_TUNE, {"--workload", NULL}},
        {VERB_TUNE, {"--workload", "", NULL}},
        {VERB_TUNE, {"--workload=", NULL}},
        {VERB_TUNE, {"--", NULL}},
        {VERB_TUNE, {"--", "", NULL}},
        {VERB_TUNE, {"ls", NULL}},
        {VERB_TUNE, {"--workload", "ws1", "extra", NULL}},
        {VERB_TUNE, {"--budget", "soon", NULL}},
        {VERB_TUNE, {"--budget", "0", NULL}},
        {VERB_TUNE, {"--budget", "10001h", NULL}},
        {VERB_TUNE, {"--seed", "9223372036854775808", NULL}},
        {VERB_TUNE, {"--seed", "-1", NULL}},
        {VERB_TUNE, {"--ops", "1000000000000001", NULL}},
        {VERB_TUNE, {"--threads", "1025", NULL}},
        {VERB_TUNE, {"--trials", "0", NULL}},
        {VERB_TUNE, {"--strategy", "magic", NULL}},
        {VERB_TUNE, {"--better", "beauty", NULL}},
        {VERB_TUNE, {"--interleave", "both", NULL}},
        {VERB_TUNE, {"--format", "xml", NULL}},
        {VERB_TUNE, {"--max-slowdown", "nothing", NULL}},
        {VERB_TUNE, {"--max", "5", NULL}},
        {VERB_TUNE, {"--nonsense", NULL}},
        {VERB_TUNE, {"--", NULL}},
        {VERB_TUNE, {"--resume=yes", NULL}},
        {VERB_TUNE, {"--rounds", "3", NULL}},
        {VERB_TUNE, {"-workload", "ws1", NULL}},
        {VERB_TUNE, {"-x", NULL}},
        {VERB_TUNE, {"-hV", NULL}},
        {VERB_COMPARE, {"a", "b", "--", NULL}},
        {VERB_COMPARE, {"--format", "man", NULL}},
        {VERB_CHECK, {"--format", "text", NULL}},
        {VERB_PARAMS, {"x", NULL}},
        {VERB_PARAMS, {"--", "x", NULL}},
    };
    struct options options;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_equal(parse(lines[i].verb, lines[i].words, &options), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(defaults), cmocka_unit_test(ways_to_write_an_option),
                                       cmocka_unit_test(arguments_and_commands), cmocka_unit_test(bad_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
