/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An allocator as a subject: what a point sets in the environment, and the file that holds it. See allocator.h. */
#include "config.h"

#include "cli/subject/allocator.h"

#include "cli/subject/environment_file.h"
#include "lib/base/units.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All settings of an allocator that has one variable for them. */
#define JOINED_SIZE 4096

/* --- settings as texts -------------------------------------------------------------------------------------------- */

/* PREFIX and NAME in capitals. */
static const char *variable_of(const struct allocator *allocator, const char *name, char *text, size_t size)
{
    if (allocator->variable) {
        snprintf(text, size, "%s", allocator->variable);
        return text;
    }
    size_t prefix = (size_t)snprintf(text, size, "%s%s", allocator->prefix, name);
    for (size_t i = strlen(allocator->prefix); i < prefix && i < size; i++)
        text[i] = (char)toupper((unsigned char)text[i]);
    return text;
}

const char *allocator_variable(const struct allocator *allocator, size_t index, char *text, size_t size)
{
    return variable_of(allocator, allocator->rows[index].key, text, size);
}

const char *allocator_value(const struct allocator *allocator, size_t index, uint64_t value, char *text, size_t size)
{
    const struct hak_parameter *row = &allocator->rows[index];
    if (row->type == HAK_TYPE_CHOICE)
        snprintf(text, size, "%s", row->choices[value]);
    else if (row->type == HAK_TYPE_SWITCH)
        snprintf(text, size, "%s", value ? allocator->on : allocator->off);
    else
        snprintf(text, size, "%" PRIu64, value / allocator->settings[index].step);
    return text;
}

static void join(const struct allocator *allocator, const char *key, const char *value, char *joined, size_t size)
{
    size_t used = strlen(joined);
    snprintf(joined + used, size - used, "%s%s%s%s", used ? allocator->separator : "", key, allocator->pair, value);
}

static void set_one(const struct allocator *allocator, const char *key, const char *value, char *joined,
                    struct launch_environment *environment)
{
    char name[128];
    if (allocator->variable)
        join(allocator, key, value, joined, JOINED_SIZE);
    else
        launch_set(environment, variable_of(allocator, key, name, sizeof name), value);
}

/* As the allocator reads it. */
static const char *written_value(const struct allocator *allocator, size_t index, uint64_t value, char *text,
                                 size_t size)
{
    char number[128];
    const char *suffix = allocator->settings[index].suffix;
    snprintf(text, size, "%s%s", allocator_value(allocator, index, value, number, sizeof number), suffix ? suffix : "");
    return text;
}

void allocator_set_all(const struct allocator *allocator, const struct subject_values *values, const char *key,
                       const char *value, struct launch_environment *environment)
{
    char joined[JOINED_SIZE] = "", text[128];
    for (size_t i = 0; i < allocator->count; i++) {
        const struct hak_parameter *row = &allocator->rows[i];
        if (values && values->value[i] != row->standard)
            set_one(allocator, row->key, written_value(allocator, i, values->value[i], text, sizeof text), joined,
                    environment);
        else if (!allocator->variable)
            launch_unset(environment, allocator_variable(allocator, i, text, sizeof text));
    }
    if (key)
        set_one(allocator, key, value, joined, environment);
    if (joined[0])
        launch_set(environment, allocator->variable, joined);
    else if (allocator->variable)
        launch_unset(environment, allocator->variable);
}

/* --- versions ----------------------------------------------------------------------------------------------------- */

bool allocator_is_before(const char *a, const char *b)
{
    for (;;) {
        unsigned long one = strtoul(a, (char **)&a, 10), other = strtoul(b, (char **)&b, 10);
        if (one != other)
            return one < other;
        if (*a != '.' || *b != '.') /* 2.1 is all of 2.1.0 to 2.1.9 */
            return false;
        a++;
        b++;
    }
}

/* The last of the defaults whose version is not after VERSION. They were read before, when the file was loaded. */
static void choose_default(struct hak_parameter *row, const struct yaml_node *defaults, const char *version)
{
    char message[HAK_PROFILE_MESSAGE_SIZE];
    for (size_t i = 0; defaults && i < defaults->count; i++) {
        if (!allocator_is_before(version, defaults->items[i].key))
            hak_parameter_parse(row, defaults->items[i].text, &row->standard, message, sizeof message);
    }
}

void allocator_limit_to(struct allocator *allocator, const char *version)
{
    for (size_t i = 0; i < allocator->count; i++) {
        const struct allocator_setting *setting = &allocator->settings[i];
        choose_default(&allocator->rows[i], setting->defaults, version);
        if ((setting->since && allocator_is_before(version, setting->since)) ||
            (setting->until && allocator_is_before(setting->until, version)))
            allocator->rows[i].searched = false;
    }
}

/* --- the subject -------------------------------------------------------------------------------------------------- */

static const struct allocator *allocator_of(const struct subject *subject)
{
    return subject->data;
}

static uint64_t maximum(const struct hak_parameter *row, const struct machine_limits *machine)
{
    (void)machine;
    return row->maximum;
}

static bool has_choice(const struct hak_parameter *row, uint64_t choice, const struct machine_limits *machine)
{
    (void)row;
    (void)choice;
    (void)machine;
    return true;
}

static void adjust(struct subject_values *values, const struct machine_limits *machine)
{
    (void)values;
    (void)machine;
}

static bool check(const struct subject_values *values, struct subject_offence *offence)
{
    (void)values;
    (void)offence;
    return true;
}

static bool seed(const struct subject *subject, const struct machine_limits *machine, bool low_memory, size_t index,
                 struct subject_values *values)
{
    (void)machine;
    const struct allocator *allocator = allocator_of(subject);
    const struct yaml_node *list = low_memory ? allocator->first_memory : allocator->first_speed;
    char message[HAK_PROFILE_MESSAGE_SIZE];
    if (!list || index >= list->count)
        return false;
    for (size_t i = 0; i < allocator->count; i++) {
        const struct yaml_node *text = yaml_tree_get(&list->items[index], allocator->rows[i].key);
        if (text) /* it was read before, when the file was loaded */
            hak_parameter_parse(&allocator->rows[i], text->text, &values->value[i], message, sizeof message);
    }
    return true;
}

static void launch(const struct subject *subject, const struct subject_values *values, const char *file,
                   struct launch_environment *environment)
{
    (void)file;
    allocator_set_all(allocator_of(subject), values, NULL, NULL, environment);
}

/* --- the file that is saved --------------------------------------------------------------------------------------- */

static bool write_environment(const struct subject *subject, const struct subject_values *values, const char *name,
                              const char *const *comments, size_t count, FILE *stream)
{
    (void)name;
    struct launch_environment environment = {.count = 0};
    allocator_set_all(allocator_of(subject), values, NULL, NULL, &environment);
    bool written = environment_file_write(stream, subject->library, &environment, comments, count);
    launch_clear(&environment);
    return written;
}

static bool is_own(const struct subject *subject, const char *path, char *message, size_t size)
{
    (void)subject;
    return environment_file_is(path, message, size);
}

static const struct subject_kind kind = {
    .suffix = ".env",
    .in_environment = true,
    .maximum = maximum,
    .has_choice = has_choice,
    .adjust = adjust,
    .check = check,
    .seed = seed,
    .launch = launch,
    .write = write_environment,
    .is_own = is_own,
};

struct subject subject_allocator(const struct allocator *allocator, const char *library)
{
    return (struct subject){.kind = &kind,
                            .name = allocator->name,
                            .description = allocator->name,
                            .baseline = allocator->name,
                            .library = library,
                            .rows = allocator->rows,
                            .count = allocator->count,
                            .data = allocator};
}
