/* SPDX-License-Identifier: MIT */
/* Tests of command lines: their words, who needs a shell, and what the placeholders stand for. */
#include "config.h"

#include "cli/workload/words.h"

#include "cli/workload/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct words_place nowhere, place = {"/tmp/run-1", 12345};

/* The words of TEXT are those of EXPECTED, which has '|' between them. */
static void assert_words(const char *text, const char *expected)
{
    struct words words = {0};
    char all[512] = "";
    assert_int_equal(words_split(&words, text, &place), 0);
    for (size_t i = 0; i < words.count; i++) {
        strcat(all, i ? "|" : "");
        strcat(all, words.list[i]);
    }
    assert_null(words.list[words.count]);
    assert_string_equal(all, expected);
    words_release(&words);
    assert_int_equal(words.count, 0);
}

static void blanks_separate(void **state)
{
    (void)state;
    assert_words("serve -p 1", "serve|-p|1");
    assert_words("  serve\t-p 1  ", "serve|-p|1");
    assert_words("serve --port=1 100%", "serve|--port=1|100%");
}

static void quotes_hold_together(void **state)
{
    (void)state;
    assert_words("serve --save \"\"", "serve|--save|");
    assert_words("serve 'a b' \"c d\" e\\ f", "serve|a b|c d|e f");
    assert_words("serve 'a$b*' x'y'z", "serve|a$b*|xyz");
    assert_words("serve \"a\\\"b\" \"c\\d\" 'e\\f' \"*;\"", "serve|a\"b|c\\d|e\\f|*;");
    assert_words("serve '\"' \"'\"", "serve|\"|'");
    assert_words("serve a\\", "serve|a\\");
}

static void a_shell_gets_what_it_is_for(void **state)
{
    (void)state;
    assert_words("serve | cat", "/bin/sh|-c|serve | cat");
    assert_words("A=1 serve", "/bin/sh|-c|A=1 serve");
    assert_words("serve $HOME", "/bin/sh|-c|serve $HOME");
    assert_words("serve \"$HOME\"", "/bin/sh|-c|serve \"$HOME\"");
    assert_words("serve > {dir}/out", "/bin/sh|-c|serve > /tmp/run-1/out");
    assert_words("serve 'never closed", "/bin/sh|-c|serve 'never closed");
    assert_words("serve\nstop", "/bin/sh|-c|serve\nstop");
    assert_words("serve \n", "serve");
}

static void whether_it_is_a_shell_is_known(void **state)
{
    (void)state;
    struct words words = {0};
    assert_int_equal(words_split(&words, "serve", &nowhere), 0);
    assert_false(words.in_shell);
    words_release(&words);
    assert_int_equal(words_split(&words, "serve; stop", &nowhere), 0);
    assert_true(words.in_shell);
    words_release(&words);
}

static void nothing_is_refused(void **state)
{
    (void)state;
    struct words words = {0};
    assert_int_equal(words_split(&words, " \t\n", &nowhere), -1);
    assert_int_equal(errno, EINVAL);
    words_release(&words);
}

static void placeholders_are_filled_in(void **state)
{
    (void)state;
    char *filled = words_fill("{dir}/a:{port}{port} {dirt} {", &place);
    assert_string_equal(filled, "/tmp/run-1/a:1234512345 {dirt} {");
    free(filled);
    filled = words_fill("{dir}:{port}", &nowhere);
    assert_string_equal(filled, "{dir}:{port}");
    free(filled);
    assert_words("serve --dir={dir} '{port}'", "serve|--dir=/tmp/run-1|12345");
}

static void words_are_written_as_a_shell_takes_them(void **state)
{
    (void)state;
    char text[64];
    char *const argv[] = {(char *)"run", (char *)"a b", (char *)"it's", (char *)"", NULL};
    text_append_words(text, sizeof text, 0, argv);
    assert_string_equal(text, "run 'a b' 'it'\\''s' ''");
    char little[6];
    text_append_words(little, sizeof little, 0, argv);
    assert_string_equal(little, "run '");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_separate),
        cmocka_unit_test(quotes_hold_together),
        cmocka_unit_test(a_shell_gets_what_it_is_for),
        cmocka_unit_test(whether_it_is_a_shell_is_known),
        cmocka_unit_test(nothing_is_refused),
        cmocka_unit_test(placeholders_are_filled_in),
        cmocka_unit_test(words_are_written_as_a_shell_takes_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
