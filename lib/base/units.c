/* SPDX-License-Identifier: MIT */
/* Numbers with units. See units.h. */
#include "config.h"

#include "lib/base/units.h"

#include "lib/base/writer.h"

#include <stdbool.h>
#include <string.h>

struct unit {
    const char *suffix;
    uint64_t factor;
};

static const struct unit integer_units[] = {{"", 1}, {NULL, 0}};
static const struct unit size_units[] = {{"GiB", HAK_GIB}, {"MiB", HAK_MIB}, {"KiB", HAK_KIB}, {"", 1}, {NULL, 0}};
static const struct unit percent_units[] = {{"%", 1}, {NULL, 0}};
static const struct unit delay_units[] = {{"s", 1000}, {"ms", 1}, {NULL, 0}};

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

const char *hak_units_suffix(const char *text)
{
    while (is_digit(*text))
        text++;
    return text;
}

static enum hak_units_status parse_digits(const char *text, uint64_t *value)
{
    if (!is_digit(*text) || (text[0] == '0' && is_digit(text[1])))
        return HAK_UNITS_NO_NUMBER;
    uint64_t number = 0;
    for (; is_digit(*text); text++) {
        if (__builtin_mul_overflow(number, 10u, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*text - '0'), &number))
            return HAK_UNITS_TOO_LARGE;
    }
    *value = number;
    return HAK_UNITS_OK;
}

static const struct unit *find_unit(const struct unit *units, const char *suffix)
{
    for (; units->suffix; units++) {
        if (strcmp(units->suffix, suffix) == 0)
            return units;
    }
    return NULL;
}

static enum hak_units_status parse(const char *text, const struct unit *units, uint64_t *value)
{
    const char *suffix = hak_units_suffix(text);
    const struct unit *unit = find_unit(units, suffix);
    uint64_t number = 0;
    enum hak_units_status status = parse_digits(text, &number);
    if (status == HAK_UNITS_NO_NUMBER)
        return status;
    if (!unit)
        return *suffix ? HAK_UNITS_UNKNOWN_UNIT : HAK_UNITS_MISSING_UNIT;
    if (status != HAK_UNITS_OK)
        return status;
    if (__builtin_mul_overflow(number, unit->factor, &number))
        return HAK_UNITS_TOO_LARGE;
    *value = number;
    return HAK_UNITS_OK;
}

enum hak_units_status hak_units_parse_integer(const char *text, uint64_t *value)
{
    return parse(text, integer_units, value);
}

enum hak_units_status hak_units_parse_size(const char *text, uint64_t *value)
{
    return parse(text, size_units, value);
}

enum hak_units_status hak_units_parse_percent(const char *text, uint64_t *value)
{
    return parse(text, percent_units, value);
}

enum hak_units_status hak_units_parse_delay(const char *text, uint64_t *value)
{
    if (strcmp(text, "0") == 0) { /* no delay is no delay in every unit */
        *value = 0;
        return HAK_UNITS_OK;
    }
    return parse(text, delay_units, value);
}

static const char *format(uint64_t value, const struct unit *units, char *text, size_t size)
{
    while (units[1].suffix && (value == 0 || value % units->factor != 0))
        units++;
    struct writer writer = writer_start(text, size);
    writer_add_number(&writer, value / units->factor);
    writer_add(&writer, units->suffix);
    return text;
}

const char *hak_units_format_integer(uint64_t value, char *text, size_t size)
{
    return format(value, integer_units, text, size);
}

const char *hak_units_format_size(uint64_t value, char *text, size_t size)
{
    return format(value, size_units, text, size);
}

const char *hak_units_format_percent(uint64_t value, char *text, size_t size)
{
    return format(value, percent_units, text, size);
}

const char *hak_units_format_delay(uint64_t value, char *text, size_t size)
{
    return format(value, delay_units, text, size);
}

/* "1/" is the unit, which stands in front here; 1/0 is nothing. */
#define SHARE_OF "1/"

enum hak_units_status hak_units_parse_share(const char *text, uint64_t *value)
{
    uint64_t number = 0;
    if (text[0] == '0' && text[1] == '\0') {
        *value = 0;
        return HAK_UNITS_OK;
    }
    if (strncmp(text, SHARE_OF, sizeof SHARE_OF - 1) != 0)
        return HAK_UNITS_NO_NUMBER;
    enum hak_units_status status = hak_units_parse_integer(text + sizeof SHARE_OF - 1, &number);
    if (status == HAK_UNITS_OK && number == 0)
        return HAK_UNITS_NO_NUMBER;
    if (status == HAK_UNITS_OK)
        *value = number;
    return status;
}

const char *hak_units_format_share(uint64_t value, char *text, size_t size)
{
    char number[HAK_UNITS_TEXT];
    hak_units_format_integer(value, number, sizeof number);
    struct writer writer = writer_start(text, size);
    writer_add(&writer, value != 0 ? SHARE_OF : "");
    writer_add(&writer, number);
    return text;
}
