/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See values.h. */
#include "config.h"

#include "cli/options/values.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SECONDS (10000 * 3600.0)

/* A finite number of 0 or more that starts with a digit (strtod takes blanks, signs, "inf" and "nan" too). Sets *REST
 * behind it. */
static bool parse_decimal(const char *text, double *value, const char **rest)
{
    if (!isdigit((unsigned char)text[0]) || (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')))
        return false;
    char *end;
    *value = strtod(text, &end);
    *rest = end;
    return isfinite(*value);
}

bool option_duration(const char *text, double *seconds)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"ms", 0.001}, {"m", 60}, {"min", 60}, {"h", 3600}};
    double value;
    const char *unit;
    if (!parse_decimal(text, &value, &unit) || value <= 0)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(unit, units[i].name) == 0 && value * units[i].seconds <= MOST_SECONDS) {
            *seconds = value * units[i].seconds;
            return true;
        }
    }
    return false;
}

bool option_number(const char *text, uint64_t *number)
{
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*end || errno)
        return false;
    *number = value;
    return true;
}

bool option_percent(const char *text, double *percent)
{
    double value;
    const char *unit;
    if (!parse_decimal(text, &value, &unit) || (*unit && strcmp(unit, "%") != 0))
        return false;
    *percent = value;
    return true;
}

/* --- by row ------------------------------------------------------------------------------------------------------- */

static const struct option_choice *find_choice(const struct option_choice *choices, const char *name)
{
    for (; choices->name; choices++)
        if (strcmp(name, choices->name) == 0)
            return choices;
    return NULL;
}

static bool store_choice(const struct option_choice *choice, int *value)
{
    if (choice)
        *value = choice->value;
    return choice != NULL;
}

static bool store_name(const struct option_choice *choice, const char **name)
{
    if (choice)
        *name = choice->name;
    return choice != NULL;
}

static bool store_number(const struct option_row *row, const char *text, uint64_t *value)
{
    uint64_t number;
    if (!option_number(text, &number) || number < row->least || number > row->most)
        return false;
    *value = number;
    return true;
}

static bool store_percent(const struct option_row *row, const char *text, double *percent)
{
    if (!row->has_none || strcmp(text, "none") != 0)
        return option_percent(text, percent);
    *percent = OPTION_NONE;
    return true;
}

static bool is_good(const struct option_row *row, const char *text)
{
    return *text && (!row->check || !row->check(text));
}

static bool store_text(const struct option_row *row, const char *text, const char **value)
{
    bool good = is_good(row, text);
    if (good)
        *value = text;
    return good;
}

uint64_t option_most(const struct option_row *row)
{
    return row->kind == OPTION_LIST && row->most == 0 ? OPTION_LIST_MOST : row->most;
}

static bool store_item(const struct option_row *row, const char *text, struct option_list *list)
{
    return list->count < option_most(row) && store_text(row, text, &list->items[list->count]) && ++list->count;
}

bool option_store(const struct option_row *row, const char *text, struct options *options)
{
    void *field = (char *)options + row->offset;
    switch (row->kind) {
    case OPTION_SWITCH:
        *(bool *)field = true;
        return true;
    case OPTION_TEXT:
        return store_text(row, text, field);
    case OPTION_LIST:
        return store_item(row, text, field);
    case OPTION_CHOICE:
        return store_choice(find_choice(row->choices, text), field);
    case OPTION_NAME:
        return store_name(find_choice(row->choices, text), field);
    case OPTION_NUMBER:
        return store_number(row, text, field);
    case OPTION_DURATION:
        return option_duration(text, field);
    case OPTION_PERCENT:
        return store_percent(row, text, field);
    }
    return false;
}

static bool takes(enum verb verb, const struct option_row *row)
{
    return row->verbs & VERB_BIT(verb);
}

void option_defaults(enum verb verb, struct options *options)
{
    *options = (struct options){0};
    for (size_t i = 0; i < option_row_count; i++)
        if (takes(verb, &option_rows[i]) && option_rows[i].default_value)
            option_store(&option_rows[i], option_rows[i].default_value, options);
}

static size_t field_size(enum option_kind kind)
{
    switch (kind) {
    case OPTION_SWITCH:
        return sizeof(bool);
    case OPTION_LIST:
        return sizeof(struct option_list);
    case OPTION_TEXT:
    case OPTION_NAME:
        return sizeof(const char *);
    case OPTION_CHOICE:
        return sizeof(int);
    case OPTION_NUMBER:
        return sizeof(uint64_t);
    case OPTION_DURATION:
    case OPTION_PERCENT:
        return sizeof(double);
    }
    return 0;
}

void option_reset(const struct option_row *row, struct options *options)
{
    size_t index = (size_t)(row - option_rows);
    memset((char *)options + row->offset, 0, field_size(row->kind));
    if (row->default_value)
        option_store(row, row->default_value, options);
    options->given[index] = false;
    options->texts[index] = NULL;
    options->places[index] = (struct option_place){0, 0};
}

/* Letters of NAME in NAME=VALUE and NAME,WORDS=VALUE, else of all of TEXT. */
static size_t name_length(const char *text)
{
    return strchr(text, '=') ? strcspn(text, ",=") : strlen(text);
}

/* The item of LIST that has the same name as TEXT, or NULL. */
static const char **find_item(struct option_list *list, const char *text)
{
    size_t length = name_length(text);
    for (size_t i = 0; i < list->count; i++)
        if (name_length(list->items[i]) == length && strncmp(list->items[i], text, length) == 0)
            return &list->items[i];
    return NULL;
}

static bool add_items(const struct option_list *items, const struct option_row *row, struct options *to)
{
    bool good = true;
    for (size_t i = 0; i < items->count && good; i++) {
        const char **item = find_item((struct option_list *)((char *)to + row->offset), items->items[i]);
        if (item)
            *item = items->items[i];
        else
            good = option_store(row, items->items[i], to);
    }
    return good;
}

bool option_hand_over(const struct options *from, const struct option_row *another, const struct option_row *row,
                      struct options *to)
{
    size_t index = (size_t)(another - option_rows), place = (size_t)(row - option_rows);
    to->given[place] = from->given[index];
    to->texts[place] = from->texts[index];
    to->places[place] = from->places[index];
    if (row->kind == OPTION_LIST)
        return add_items((const struct option_list *)((const char *)from + another->offset), row, to);
    return option_store(row, from->texts[index] ? from->texts[index] : "", to);
}

static const char *list_choices(const struct option_choice *choices, char *text, size_t size)
{
    int length = snprintf(text, size, "one of %s", choices->name);
    while ((++choices)->name)
        length += snprintf(text + length, size - (size_t)length, ", %s", choices->name);
    return text;
}

const char *option_expected(const struct option_row *row, char *text, size_t size)
{
    switch (row->kind) {
    case OPTION_CHOICE:
    case OPTION_NAME:
        return list_choices(row->choices, text, size);
    case OPTION_NUMBER:
        snprintf(text, size, "a whole number from %" PRIu64 " to %" PRIu64, row->least, row->most);
        break;
    case OPTION_DURATION:
        snprintf(text, size, "a duration of at most 10000h (60s, 2m, 1h)");
        break;
    case OPTION_PERCENT:
        snprintf(text, size, "a percentage of 0 or more (5 or 2.5%%)%s", row->has_none ? ", nor none" : "");
        break;
    default:
        snprintf(text, size, "%s", row->argument);
    }
    return text;
}

const char *option_refusal(const struct option_row *row, const char *name, const char *value, char *text, size_t size)
{
    char expected[OPTION_EXPECTED_SIZE];
    const char *other = row->check ? row->check(value) : NULL;
    if (other)
        snprintf(text, size, "%s: '%s' where it takes %s", name, value, other);
    else if (row->kind == OPTION_LIST)
        snprintf(text, size, "%s %s: at most %d can be given", name, value, (int)option_most(row));
    else
        snprintf(text, size, "%s: '%s' is not %s", name, value, option_expected(row, expected, sizeof expected));
    return text;
}
