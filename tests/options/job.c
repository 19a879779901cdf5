/* SPDX-License-Identifier: MIT */
/* Job files that are read back: --print-job over all options, and over texts that YAML would take for something else.
 * Errors and paths are in tests/options/job.tap. */
#include "config.h"

#include "cli/options/job_print.h"
#include "cli/options/parse.h"
#include "cli/options/table.h"
#include "cli/options/values.h"
#include "cli/output/memory.h"
#include "cli/yaml/scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MOST_WORDS (3 * OPTIONS_MOST)

struct line {
    char *words[MOST_WORDS + 1]; /* each owned */
    size_t count;
};

static void add(struct line *line, const char *word)
{
    assert_true(line->count < MOST_WORDS);
    line->words[line->count++] = must_have(strdup(word));
}

static void clear(struct line *line)
{
    for (size_t i = 0; i < line->count; i++)
        free(line->words[i]);
    memset(line, 0, sizeof *line);
}

/* --- there and back ----------------------------------------------------------------------------------------------- */

static char *print(enum verb verb, const struct options *options)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_int_equal(job_print(stream, verb, options), 0);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void write_job(const char *text, char path[])
{
    strcpy(path, "/tmp/hakmem-job-XXXXXX.yaml");
    int file = mkstemps(path, 5);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
}

static void assert_same_words(char *const *words, char *const *others)
{
    assert_true(!words == !others);
    size_t i = 0;
    for (; words && words[i] && others[i]; i++)
        assert_string_equal(words[i], others[i]);
    assert_true(!words || (!words[i] && !others[i]));
}

static bool is_text(const struct option_row *row)
{
    return row->kind == OPTION_TEXT || row->kind == OPTION_LIST || row->kind == OPTION_NAME;
}

/* All options of VERB that a job has are the same, texts letter by letter. */
static void assert_same(enum verb verb, const struct options *options, const struct options *others)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        const char *field = (const char *)options + row->offset, *other = (const char *)others + row->offset;
        if (!(row->verbs & VERB_BIT(verb)) || !row->key)
            continue;
        if (!is_text(row)) {
            assert_memory_equal(field, other, row->kind == OPTION_CHOICE ? sizeof(int) : sizeof(uint64_t));
            continue;
        }
        const struct option_list *list = (const void *)field, *other_list = (const void *)other;
        size_t count = row->kind == OPTION_LIST ? list->count : 1;
        if (row->kind == OPTION_LIST)
            assert_int_equal(list->count, other_list->count);
        for (size_t item = 0; item < count; item++) {
            assert_true(!list->items[item] == !other_list->items[item]);
            if (list->items[item])
                assert_string_equal(list->items[item], other_list->items[item]);
        }
    }
    assert_same_words(options->command, others->command);
    assert_int_equal(options->argument_count, others->argument_count);
    for (size_t i = 0; i < options->argument_count; i++)
        assert_string_equal(options->arguments[i], others->arguments[i]);
}

/* What LINE amounts to is printed, and read again: the same, and the same file. */
static void assert_back(enum verb verb, struct line *line)
{
    struct options options, others;
    char path[64];
    assert_int_equal(options_parse(verb, line->words, &options), 0);
    char *text = print(verb, &options);
    write_job(text, path);
    char *words[] = {(char *)"verb", (char *)"--job", path, NULL};
    assert_int_equal(options_parse(verb, words, &others), 0);
    if (others.cwd && !options.cwd) /* it is read from another directory than the line */
        others.cwd = NULL;
    assert_same(verb, &options, &others);
    char *again = print(verb, &others);
    assert_string_equal(text, again);
    free(again);
    free(text);
    unlink(path);
    options_clear(&others);
    options_clear(&options);
}

/* --- all options -------------------------------------------------------------------------------------------------- */

/* Values other than the default for rows that are particular about them. */
static const char *particular(const struct option_row *row)
{
    static const char *const values[][2] = {{"ready", "log:ready: [0-9]+ #1"}, {"stop", "INT"}, {"ok-status", "1,3"}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strcmp(row->name, values[i][0]) == 0)
            return values[i][1];
    return row->kind == OPTION_LIST && !row->paths ? "A=x y: 'z' #\"\\" : "/p/x 'y': {dir} #\"z\\";
}

static const char *some_value(const struct option_row *row, char text[32])
{
    switch (row->kind) {
    case OPTION_CHOICE:
    case OPTION_NAME:
        return row->choices[1].name;
    case OPTION_NUMBER:
        snprintf(text, 32, "%llu", (unsigned long long)row->most);
        return text;
    case OPTION_DURATION:
        return "1.5h";
    case OPTION_PERCENT:
        return row->has_none ? "none" : "2.5%";
    default:
        return particular(row);
    }
}

static void add_option(struct line *line, const struct option_row *row)
{
    char name[64], value[32];
    snprintf(name, sizeof name, "--%s", row->name);
    add(line, name);
    if (row->kind != OPTION_SWITCH)
        add(line, some_value(row, value));
}

static void begin(enum verb verb, struct line *line)
{
    clear(line);
    add(line, "verb");
    if (verb == VERB_COMPARE) {
        add(line, "default");
        add(line, "b=/x/a, \"b\".yaml");
    }
}

static void every_option_comes_back(void **state)
{
    (void)state;
    static const enum verb verbs[] = {VERB_TUNE, VERB_COMPARE};
    struct line line = {.count = 0};
    for (size_t v = 0; v < 2; v++) {
        for (size_t i = 0; i < option_row_count; i++) {
            if (!(option_rows[i].verbs & VERB_BIT(verbs[v])) || !option_rows[i].key)
                continue;
            begin(verbs[v], &line);
            add_option(&line, &option_rows[i]);
            assert_back(verbs[v], &line);
        }
    }
    clear(&line);
}

static void all_options_come_back_together(void **state)
{
    (void)state;
    static const enum verb verbs[] = {VERB_TUNE, VERB_COMPARE};
    struct line line = {.count = 0};
    for (size_t v = 0; v < 2; v++) {
        begin(verbs[v], &line);
        for (size_t i = 0; i < option_row_count; i++)
            if (option_rows[i].verbs & VERB_BIT(verbs[v]) && option_rows[i].key)
                add_option(&line, &option_rows[i]);
        assert_back(verbs[v], &line);
    }
    clear(&line);
}

/* A key is its option's name; without one are those that are of one invocation. */
static void keys_are_names(void **state)
{
    (void)state;
    static const char *const without[] = {"job", "resume", "quiet", "print-job"};
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        bool is_without = !(row->verbs & (VERB_BIT(VERB_TUNE) | VERB_BIT(VERB_COMPARE))) || row->group == GROUP_PROGRAM;
        for (size_t j = 0; j < sizeof without / sizeof *without; j++)
            is_without = is_without || strcmp(row->name, without[j]) == 0;
        assert_true(is_without == !row->key);
        if (row->key)
            assert_string_equal(row->key, row->name);
    }
}

/* --- what stands at its default ----------------------------------------------------------------------------------- */

static void defaults_are_left_out(void **state)
{
    (void)state;
    struct options options;
    char *words[] = {(char *)"tune",   (char *)"--budget", (char *)"1m", (char *)"--allocator", (char *)"hakmem",
                     (char *)"--seed", (char *)"2",        (char *)"--", (char *)"true",        NULL};
    assert_int_equal(options_parse(VERB_TUNE, words, &options), 0);
    char *text = print(VERB_TUNE, &options);
    assert_string_equal(text, "command: [true]\nseed: 2\n");
    free(text);
    options_clear(&options);
}

/* --- texts -------------------------------------------------------------------------------------------------------- */

static const char *const texts[] = {
    "",
    " ",
    "a",
    "-",
    "--",
    "---",
    "...",
    "--bench",
    "-x",
    "- x",
    "?",
    "? x",
    "a: b",
    "a:",
    ":a",
    "a #b",
    "#a",
    "a\nb\n",
    "\ta\t",
    "'",
    "\"",
    "\\",
    "\\n",
    "'a'",
    "\"a\"",
    "{dir}/x",
    "a{b",
    "[a]",
    "a, b",
    "&a",
    "*a",
    "!a",
    "%a",
    "@a",
    "`a`",
    "|",
    ">",
    "~",
    "null",
    "true",
    "1e3",
    "=",
    "<<",
    "a ",
    " a",
    "\x01\x1f\x7f",
    "\u00e9",
    "\xc2\x85\u00a0\u2028\ufeff\uffff",
    "\U0001f40e",
    "a'b\"c\\d",
    "$HOME `id` $(id) a|b;c&d<e>f",
    "0123",
};

static void any_word_comes_back(void **state)
{
    (void)state;
    struct line line = {.count = 0};
    begin(VERB_TUNE, &line);
    add(&line, "--");
    add(&line, "program");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add(&line, texts[i]);
    assert_back(VERB_TUNE, &line);
    clear(&line);
}

static void any_text_comes_back(void **state)
{
    (void)state;
    struct line line = {.count = 0};
    for (size_t i = 1; i < sizeof texts / sizeof *texts; i++) {
        char assignment[64];
        if (texts[i][strspn(texts[i], " \t\n")] == '\0') /* no command line */
            continue;
        begin(VERB_TUNE, &line);
        add(&line, "--prepare");
        add(&line, texts[i]);
        snprintf(assignment, sizeof assignment, "A=%s", texts[i]);
        add(&line, "--env");
        add(&line, assignment);
        assert_back(VERB_TUNE, &line);
    }
    clear(&line);
}

static void what_is_no_text_is_refused(void **state)
{
    (void)state;
    struct options options;
    char *words[] = {(char *)"tune", (char *)"--", (char *)"echo", (char *)"a\xff", NULL};
    assert_int_equal(options_parse(VERB_TUNE, words, &options), 0);
    assert_int_equal(job_print(stdout, VERB_TUNE, &options), 1);
    options_clear(&options);
    assert_false(yaml_scalar_possible("\xc3"));
    assert_true(yaml_scalar_possible("\u00e9"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_comes_back),
        cmocka_unit_test(all_options_come_back_together),
        cmocka_unit_test(keys_are_names),
        cmocka_unit_test(defaults_are_left_out),
        cmocka_unit_test(any_word_comes_back),
        cmocka_unit_test(any_text_comes_back),
        cmocka_unit_test(what_is_no_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
