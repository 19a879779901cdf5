/* SPDX-License-Identifier: MIT */
/* Numbers with units: what is read, what is refused and why, and that what is written is read back. */
#include "config.h"

#include "lib/base/units.h"

#include "tests/profile/cmocka_all.h"

typedef enum hak_units_status parse_function(const char *text, uint64_t *value);
typedef const char *format_function(uint64_t value, char *text, size_t size);

#define UNTOUCHED UINT64_C(0xabad1dea)

static void expect(parse_function *parse, const char *text, enum hak_units_status status, uint64_t expected)
{
    uint64_t value = UNTOUCHED;
    if (parse(text, &value) != status || value != (status == HAK_UNITS_OK ? expected : UNTOUCHED))
        fail_msg("\"%s\" gave %d and %ju", text, parse(text, &value), (uintmax_t)value);
}

static void integers(void **state)
{
    (void)state;
    expect(hak_units_parse_integer, "0", HAK_UNITS_OK, 0);
    expect(hak_units_parse_integer, "17", HAK_UNITS_OK, 17);
    expect(hak_units_parse_integer, "18446744073709551615", HAK_UNITS_OK, UINT64_MAX);
    expect(hak_units_parse_integer, "18446744073709551616", HAK_UNITS_TOO_LARGE, 0);
    expect(hak_units_parse_integer, "99999999999999999999999", HAK_UNITS_TOO_LARGE, 0);
    expect(hak_units_parse_integer, "", HAK_UNITS_NO_NUMBER, 0);
    expect(hak_units_parse_integer, "-1", HAK_UNITS_NO_NUMBER, 0);
    expect(hak_units_parse_integer, "+1", HAK_UNITS_NO_NUMBER, 0);
    expect(hak_units_parse_integer, " 1", HAK_UNITS_NO_NUMBER, 0);
    expect(hak_units_parse_integer, "010", HAK_UNITS_NO_NUMBER, 0);
    expect(hak_units_parse_integer, "00", HAK_UNITS_NO_NUMBER, 0);
    expect(hak_units_parse_integer, "0x10", HAK_UNITS_UNKNOWN_UNIT, 0);
    expect(hak_units_parse_integer, "1:30", HAK_UNITS_UNKNOWN_UNIT, 0);
    expect(hak_units_parse_integer, "1_000", HAK_UNITS_UNKNOWN_UNIT, 0);
    expect(hak_units_parse_integer, "1e3", HAK_UNITS_UNKNOWN_UNIT, 0);
    expect(hak_units_parse_integer, "4KiB", HAK_UNITS_UNKNOWN_UNIT, 0);
}

static void sizes(void **state)
{
    (void)state;
    expect(hak_units_parse_size, "0", HAK_UNITS_OK, 0);
    expect(hak_units_parse_size, "65536", HAK_UNITS_OK, 65536);
    expect(hak_units_parse_size, "64KiB", HAK_UNITS_OK, 65536);
    expect(hak_units_parse_size, "2MiB", HAK_UNITS_OK, 2 * HAK_MIB);
    expect(hak_units_parse_size, "4GiB", HAK_UNITS_OK, 4 * HAK_GIB);
    expect(hak_units_parse_size, "17179869183GiB", HAK_UNITS_OK, UINT64_C(17179869183) << 30);
    expect(hak_units_parse_size, "17179869184GiB", HAK_UNITS_TOO_LARGE, 0);
    expect(hak_units_parse_size, "64 KiB", HAK_UNITS_UNKNOWN_UNIT, 0);
    expect(hak_units_parse_size, "64KB", HAK_UNITS_UNKNOWN_UNIT, 0);
    expect(hak_units_parse_size, "64kib", HAK_UNITS_UNKNOWN_UNIT, 0);
    expect(hak_units_parse_size, "64k", HAK_UNITS_UNKNOWN_UNIT, 0);
    expect(hak_units_parse_size, "1.5MiB", HAK_UNITS_UNKNOWN_UNIT, 0);
    expect(hak_units_parse_size, "MiB", HAK_UNITS_NO_NUMBER, 0);
    expect(hak_units_parse_size, "99999999999999999999999KB", HAK_UNITS_UNKNOWN_UNIT, 0);
}

static void percentages(void **state)
{
    (void)state;
    expect(hak_units_parse_percent, "50%", HAK_UNITS_OK, 50);
    expect(hak_units_parse_percent, "0%", HAK_UNITS_OK, 0);
    expect(hak_units_parse_percent, "50", HAK_UNITS_MISSING_UNIT, 0);
    expect(hak_units_parse_percent, "50 %", HAK_UNITS_UNKNOWN_UNIT, 0);
    expect(hak_units_parse_percent, "0.5", HAK_UNITS_UNKNOWN_UNIT, 0);
}

static void shares(void **state)
{
    (void)state;
    expect(hak_units_parse_share, "0", HAK_UNITS_OK, 0);
    expect(hak_units_parse_share, "1/1", HAK_UNITS_OK, 1);
    expect(hak_units_parse_share, "1/5000", HAK_UNITS_OK, 5000);
    expect(hak_units_parse_share, "1/0", HAK_UNITS_NO_NUMBER, 0);
    expect(hak_units_parse_share, "2/5000", HAK_UNITS_NO_NUMBER, 0);
    expect(hak_units_parse_share, "5000", HAK_UNITS_NO_NUMBER, 0);
    expect(hak_units_parse_share, "1/", HAK_UNITS_NO_NUMBER, 0);
    expect(hak_units_parse_share, "1/5000x", HAK_UNITS_UNKNOWN_UNIT, 0);
    expect(hak_units_parse_share, "1/18446744073709551616", HAK_UNITS_TOO_LARGE, 0);
}

static void delays(void **state)
{
    (void)state;
    expect(hak_units_parse_delay, "0", HAK_UNITS_OK, 0);
    expect(hak_units_parse_delay, "100ms", HAK_UNITS_OK, 100);
    expect(hak_units_parse_delay, "2s", HAK_UNITS_OK, 2000);
    expect(hak_units_parse_delay, "100", HAK_UNITS_MISSING_UNIT, 0);
    expect(hak_units_parse_delay, "2m", HAK_UNITS_UNKNOWN_UNIT, 0);
    expect(hak_units_parse_delay, "18446744073709551615s", HAK_UNITS_TOO_LARGE, 0);
}

static void expect_format(format_function *format, uint64_t value, const char *expected)
{
    char text[HAK_UNITS_TEXT];
    assert_string_equal(format(value, text, sizeof text), expected);
}

static void formats(void **state)
{
    (void)state;
    expect_format(hak_units_format_size, 0, "0");
    expect_format(hak_units_format_size, 1000, "1000");
    expect_format(hak_units_format_size, 65536, "64KiB");
    expect_format(hak_units_format_size, 3 * HAK_MIB, "3MiB");
    expect_format(hak_units_format_size, 4 * HAK_GIB, "4GiB");
    expect_format(hak_units_format_size, HAK_MIB + HAK_KIB, "1025KiB");
    expect_format(hak_units_format_percent, 50, "50%");
    expect_format(hak_units_format_delay, 0, "0ms");
    expect_format(hak_units_format_delay, 100, "100ms");
    expect_format(hak_units_format_delay, 2000, "2s");
    expect_format(hak_units_format_delay, 2001, "2001ms");
    expect_format(hak_units_format_share, 0, "0");
    expect_format(hak_units_format_share, 5000, "1/5000");
    expect_format(hak_units_format_integer, UINT64_MAX, "18446744073709551615");
}

static void read_back(parse_function *parse, format_function *format, uint64_t value)
{
    char text[HAK_UNITS_TEXT];
    expect(parse, format(value, text, sizeof text), HAK_UNITS_OK, value);
}

static void round_trips(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift < 64; shift++) {
        for (uint64_t value = (UINT64_C(1) << shift) - 1; value <= (UINT64_C(1) << shift) + 1; value++) {
            read_back(hak_units_parse_integer, hak_units_format_integer, value);
            read_back(hak_units_parse_size, hak_units_format_size, value);
            read_back(hak_units_parse_percent, hak_units_format_percent, value);
            read_back(hak_units_parse_delay, hak_units_format_delay, value);
            read_back(hak_units_parse_share, hak_units_format_share, value);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers), cmocka_unit_test(sizes),   cmocka_unit_test(percentages), cmocka_unit_test(delays),
        cmocka_unit_test(shares),   cmocka_unit_test(formats), cmocka_unit_test(round_trips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
