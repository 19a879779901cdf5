/* SPDX-License-Identifier: MIT */
/* Text in messages: only whole printable characters, cut where there is no room. */
#include "config.h"

#include "lib/profile/text.h"

#include "tests/profile/cmocka_all.h"

static void expect_excerpt(const char *text, size_t size, const char *expected)
{
    char buffer[64];
    assert_string_equal(hak_text_excerpt(text, buffer, size), expected);
}

static void excerpts(void **state)
{
    (void)state;
    expect_excerpt("", 8, "");
    expect_excerpt("1234567", 8, "1234567");
    expect_excerpt("12345678", 8, "1234...");
    expect_excerpt("a\nb\x1b[1m\x7f", 16, "a?b?[1m?");
    expect_excerpt("\xc3\xa9t\xc3\xa9", 16, "\xc3\xa9t\xc3\xa9");
    expect_excerpt("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 8, "\xc3\xa9\xc3\xa9...");
    expect_excerpt("\xff\xfe", 16, "??");
    expect_excerpt("\xc2\x85\xe2\x80\xa8", 16, "??");
}

static void ends(void **state)
{
    (void)state;
    char buffer[64];
    assert_string_equal(hak_text_excerpt_end("1234567", buffer, 8), "1234567");
    assert_string_equal(hak_text_excerpt_end("12345678", buffer, 8), "...5678");
    assert_string_equal(hak_text_excerpt_end("12345\xc3\xa9\xc3\xa9", buffer, 8), "...\xc3\xa9\xc3\xa9");
    assert_string_equal(hak_text_excerpt_end("12345\xc3\xa9"
                                             "678",
                                             buffer, 8),
                        "...678");
}

static void expect_utf8(const char *text, size_t left, size_t length, uint32_t expected)
{
    uint32_t code = 0;
    assert_int_equal(hak_text_utf8(text, left, &code), length);
    assert_int_equal(code, expected);
}

static void characters(void **state)
{
    (void)state;
    expect_utf8("A", 1, 1, 'A');
    expect_utf8("\xc3\xa9", 2, 2, 0xe9);
    expect_utf8("\xe2\x82\xac", 3, 3, 0x20ac);
    expect_utf8("\xf0\x9f\x98\x80", 4, 4, 0x1f600);
    expect_utf8("\xc3\xa9", 1, 0, 0);         /* cut */
    expect_utf8("\xc0\x80", 2, 0, 0);         /* overlong */
    expect_utf8("\xe0\x80\x80", 3, 0, 0);     /* overlong */
    expect_utf8("\xed\xa0\x80", 3, 0, 0);     /* surrogate */
    expect_utf8("\xf4\x90\x80\x80", 4, 0, 0); /* above U+10FFFF */
    expect_utf8("\x80", 1, 0, 0);             /* continuation alone */
    expect_utf8("", 0, 0, 0);
}

static void joins(void **state)
{
    (void)state;
    char buffer[8];
    assert_int_equal(hak_text_join(buffer, sizeof buffer, "ab", ".", "cd"), 5);
    assert_string_equal(buffer, "ab.cd");
    assert_int_equal(hak_text_join(buffer, sizeof buffer, "abcd", "", "efgh"), 8);
    assert_string_equal(buffer, "abcdefg");
    assert_int_equal(hak_text_join(buffer, sizeof buffer, "abcdefghij", ".", "k"), 12);
    assert_string_equal(buffer, "abcdefg");
    assert_int_equal(hak_text_join(buffer, 1, "", "", ""), 0);
    assert_string_equal(buffer, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(excerpts), cmocka_unit_test(ends), cmocka_unit_test(joins),
                                       cmocka_unit_test(characters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
