/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a file of spaces/ to an allocator. See allocator.h. */
#include "config.h"

#include "cli/output/memory.h"
#include "cli/subject/allocator.h"
#include "lib/base/edit_distance.h"
#include "lib/base/units.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Letters in which an unknown key may differ from the one that it is taken for. */
#define NEAR 2

/* Of the name of a variable. */
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define DIGITS "0123456789"

struct loader {
    struct allocator *allocator;
    char *message;
    size_t size;
};

#define FAIL(loader, node, ...) \
    yaml_tree_fail(&(loader)->allocator->tree, node, (loader)->message, (loader)->size, __VA_ARGS__)

/* --- nodes -------------------------------------------------------------------------------------------------------- */

static const char *nearest(const char *key, const char *const *known)
{
    for (size_t i = 0; known[i]; i++) {
        if (strlen(key) < HAK_EDIT_DISTANCE_MAX &&
            hak_edit_distance(key, strlen(key), known[i], strlen(known[i])) <= NEAR)
            return known[i];
    }
    return NULL;
}

/* Whether NODE is a mapping with none but the KNOWN keys. WHAT: as messages call it. */
static bool check_keys(const struct loader *loader, const struct yaml_node *node, const char *what,
                       const char *const *known)
{
    if (node->kind != YAML_TREE_MAPPING)
        return FAIL(loader, node, "%s: keys with values are expected", what);
    for (size_t i = 0; i < node->count; i++) {
        size_t j = 0;
        while (known[j] && strcmp(known[j], node->items[i].key) != 0)
            j++;
        if (known[j])
            continue;
        const char *near = nearest(node->items[i].key, known);
        return FAIL(loader, &node->items[i], "%s: unknown key %.60s%s%s%s", what, node->items[i].key,
                    near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
    }
    return true;
}

/* The text of KEY in NODE, into *TEXT. Where it is not there: fails if it NEEDED, else leaves *TEXT. */
static bool read_text(const struct loader *loader, const struct yaml_node *node, const char *key, bool needed,
                      const char **text)
{
    const struct yaml_node *value = yaml_tree_get(node, key);
    if (!value)
        return !needed || FAIL(loader, node, "%s is missing", key);
    if (value->kind != YAML_TREE_TEXT || !value->text[0])
        return FAIL(loader, value, "%s: a text is expected", key);
    *text = value->text;
    return true;
}

/* The texts of the list KEY in NODE, NULL at the end. MOST of them. */
static bool read_texts(const struct loader *loader, const struct yaml_node *node, const char *key, const char **texts,
                       size_t most)
{
    const struct yaml_node *list = yaml_tree_get(node, key);
    if (!list)
        return true;
    if (list->kind != YAML_TREE_LIST || list->count == 0 || list->count > most)
        return FAIL(loader, list, "%s: a list of 1 to %zu texts is expected", key, most);
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].kind != YAML_TREE_TEXT)
            return FAIL(loader, &list->items[i], "%s: a text is expected", key);
        texts[i] = list->items[i].text;
    }
    return true;
}

static bool check_lines(const struct loader *loader, const struct yaml_node *node)
{
    const char *const texts[] = {node->key, node->text};
    for (size_t i = 0; i < 2; i++)
        for (const char *at = texts[i]; at && *at; at++)
            if (iscntrl((unsigned char)*at))
                return FAIL(loader, node, "a text of one line is expected, without control characters");
    for (size_t i = 0; i < node->count; i++)
        if (!check_lines(loader, &node->items[i]))
            return false;
    return true;
}

/* What is in the file comes back in lines of other files, and on terminals; but for what an allocator is asked. */
static bool check_all_lines(const struct loader *loader, const struct yaml_node *root)
{
    for (size_t i = 0; i < root->count; i++) {
        const struct yaml_node *node = &root->items[i];
        bool is_question = strcmp(node->key, "version") == 0 || strcmp(node->key, "confirm") == 0;
        if (!is_question && !check_lines(loader, node))
            return false;
    }
    return true;
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

static bool read_where(const struct loader *loader, const struct yaml_node *node, struct allocator_question *question)
{
    const struct yaml_node *where = yaml_tree_get(node, "in");
    const char *text = "output";
    if (!read_text(loader, node, "in", false, &text))
        return false;
    question->in_library = strcmp(text, "library") == 0;
    question->in_name = strcmp(text, "name") == 0;
    return question->in_library || question->in_name || strcmp(text, "output") == 0 ||
           FAIL(loader, where, "in: \"%.40s\" is not one of output, library, name", text);
}

static bool read_run(const struct loader *loader, const struct yaml_node *node, struct allocator_question *question)
{
    const struct yaml_node *run = yaml_tree_get(node, "run");
    const char *words[3] = {"true", NULL, NULL};
    if (!read_texts(loader, node, "run", words, 2))
        return false;
    question->by_loader = strcmp(words[0], "loader") == 0;
    question->argument = words[1];
    return question->by_loader || strcmp(words[0], "true") == 0 ||
           FAIL(loader, run, "run: \"%.40s\" is not one of true, loader", words[0]);
}

static bool read_question(const struct loader *loader, const char *key, struct allocator_question *question)
{
    static const char *const known[] = {"in", "run", "set", "since", "after", "shows", NULL};
    const struct yaml_node *node = yaml_tree_get(&loader->allocator->tree.root, key);
    if (!node)
        return true;
    if (!check_keys(loader, node, key, known) || !read_where(loader, node, question) ||
        !read_run(loader, node, question) || !read_text(loader, node, "since", false, &question->since) ||
        !read_text(loader, node, "after", strcmp(key, "version") == 0, &question->after) ||
        !read_texts(loader, node, "shows", question->shows, ALLOCATOR_MAX_SHOWS))
        return false;
    if (strcmp(key, "confirm") == 0 && !question->shows[0])
        return FAIL(loader, node, "shows is missing");
    const struct yaml_node *set = yaml_tree_get(node, "set");
    if (set && (set->kind != YAML_TREE_MAPPING || set->count != 1 || set->items[0].kind != YAML_TREE_TEXT))
        return FAIL(loader, set, "set: one key with its value is expected");
    if (set) {
        question->key = set->items[0].key;
        question->value = set->items[0].text;
    }
    question->is_asked = true;
    return true;
}

/* --- settings ----------------------------------------------------------------------------------------------------- */

struct word {
    const char *name;
    int value;
};

static bool read_word(const struct loader *loader, const struct yaml_node *node, const char *key,
                      const struct word *words, int *value)
{
    const char *text = NULL;
    char expected[128] = "";
    if (!read_text(loader, node, key, true, &text))
        return false;
    for (size_t i = 0; words[i].name; i++) {
        if (strcmp(words[i].name, text) == 0) {
            *value = words[i].value;
            return true;
        }
        size_t length = strlen(expected);
        snprintf(expected + length, sizeof expected - length, "%s%s", i ? ", " : "", words[i].name);
    }
    return FAIL(loader, yaml_tree_get(node, key), "%s: \"%.40s\" is not one of %s", key, text, expected);
}

/* A number of the row's own type. */
static bool read_value(const struct loader *loader, const struct yaml_node *node, const char *key,
                       const struct hak_parameter *row, uint64_t *value)
{
    char why[HAK_PROFILE_MESSAGE_SIZE];
    const char *text = NULL;
    if (!read_text(loader, node, key, true, &text))
        return false;
    return hak_parameter_parse(row, text, value, why, sizeof why) ||
           FAIL(loader, yaml_tree_get(node, key), "%s: %.300s", key, why);
}

static bool read_choices(const struct loader *loader, const struct yaml_node *node, struct hak_parameter *row)
{
    const char *words[SUBJECT_MAX_ROWS + 1] = {NULL};
    if (!yaml_tree_get(node, "choices"))
        return FAIL(loader, node, "choices is missing");
    if (!read_texts(loader, node, "choices", words, SUBJECT_MAX_ROWS))
        return false;
    size_t count = yaml_tree_get(node, "choices")->count;
    const char **copy = must_have(calloc(count + 1, sizeof *copy));
    memcpy(copy, words, count * sizeof *copy);
    row->choices = copy;
    row->maximum = count - 1;
    return true;
}

static bool read_range(const struct loader *loader, const struct yaml_node *node, struct hak_parameter *row)
{
    uint64_t minimum = 0, maximum = 0;
    row->maximum = UINT64_MAX;
    if (row->type == HAK_TYPE_CHOICE)
        return read_choices(loader, node, row);
    if (row->type == HAK_TYPE_SWITCH) {
        row->maximum = 1;
        return true;
    }
    if (!read_value(loader, node, "minimum", row, &minimum) || !read_value(loader, node, "maximum", row, &maximum))
        return false;
    if (maximum <= minimum)
        return FAIL(loader, yaml_tree_get(node, "maximum"), "maximum: is not above the minimum");
    row->minimum = minimum;
    row->maximum = maximum;
    return true;
}

static bool read_scale(const struct loader *loader, const struct yaml_node *node, struct hak_parameter *row)
{
    static const struct word scales[] = {
        {"linear", HAK_SCALE_LINEAR}, {"log", HAK_SCALE_LOG}, {"category", HAK_SCALE_CATEGORY}, {NULL, 0}};
    bool has_range = row->type != HAK_TYPE_CHOICE && row->type != HAK_TYPE_SWITCH;
    int scale = HAK_SCALE_CATEGORY;
    if ((has_range || yaml_tree_get(node, "scale")) && !read_word(loader, node, "scale", scales, &scale))
        return false;
    row->scale = (enum hak_parameter_scale)scale;
    return !has_range || scale != HAK_SCALE_CATEGORY ||
           FAIL(loader, yaml_tree_get(node, "scale"), "scale: a range is linear or log");
}

static bool read_step(const struct loader *loader, const struct yaml_node *node, struct allocator_setting *setting)
{
    const char *text = NULL;
    setting->step = 1;
    if (!read_text(loader, node, "step", false, &text) || !text)
        return text == NULL;
    return (hak_units_parse_size(text, &setting->step) == HAK_UNITS_OK && setting->step > 0) ||
           FAIL(loader, yaml_tree_get(node, "step"), "step: \"%.40s\" is not a size", text);
}

/* One for all versions, or a mapping from versions. The first stands for all until the version is known. */
static bool read_default(const struct loader *loader, const struct yaml_node *node, struct hak_parameter *row,
                         struct allocator_setting *setting)
{
    const struct yaml_node *value = yaml_tree_get(node, "default");
    uint64_t parsed = 0;
    if (!value || value->kind == YAML_TREE_TEXT)
        return read_value(loader, node, "default", row, &row->standard);
    if (value->kind != YAML_TREE_MAPPING || value->count == 0)
        return FAIL(loader, value, "default: a value is expected, or one for each version from which on it holds");
    for (size_t i = 0; i < value->count; i++) {
        const char *version = value->items[i].key;
        if (i > 0 && !allocator_is_before(value->items[i - 1].key, version))
            return FAIL(loader, &value->items[i], "default: version %.40s does not come after %.40s", version,
                        value->items[i - 1].key);
        if (!read_value(loader, value, version, row, &parsed))
            return false;
        if (i == 0)
            row->standard = parsed;
    }
    setting->defaults = value;
    return true;
}

static bool read_setting(const struct loader *loader, const struct yaml_node *node, struct hak_parameter *row,
                         struct allocator_setting *setting)
{
    static const char *const known[] = {"type",  "minimum", "maximum", "default", "scale", "choices", "unit",
                                        "since", "until",   "what",    "source",  "step",  "suffix",  NULL};
    static const struct word types[] = {{"number", HAK_TYPE_INTEGER},
                                        {"size", HAK_TYPE_SIZE},
                                        {"percent", HAK_TYPE_PERCENT},
                                        {"delay", HAK_TYPE_DELAY},
                                        {"choice", HAK_TYPE_CHOICE},
                                        {"switch", HAK_TYPE_SWITCH},
                                        {NULL, 0}};
    int type = 0;
    *row = (struct hak_parameter){.key = node->key, .unit = "", .searched = true};
    if (!check_keys(loader, node, node->key, known) || !read_word(loader, node, "type", types, &type))
        return false;
    row->type = (enum hak_parameter_type)type;
    if (row->type == HAK_TYPE_SIZE)
        row->unit = "bytes";
    return read_range(loader, node, row) && read_scale(loader, node, row) && read_default(loader, node, row, setting) &&
           read_step(loader, node, setting) && read_text(loader, node, "suffix", false, &setting->suffix) &&
           read_text(loader, node, "unit", false, &row->unit) && read_text(loader, node, "what", true, &row->what) &&
           read_text(loader, node, "source", true, &setting->source) &&
           read_text(loader, node, "since", false, &setting->since) &&
           read_text(loader, node, "until", false, &setting->until);
}

static bool read_settings(const struct loader *loader)
{
    struct allocator *allocator = loader->allocator;
    const struct yaml_node *node = yaml_tree_get(&allocator->tree.root, "settings");
    if (!node || node->kind != YAML_TREE_MAPPING || node->count == 0)
        return FAIL(loader, node ? node : &allocator->tree.root, "settings: the allocator's settings are expected");
    if (node->count > SUBJECT_MAX_ROWS)
        return FAIL(loader, node, "settings: %zu are too many (at most %d)", node->count, SUBJECT_MAX_ROWS);
    for (size_t i = 0; i < node->count; i++) {
        allocator->count = i + 1;
        if (!read_setting(loader, &node->items[i], &allocator->rows[i], &allocator->settings[i]))
            return false;
    }
    return true;
}

/* --- first points ------------------------------------------------------------------------------------------------- */

static bool check_point(const struct loader *loader, const struct yaml_node *point)
{
    const struct allocator *allocator = loader->allocator;
    const char *names[SUBJECT_MAX_ROWS + 1] = {NULL};
    for (size_t i = 0; i < allocator->count; i++)
        names[i] = allocator->rows[i].key;
    if (!check_keys(loader, point, "first", names))
        return false;
    for (size_t i = 0; i < point->count; i++) {
        size_t row = 0;
        uint64_t value;
        while (strcmp(names[row], point->items[i].key) != 0)
            row++;
        if (!read_value(loader, point, names[row], &allocator->rows[row], &value))
            return false;
    }
    return true;
}

static bool read_points(const struct loader *loader, const struct yaml_node *first, const char *key,
                        const struct yaml_node **points)
{
    const struct yaml_node *list = yaml_tree_get(first, key);
    *points = list;
    if (!list)
        return true;
    if (list->kind != YAML_TREE_LIST)
        return FAIL(loader, list, "%s: a list of points is expected", key);
    for (size_t i = 0; i < list->count; i++) {
        if (!check_point(loader, &list->items[i]))
            return false;
    }
    return true;
}

static bool read_first(const struct loader *loader)
{
    static const char *const known[] = {"speed", "memory", NULL};
    struct allocator *allocator = loader->allocator;
    const struct yaml_node *node = yaml_tree_get(&allocator->tree.root, "first");
    return !node ||
           (check_keys(loader, node, "first", known) && read_points(loader, node, "speed", &allocator->first_speed) &&
            read_points(loader, node, "memory", &allocator->first_memory));
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* What a shell takes for the name of a variable, whose first letters are there before NAME. */
static bool is_variable(const char *name, bool begins)
{
    return name[strspn(name, LETTERS DIGITS)] == '\0' && !(begins && strchr(DIGITS, name[0]));
}

static bool check_variables(const struct loader *loader, const struct yaml_node *node)
{
    const struct allocator *allocator = loader->allocator;
    const char *name = allocator->prefix ? allocator->prefix : allocator->variable;
    if (!is_variable(name, true))
        return FAIL(loader, node, "environment: \"%.40s\" is no name of a variable (letters, digits and _)", name);
    const struct yaml_node *settings = yaml_tree_get(&allocator->tree.root, "settings");
    for (size_t i = 0; allocator->prefix && settings && i < settings->count; i++)
        if (settings->items[i].key && !is_variable(settings->items[i].key, false))
            return FAIL(loader, &settings->items[i],
                        "settings: \"%.40s\" is no part of a variable's name (letters, digits and _)",
                        settings->items[i].key);
    return true;
}

static bool read_environment(const struct loader *loader)
{
    static const char *const known[] = {"variable", "pair", "separator", "prefix", "switch", NULL};
    struct allocator *allocator = loader->allocator;
    const struct yaml_node *node = yaml_tree_get(&allocator->tree.root, "environment");
    const char *words[3] = {"0", "1", NULL};
    if (!node)
        return FAIL(loader, &allocator->tree.root, "environment is missing");
    if (!check_keys(loader, node, "environment", known) || !read_texts(loader, node, "switch", words, 2) ||
        !read_text(loader, node, "prefix", false, &allocator->prefix) ||
        !read_text(loader, node, "variable", !allocator->prefix, &allocator->variable))
        return false;
    if (allocator->prefix && allocator->variable)
        return FAIL(loader, node, "environment: variable and prefix exclude each other");
    if (!check_variables(loader, node))
        return false;
    allocator->off = words[0];
    allocator->on = words[1];
    return read_text(loader, node, "pair", allocator->variable != NULL, &allocator->pair) &&
           read_text(loader, node, "separator", allocator->variable != NULL, &allocator->separator);
}

static bool read_all(const struct loader *loader)
{
    static const char *const known[] = {"allocator", "what",    "libraries", "package", "environment",
                                        "version",   "confirm", "settings",  "first",   NULL};
    struct allocator *allocator = loader->allocator;
    const struct yaml_node *root = &allocator->tree.root;
    return check_all_lines(loader, root) && check_keys(loader, root, "the file", known) &&
           read_text(loader, root, "allocator", true, &allocator->name) &&
           read_text(loader, root, "what", true, &allocator->what) &&
           read_texts(loader, root, "libraries", allocator->patterns, ALLOCATOR_MAX_PATTERNS) &&
           read_text(loader, root, "package", false, &allocator->package) && read_environment(loader) &&
           read_question(loader, "version", &allocator->version) &&
           read_question(loader, "confirm", &allocator->confirm) && read_settings(loader) && read_first(loader);
}

bool allocator_load(struct allocator *allocator, const char *path, char *message, size_t size)
{
    struct loader loader = {allocator, message, size};
    memset(allocator, 0, sizeof *allocator);
    if (!yaml_tree_load(&allocator->tree, path, message, size))
        return false;
    bool good = read_all(&loader);
    if (!good)
        allocator_free(allocator);
    return good;
}

void allocator_free(struct allocator *allocator)
{
    for (size_t i = 0; i < allocator->count; i++)
        free((void *)(uintptr_t)allocator->rows[i].choices);
    yaml_tree_clear(&allocator->tree);
    allocator->count = 0;
}
