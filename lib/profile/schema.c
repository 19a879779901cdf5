/* SPDX-License-Identifier: MIT */
/* The table of parameters, and how one value is read, checked and written. See schema.h. */
#include "config.h"

#include "lib/profile/schema.h"

#include "lib/base/units.h"
#include "lib/profile/class_sizes.h"
#include "lib/profile/parameters.h"
#include "lib/profile/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const hak_huge_pages_words[] = {"never", "madvise", "always", "hugetlb", "auto", "large", NULL};
static const char *const hak_shared_words[] = {"none", "lines", "long", "all", NULL};
static const char *const hak_prefault_words[] = {"none", "slab", "superslab", "dense", NULL};
static const char *const hak_purge_policy_words[] = {"dontneed", "free", "never", NULL};
static const char *const hak_checks_words[] = {"fast", "full", NULL};

#define ROW(key_, field_, type_, unit_, minimum_, maximum_, standard_, flags_, scale_, choices_, what_) \
    {.key = key_,                                                                                       \
     .type = type_,                                                                                     \
     .unit = unit_,                                                                                     \
     .minimum = minimum_,                                                                               \
     .maximum = maximum_,                                                                               \
     .standard = standard_,                                                                             \
     .power_of_two = ((flags_)&HAK_ROW_POWER_OF_TWO) != 0,                                              \
     .searched = ((flags_)&HAK_ROW_SEARCHED) != 0,                                                      \
     .scale = scale_,                                                                                   \
     .choices = choices_,                                                                               \
     .offset = offsetof(struct hak_profile, field_),                                                    \
     .what = what_},
#define SCALAR(section, name, ...) ROW(#section "." #name, section##_##name, __VA_ARGS__)
#define TOP(name, ...) ROW(#name, name, __VA_ARGS__)
#define TEXT(name, what) ROW(#name, name, HAK_TYPE_NAME, "", 0, 0, 0, HAK_ROW_PLAIN, HAK_SCALE_CATEGORY, NULL, what)
#define LIST(section, name, unit, minimum, maximum, what)                                                   \
    ROW(#section "." #name, section##_##name, HAK_TYPE_SIZE_LIST, unit, minimum, maximum, 0, HAK_ROW_PLAIN, \
        HAK_SCALE_LINEAR, NULL, what)

const struct hak_parameter hak_parameters[] = {HAK_PARAMETERS(SCALAR, TOP, TEXT, LIST)};
const size_t hak_parameter_count = sizeof hak_parameters / sizeof hak_parameters[0];

_Static_assert(sizeof hak_parameters / sizeof hak_parameters[0] <= HAK_PROFILE_MAX_PARAMETERS,
               "HAK_PROFILE_MAX_PARAMETERS is too small");

/* Room for the words that say what a row takes. */
#define EXPECTATION_SIZE 128

const struct hak_parameter *hak_parameter_find(const char *key)
{
    for (size_t i = 0; i < hak_parameter_count; i++) {
        if (strcmp(hak_parameters[i].key, key) == 0)
            return &hak_parameters[i];
    }
    return NULL;
}

uint64_t hak_parameter_get(const struct hak_parameter *row, const struct hak_profile *profile)
{
    uint64_t value;
    memcpy(&value, (const char *)profile + row->offset, sizeof value);
    return value;
}

void hak_parameter_set(const struct hak_parameter *row, struct hak_profile *profile, uint64_t value)
{
    memcpy((char *)profile + row->offset, &value, sizeof value);
}

const char *hak_parameter_format(const struct hak_parameter *row, uint64_t value, char *text, size_t size)
{
    switch (row->type) {
    case HAK_TYPE_SIZE:
    case HAK_TYPE_SIZE_LIST:
        return hak_units_format_size(value, text, size);
    case HAK_TYPE_PERCENT:
        return hak_units_format_percent(value, text, size);
    case HAK_TYPE_DELAY:
        return hak_units_format_delay(value, text, size);
    case HAK_TYPE_SHARE:
        return hak_units_format_share(value, text, size);
    case HAK_TYPE_CHOICE:
        hak_text_join(text, size, value <= row->maximum ? row->choices[value] : "?", "", "");
        return text;
    case HAK_TYPE_SWITCH:
        hak_text_join(text, size, value ? "true" : "false", "", "");
        return text;
    case HAK_TYPE_INTEGER:
    case HAK_TYPE_NAME:
        break;
    }
    return hak_units_format_integer(value, text, size);
}

/* "256KiB to 64MiB" */
static const char *format_range(const struct hak_parameter *row, char *text, size_t size)
{
    char low[HAK_UNITS_TEXT], high[HAK_UNITS_TEXT];
    snprintf(text, size, "%s to %s", hak_parameter_format(row, row->minimum, low, sizeof low),
             hak_parameter_format(row, row->maximum, high, sizeof high));
    return text;
}

static bool number_fits(const struct hak_parameter *row, uint64_t value)
{
    return value >= row->minimum && value <= row->maximum && !(row->power_of_two && (value & (value - 1)) != 0);
}

/* Says why a number does not fit whose text is SHOWN; returns false. */
static bool refuse_number(const struct hak_parameter *row, uint64_t value, const char *shown, char *message,
                          size_t size)
{
    char range[EXPECTATION_SIZE];
    bool out = value < row->minimum || value > row->maximum;
    if (out && row->minimum == row->maximum)
        snprintf(message, size, "%s: %s is not supported (only %" PRIu64 ")", row->key, shown, row->minimum);
    else if (out)
        snprintf(message, size, "%s: %s is out of range (%s%s)", row->key, shown,
                 format_range(row, range, sizeof range), row->power_of_two ? ", powers of two" : "");
    else
        snprintf(message, size, "%s: %s is not a power of two (%s)", row->key, shown,
                 format_range(row, range, sizeof range));
    return false;
}

bool hak_parameter_check(const struct hak_parameter *row, uint64_t value, char *message, size_t size)
{
    char shown[HAK_UNITS_TEXT];
    if (number_fits(row, value)) /* then nothing is formatted: most values of most profiles */
        return true;
    return refuse_number(row, value, hak_parameter_format(row, value, shown, sizeof shown), message, size);
}

/* "one of never, madvise, always, hugetlb" */
static const char *format_choices(const struct hak_parameter *row, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "one of ");
    for (size_t i = 0; row->choices[i] && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", row->choices[i]);
    return text;
}

static bool parse_choice(const struct hak_parameter *row, const char *text, uint64_t *value, char *message, size_t size)
{
    for (size_t i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], text) == 0) {
            *value = i;
            return true;
        }
    }
    char shown[HAK_TEXT_EXCERPT], choices[EXPECTATION_SIZE];
    snprintf(message, size, "%s: \"%s\" is not %s", row->key, hak_text_excerpt(text, shown, sizeof shown),
             format_choices(row, choices, sizeof choices));
    return false;
}

static bool parse_switch(const struct hak_parameter *row, const char *text, uint64_t *value, char *message, size_t size)
{
    bool on = strcmp(text, "true") == 0;
    if (!on && strcmp(text, "false") != 0) {
        char shown[HAK_TEXT_EXCERPT];
        snprintf(message, size, "%s: \"%s\" is neither true nor false", row->key,
                 hak_text_excerpt(text, shown, sizeof shown));
        return false;
    }
    *value = on;
    return true;
}

/* How the numbers of one type are read, and the words for it in messages. */
struct number_kind {
    enum hak_units_status (*parse)(const char *text, uint64_t *value);
    const char *noun;
    const char *units;
};

static struct number_kind number_kind(enum hak_parameter_type type)
{
    switch (type) {
    case HAK_TYPE_SIZE:
    case HAK_TYPE_SIZE_LIST:
        return (struct number_kind){hak_units_parse_size, "a size",
                                    "KiB, MiB or GiB right after the number, or none for bytes"};
    case HAK_TYPE_PERCENT:
        return (struct number_kind){hak_units_parse_percent, "a percentage", "% right after the number"};
    case HAK_TYPE_DELAY:
        return (struct number_kind){hak_units_parse_delay, "a delay", "ms or s right after the number"};
    case HAK_TYPE_SHARE:
        return (struct number_kind){hak_units_parse_share, "1/ and a whole number, nor 0", "none is taken here"};
    default:
        return (struct number_kind){hak_units_parse_integer, "a whole number", "none is taken here"};
    }
}

static bool parse_number(const struct hak_parameter *row, const char *text, uint64_t *value, char *message, size_t size)
{
    struct number_kind kind = number_kind(row->type);
    char shown[HAK_TEXT_EXCERPT], unit[HAK_TEXT_EXCERPT], range[EXPECTATION_SIZE];
    hak_text_excerpt(text, shown, sizeof shown);
    switch (kind.parse(text, value)) {
    case HAK_UNITS_OK:
        return true;
    case HAK_UNITS_NO_NUMBER:
        snprintf(message, size, "%s: \"%s\" is not %s (%s)", row->key, shown, kind.noun,
                 format_range(row, range, sizeof range));
        break;
    case HAK_UNITS_UNKNOWN_UNIT:
        snprintf(message, size, "%s: \"%s\" has the unknown unit \"%s\" (%s)", row->key, shown,
                 hak_text_excerpt(hak_units_suffix(text), unit, sizeof unit), kind.units);
        break;
    case HAK_UNITS_MISSING_UNIT:
        snprintf(message, size, "%s: \"%s\" has no unit (%s)", row->key, shown, kind.units);
        break;
    case HAK_UNITS_TOO_LARGE:
        snprintf(message, size, "%s: %s is out of range (%s)", row->key, shown, format_range(row, range, sizeof range));
        break;
    }
    return false;
}

static bool parse_any(const struct hak_parameter *row, const char *text, uint64_t *value, char *message, size_t size)
{
    if (row->type == HAK_TYPE_CHOICE)
        return parse_choice(row, text, value, message, size);
    if (row->type == HAK_TYPE_SWITCH)
        return parse_switch(row, text, value, message, size);
    return parse_number(row, text, value, message, size);
}

bool hak_parameter_parse(const struct hak_parameter *row, const char *text, uint64_t *value, char *message, size_t size)
{
    uint64_t parsed = 0;
    char shown[HAK_TEXT_EXCERPT];
    if (*text == '\0') {
        snprintf(message, size, "%s: the value is missing", row->key);
        return false;
    }
    if (!parse_any(row, text, &parsed, message, size))
        return false;
    if (!number_fits(row, parsed))
        return refuse_number(row, parsed, hak_text_excerpt(text, shown, sizeof shown), message, size);
    *value = parsed;
    return true;
}

void hak_profile_default(struct hak_profile *profile)
{
    memset(profile, 0, sizeof *profile);
    memcpy(profile->name, HAK_STANDARD_NAME, sizeof HAK_STANDARD_NAME);
    for (size_t i = 0; i < hak_parameter_count; i++) {
        const struct hak_parameter *row = &hak_parameters[i];
        if (row->type != HAK_TYPE_NAME && row->type != HAK_TYPE_SIZE_LIST)
            hak_parameter_set(row, profile, row->standard);
    }
}

bool hak_profile_name_check(const char *name, char *message, size_t size)
{
    size_t length = strlen(name);
    if (length == 0 || length >= HAK_PROFILE_NAME_MAX) {
        snprintf(message, size, "name: %zu characters long (1 to %d are taken)", length, HAK_PROFILE_NAME_MAX - 1);
        return false;
    }
    for (const char *c = name; *c; c++) {
        if (*c < ' ' || *c > '~') {
            char shown[HAK_TEXT_EXCERPT];
            snprintf(message, size, "name: \"%s\" is not all printable ASCII",
                     hak_text_excerpt(name, shown, sizeof shown));
            return false;
        }
    }
    return true;
}

static bool check_row(const struct hak_parameter *row, const struct hak_profile *profile, size_t *element,
                      char *message, size_t size)
{
    switch (row->type) {
    case HAK_TYPE_NAME:
        return hak_profile_name_check(profile->name, message, size);
    case HAK_TYPE_SIZE_LIST:
        return profile->size_classes_count == 0 ||
               hak_class_sizes_check(profile->size_classes_sizes, profile->size_classes_count, element, message, size);
    default:
        return hak_parameter_check(row, hak_parameter_get(row, profile), message, size);
    }
}

/* Slabs in a SuperSlab at least: with fewer, what a slab wastes at its end and what is empty weigh as much as what is
 * used. */
#define SLABS_PER_SUPERSLAB 4

static bool check_slab_page(const struct hak_profile *profile, struct hak_profile_offence *offence, char *message,
                            size_t size)
{
    if (profile->pages_slab_page <= profile->superslab_size / SLABS_PER_SUPERSLAB)
        return true;
    char page[HAK_UNITS_TEXT], superslab[HAK_UNITS_TEXT];
    snprintf(message, size, "pages.slab_page: %s is more than a quarter of superslab.size (%s)",
             hak_units_format_size(profile->pages_slab_page, page, sizeof page),
             hak_units_format_size(profile->superslab_size, superslab, sizeof superslab));
    offence->row = hak_parameter_find("pages.slab_page");
    offence->other = hak_parameter_find("superslab.size");
    return false;
}

bool hak_profile_check_offence(const struct hak_profile *profile, struct hak_profile_offence *offence, char *message,
                               size_t size)
{
    struct hak_profile_offence found = {NULL, NULL, 0};
    bool good = true;
    for (size_t i = 0; good && i < hak_parameter_count; i++) {
        found.row = &hak_parameters[i];
        good = check_row(found.row, profile, &found.element, message, size);
    }
    good = good && check_slab_page(profile, &found, message, size);
    if (!good && offence)
        *offence = found;
    return good;
}

bool hak_profile_check(const struct hak_profile *profile, char *message, size_t size)
{
    return hak_profile_check_offence(profile, NULL, message, size);
}
