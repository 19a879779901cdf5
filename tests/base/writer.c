/* SPDX-License-Identifier: MIT */
/* Text in the caller's memory: whole, cut, and numbers of all kinds. */
#include "lib/base/writer.h"

#include "tests/profile/cmocka_all.h"

#include <inttypes.h>
#include <locale.h>

static char text[256];

static struct writer started(void)
{
    memset(text, 'x', sizeof text);
    return writer_start(text, sizeof text);
}

static void texts_follow_one_another(void **state)
{
    (void)state;
    struct writer writer = started();
    assert_string_equal(text, "");
    writer_add(&writer, "one");
    writer_add(&writer, "");
    writer_add_character(&writer, ' ');
    writer_add(&writer, "two");
    assert_string_equal(text, "one two");
    assert_int_equal(writer.length, 7);
    assert_int_equal(writer_kept(&writer), 7);
}

static void what_does_not_fit_is_cut_and_counted(void **state)
{
    (void)state;
    char small[8];
    memset(small, 'x', sizeof small);
    struct writer writer = writer_start(small, 5);
    writer_add(&writer, "abc");
    writer_add(&writer, "defgh");
    assert_string_equal(small, "abcd");
    assert_int_equal(writer.length, 8);
    assert_int_equal(writer_kept(&writer), 4);
    assert_int_equal(small[5], 'x');
    struct writer nothing = writer_start(NULL, 0);
    writer_add(&nothing, "abc");
    writer_add_number(&nothing, 17);
    assert_int_equal(nothing.length, 5);
    assert_int_equal(writer_kept(&nothing), 0);
}

static void numbers(void **state)
{
    (void)state;
    static const uint64_t cases[] = {0, 1, 9, 10, 123456789, UINT64_MAX};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[32];
        struct writer writer = started();
        snprintf(expected, sizeof expected, "%" PRIu64, cases[i]);
        writer_add_number(&writer, cases[i]);
        assert_string_equal(text, expected);
    }
    struct writer writer = started();
    writer_add_digits(&writer, 7, 4);
    writer_add(&writer, " ");
    writer_add_digits(&writer, 12345, 4);
    assert_string_equal(text, "0007 12345");
}

/* A locale's decimal comma would make no JSON. */
static void decimals_have_a_point_everywhere(void **state)
{
    (void)state;
    static const struct {
        double value;
        unsigned decimals;
        const char *expected;
    } cases[] = {{0, 1, "0.0"},       {0.04, 1, "0.0"},           {0.05, 1, "0.1"},
                 {99.96, 1, "100.0"}, {12.345, 2, "12.35"},       {1.0 / 3, 4, "0.3333"},
                 {7, 0, "7"},         {0.0000005, 6, "0.000001"}, {1e15, 1, "1000000000000000.0"}};
    setlocale(LC_ALL, "de_DE.UTF-8"); /* where there is one */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct writer writer = started();
        writer_add_decimal(&writer, cases[i].value, cases[i].decimals);
        assert_string_equal(text, cases[i].expected);
    }
    setlocale(LC_ALL, "C");
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *expected;
    } cases[] = {{0, "0 B"},
                 {1023, "1023 B"},
                 {1024, "1.0 KiB"},
                 {1536, "1.5 KiB"},
                 {1048524, "1023.9 KiB"},
                 {1048525, "1.0 MiB"},
                 {UINT64_C(5) << 30, "5.0 GiB"},
                 {UINT64_C(3) << 50, "3072.0 TiB"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct writer writer = started();
        writer_add_size(&writer, cases[i].bytes);
        assert_string_equal(text, cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_follow_one_another), cmocka_unit_test(what_does_not_fit_is_cut_and_counted),
        cmocka_unit_test(numbers), cmocka_unit_test(decimals_have_a_point_everywhere), cmocka_unit_test(sizes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
