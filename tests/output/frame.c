/* SPDX-License-Identifier: MIT */
/* Lines of a terminal: the columns of characters, what is cut and what is left out, bars. */
#include "cli/output/frame.h"

#include "cli/output/sparkline.h"
#include "cli/output/utf8.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- columns ------------------------------------------------------------------------------------------------------ */

static size_t width_of(const char *text)
{
    return utf8_width(text, strlen(text));
}

static void columns_of_characters(void **state)
{
    (void)state;
    assert_int_equal(width_of("abc"), 3);
    assert_int_equal(width_of("±…▁█"), 4);
    assert_int_equal(width_of("日本語"), 6);
    assert_int_equal(width_of("🦀"), 2);
    assert_int_equal(width_of("e\u0301a\u0308"), 2); /* e and a, each with a combining accent */
    assert_int_equal(width_of("\u200b"), 0);
    assert_int_equal(utf8_width("abc", 2), 2);
}

static uint32_t first_of(const char *text, size_t bytes)
{
    uint32_t character;
    assert_int_equal(utf8_next(text, &character), bytes);
    return character;
}

static void bytes_that_are_no_characters(void **state)
{
    (void)state;
    assert_int_equal(first_of("é", 2), 0xe9);
    assert_int_equal(first_of("\xf4\x8f\xbf\xbf", 4), 0x10ffff);
    assert_int_equal(first_of("\xe9 ", 1), UTF8_INVALID);            /* Latin-1 */
    assert_int_equal(first_of("\xc3", 1), UTF8_INVALID);             /* the end is missing */
    assert_int_equal(first_of("\xc0\x80", 1), UTF8_INVALID);         /* longer than need be */
    assert_int_equal(first_of("\xe0\x80\x80", 1), UTF8_INVALID);     /* so is this */
    assert_int_equal(first_of("\xed\xa0\x80", 1), UTF8_INVALID);     /* half of a pair */
    assert_int_equal(first_of("\xf4\x90\x80\x80", 1), UTF8_INVALID); /* beyond the last */
    assert_int_equal(first_of("\x80", 1), UTF8_INVALID);
    assert_int_equal(width_of("\xe9\xe8"), 2);
}

static void environment_says_utf8(void **state)
{
    (void)state;
    setenv("LANG", "en_US.UTF-8", 1);
    unsetenv("LC_ALL");
    unsetenv("LC_CTYPE");
    assert_true(utf8_is_wanted());
    setenv("LC_CTYPE", "C", 1);
    assert_false(utf8_is_wanted());
    setenv("LC_ALL", "de_DE.utf8", 1);
    assert_true(utf8_is_wanted());
    setenv("LC_ALL", "", 1);
    assert_false(utf8_is_wanted());
    setenv("LC_ALL", "de_DE@euro", 1);
    assert_false(utf8_is_wanted());
    unsetenv("LC_ALL");
    unsetenv("LC_CTYPE");
    unsetenv("LANG");
    assert_false(utf8_is_wanted());
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

static struct frame frame_of(size_t columns, bool utf8)
{
    return (struct frame){.columns = columns, .most_lines = 24, .utf8 = utf8};
}

static void items_are_whole_or_not_there(void **state)
{
    (void)state;
    struct frame frame = frame_of(12, true);
    frame_put(&frame, STYLE_PLAIN, "before the first line");
    frame_begin_line(&frame);
    frame_put(&frame, STYLE_PLAIN, "%s", "12345");
    frame_put(&frame, STYLE_PLAIN, ", %d", 123456);
    frame_put(&frame, STYLE_PLAIN, "x"); /* would be taken for the end of what was left out */
    frame_begin_line(&frame);
    frame_put(&frame, STYLE_PLAIN, "123456789012");
    assert_int_equal(frame_room(&frame), 0);
    frame_put(&frame, STYLE_PLAIN, "x");
    assert_int_equal(frame.count, 2);
    assert_string_equal(frame.lines[0].text, "12345");
    assert_string_equal(frame.lines[1].text, "123456789012");
}

static void expect_cut(size_t columns, bool utf8, const char *text, const char *expected)
{
    struct frame frame = frame_of(columns, utf8);
    frame_begin_line(&frame);
    frame_put_cut(&frame, FRAME_REST_OF_LINE, STYLE_PLAIN, "%s", text);
    assert_string_equal(frame.lines[0].text, expected);
    assert_true(frame.lines[0].width <= columns);
    assert_int_equal(frame.lines[0].width, width_of(expected));
}

static void ends_are_cut(void **state)
{
    (void)state;
    expect_cut(5, true, "abcde", "abcde");
    expect_cut(5, true, "abcdef", "abcd…");
    expect_cut(5, false, "abcdef", "abcd>");
    expect_cut(5, true, "日本語", "日本…");
    expect_cut(4, true, "日本語", "日…"); /* the second would need the column of the ellipsis */
    expect_cut(3, true, "e\u0301e\u0301e\u0301e\u0301", "e\u0301e\u0301…");
    expect_cut(1, true, "日本語", "…");
    expect_cut(0, true, "abc", "");
}

static void items_are_cut_and_the_line_goes_on(void **state)
{
    (void)state;
    struct frame frame = frame_of(12, true);
    frame_begin_line(&frame);
    frame_put_cut(&frame, 5, STYLE_PLAIN, "abcdefgh");
    frame_put_cut(&frame, 5, STYLE_PLAIN, "123");
    frame_put_cut(&frame, 50, STYLE_PLAIN, "ABCDEF");
    frame_put(&frame, STYLE_PLAIN, "x");
    assert_string_equal(frame.lines[0].text, "abcd…123ABC…");
}

static void foreign_text_is_harmless(void **state)
{
    (void)state;
    expect_cut(40, true, "a\033[2Jb\r\n\tc\x7f", "a?[2Jb???c?");
    expect_cut(40, true, "caf\xe9 \xc2\x9b", "caf? ?"); /* U+009B is a control character as well */
    expect_cut(40, true, "café", "café");
    expect_cut(40, false, "café 日", "caf? ?");
}

static void more_than_a_line_holds(void **state)
{
    (void)state;
    struct frame frame = frame_of(100000, true);
    char text[2001];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    frame_begin_line(&frame);
    for (int i = 0; i < 10; i++)
        frame_put_cut(&frame, FRAME_REST_OF_LINE, STYLE_GOOD, "%s", text);
    assert_true(frame.lines[0].length < FRAME_LINE_BYTES);
    assert_int_equal(strlen(frame.lines[0].text), frame.lines[0].length);
}

static void more_lines_than_there_are(void **state)
{
    (void)state;
    struct frame frame = frame_of(20, true);
    frame.most_lines = 1;
    for (int i = 0; i < FRAME_MAX_LINES + 2; i++) {
        frame_begin_line(&frame);
        frame_put(&frame, STYLE_PLAIN, "line %d", i);
    }
    assert_string_equal(frame.lines[0].text, "line 0");
    assert_int_equal(frame_lines(&frame), 1);
    assert_int_equal(frame_room(&frame), 0);
    frame_free(&frame);
    assert_int_equal(frame_lines(&frame), 0);
}

/* As many as a terminal has. */
static void a_whole_terminal_of_lines(void **state)
{
    (void)state;
    struct frame frame = frame_of(20, true);
    frame.most_lines = 2 * FRAME_MAX_LINES;
    for (int i = 0; i < 2 * FRAME_MAX_LINES; i++) {
        frame_begin_line(&frame);
        frame_put(&frame, STYLE_PLAIN, "line %d", i);
    }
    assert_int_equal(frame_lines(&frame), FRAME_MAX_LINES);
    for (int i = 0; i < FRAME_MAX_LINES; i++) {
        char expected[20];
        snprintf(expected, sizeof expected, "line %d", i);
        assert_string_equal(frame.lines[i].text, expected);
    }
    frame_free(&frame);
}

static void colours_take_no_columns(void **state)
{
    (void)state;
    struct frame frame = frame_of(8, true);
    frame.color = true;
    frame_begin_line(&frame);
    frame_put(&frame, STYLE_GOOD, "+1.2%%");
    frame_put_cut(&frame, FRAME_REST_OF_LINE, STYLE_BAD, "abcdef");
    assert_string_equal(frame.lines[0].text, "\033[32m+1.2%\033[0m\033[31mab…\033[0m");
    assert_int_equal(frame.lines[0].width, 8);
    frame = frame_of(8, true);
    frame_begin_line(&frame);
    frame_put(&frame, STYLE_GOOD, "+1.2%%");
    assert_string_equal(frame.lines[0].text, "+1.2%");
}

/* --- bars --------------------------------------------------------------------------------------------------------- */

static void expect_bars(const double *values, size_t count, size_t columns, bool utf8, const char *expected)
{
    char text[SPARKLINE_BYTES(80)];
    struct sparkline line = {values, count, 0, 7};
    assert_string_equal(sparkline_write(&line, columns, utf8, text), expected);
}

static void bars(void **state)
{
    (void)state;
    static const double rising[] = {0, 1, 2, 3, 4, 5, 6, 7}, beyond[] = {-100, 100, NAN, INFINITY, -INFINITY};
    expect_bars(rising, 8, 80, true, "▁▂▃▄▅▆▇█");
    expect_bars(rising, 8, 8, false, "_.-:=+*#");
    expect_bars(rising, 8, 4, true, "▂▄▆█"); /* the higher of two */
    expect_bars(rising, 8, 3, true, "▂▅█");
    expect_bars(rising, 8, 0, true, "");
    expect_bars(rising, 0, 80, true, "");
    expect_bars(beyond, 5, 80, true, "▁█x█▁");
    expect_bars(beyond, 5, 2, true, "██");
}

static void bars_of_equal_values(void **state)
{
    (void)state;
    static const double equal[] = {3, 3};
    char text[SPARKLINE_BYTES(4)];
    struct sparkline line = {equal, 2, 3, 3};
    assert_string_equal(sparkline_write(&line, 4, true, text), "▁▁");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_of_characters),
        cmocka_unit_test(bytes_that_are_no_characters),
        cmocka_unit_test(environment_says_utf8),
        cmocka_unit_test(items_are_whole_or_not_there),
        cmocka_unit_test(ends_are_cut),
        cmocka_unit_test(items_are_cut_and_the_line_goes_on),
        cmocka_unit_test(foreign_text_is_harmless),
        cmocka_unit_test(more_than_a_line_holds),
        cmocka_unit_test(more_lines_than_there_are),
        cmocka_unit_test(a_whole_terminal_of_lines),
        cmocka_unit_test(colours_take_no_columns),
        cmocka_unit_test(bars),
        cmocka_unit_test(bars_of_equal_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
