/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See job_value.h. */
#include "config.h"

#include "cli/options/job_value.h"

#include "cli/options/usage.h"
#include "cli/options/values.h"
#include "cli/output/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *job_keep(struct job_file *file, char *text)
{
    file->texts = must_have(reallocarray(file->texts, file->text_count + 1, sizeof *file->texts));
    file->texts[file->text_count++] = text;
    return text;
}

static int error_at(const struct job *job, struct option_place place, const char *format, va_list arguments)
{
    char message[OPTION_REFUSAL_SIZE];
    vsnprintf(message, sizeof message, format, arguments);
    return usage_error(job->verb, "%s:%u:%u: %s", job->file->tree.path, place.line, place.column, message);
}

int job_error(const struct job *job, const struct yaml_node *node, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = error_at(job, (struct option_place){node->line, node->column}, format, arguments);
    va_end(arguments);
    return status;
}

int job_key_error(const struct job *job, const struct yaml_node *node, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = error_at(job, (struct option_place){node->key_line, node->key_column}, format, arguments);
    va_end(arguments);
    return status;
}

/* --- paths -------------------------------------------------------------------------------------------------------- */

/* TEXT from where it is a path: after NAME= and after lib: . */
static const char *path_in(const char *text)
{
    const char *equal = strchr(text, '=');
    if (equal && !memchr(text, '/', (size_t)(equal - text)))
        text = equal + 1;
    return strncmp(text, "lib:", 4) == 0 ? text + 4 : text;
}

static bool looks_like_path(const char *text)
{
    size_t length = strlen(text);
    return strchr(text, '/') || strstr(text, ".so") || (length > 5 && strcmp(text + length - 5, ".yaml") == 0);
}

/* WORD with DIRECTORY before its path, if it has one; malloc'd. */
static char *resolve_word(const char *directory, const char *word)
{
    const char *path = path_in(word);
    if (path[0] == '/' || !looks_like_path(path))
        return must_have(strdup(word));
    return must_format("%.*s%s/%s", (int)(path - word), word, directory, path);
}

/* The same of each of the words that TEXT has between commas. */
static char *resolve_words(const char *directory, const char *text)
{
    char *copy = must_have(strdup(text)), *rest = copy, *made = NULL;
    for (char *word = strsep(&rest, ","); word; word = strsep(&rest, ",")) {
        char *resolved = resolve_word(directory, word), *before = made;
        made = must_format("%s%s%s", before ? before : "", before ? "," : "", resolved);
        free(before);
        free(resolved);
    }
    free(copy);
    return made;
}

/* What TEXT of the job is from the current directory. */
static const char *resolve(struct job_file *file, enum option_paths paths, const char *text)
{
    if (!file->directory || paths == PATHS_NONE)
        return text;
    if (paths == PATHS_SEVERAL)
        return job_keep(file, resolve_words(file->directory, text));
    bool stays =
        text[0] == '/' || strcmp(text, "-") == 0 || strncmp(text, WORDS_DIRECTORY, strlen(WORDS_DIRECTORY)) == 0;
    return stays ? text : job_keep(file, must_format("%s/%s", file->directory, text));
}

/* --- options ------------------------------------------------------------------------------------------------------ */

static bool has_commas(const struct option_row *row)
{
    return row->argument && strstr(row->argument, "[,");
}

static bool has_names(const struct option_row *row)
{
    return row->kind == OPTION_LIST && row->argument && strchr(row->argument, '=');
}

static int refuse_shape(const struct job *job, const struct option_row *row, const struct yaml_node *node)
{
    char expected[OPTION_EXPECTED_SIZE];
    bool takes_list = row->kind == OPTION_LIST || has_commas(row);
    return job_error(job, node, "%s: a %s stands where %s is expected%s%s", row->key,
                     node->kind == YAML_TREE_LIST ? "list" : "mapping", option_expected(row, expected, sizeof expected),
                     takes_list ? ", or a list of them" : "", has_names(row) ? ", or a mapping" : "");
}

static int store(struct job *job, const struct option_row *row, const struct yaml_node *node, const char *text)
{
    char message[OPTION_REFUSAL_SIZE];
    const char *resolved = *text ? resolve(job->file, row->paths, text) : text;
    if (!*text)
        return job_error(job, node, "%s: needs a value: %s", row->key, option_expected(row, message, sizeof message));
    if (!option_store(row, resolved, &job->options))
        return job_error(job, node, "%s", option_refusal(row, row->key, text, message, sizeof message));
    if (row->kind != OPTION_LIST)
        job->options.texts[row - option_rows] = resolved;
    return 0;
}

static int store_items(struct job *job, const struct option_row *row, const struct yaml_node *node)
{
    int status = 0;
    for (size_t i = 0; i < node->count && status == 0; i++) {
        const struct yaml_node *item = &node->items[i];
        if (!item->text)
            return refuse_shape(job, row, item);
        status = store(job, row, item,
                       item->key ? job_keep(job->file, must_format("%s=%s", item->key, item->text)) : item->text);
    }
    return status;
}

/* The texts of a list with commas between. */
static int store_joined(struct job *job, const struct option_row *row, const struct yaml_node *node)
{
    char *joined = must_format("%s", "");
    for (size_t i = 0; i < node->count; i++) {
        if (!node->items[i].text) {
            free(joined);
            return refuse_shape(job, row, &node->items[i]);
        }
        char *longer = must_format("%s%s%s", joined, i ? "," : "", node->items[i].text);
        free(joined);
        joined = longer;
    }
    return store(job, row, node, job_keep(job->file, joined));
}

static int store_switch(struct job *job, const struct option_row *row, const struct yaml_node *node, bool *is_given)
{
    *is_given = strcmp(node->text, "true") == 0;
    if (!*is_given && strcmp(node->text, "false") != 0)
        return job_error(job, node, "%s: '%s' is not true or false", row->key, node->text);
    return *is_given ? store(job, row, node, node->text) : 0;
}

int job_take_option(struct job *job, const struct option_row *row, const struct yaml_node *node)
{
    bool is_given = true;
    int status;
    if (node->text)
        status =
            row->kind == OPTION_SWITCH ? store_switch(job, row, node, &is_given) : store(job, row, node, node->text);
    else if (row->kind == OPTION_LIST && (node->kind == YAML_TREE_LIST || has_names(row)))
        status = store_items(job, row, node);
    else if (node->kind == YAML_TREE_LIST && has_commas(row))
        status = store_joined(job, row, node);
    else
        status = refuse_shape(job, row, node);
    job->options.given[row - option_rows] = is_given;
    job->options.places[row - option_rows] = (struct option_place){node->key_line, node->key_column};
    return status;
}

/* --- words -------------------------------------------------------------------------------------------------------- */

static int refuse_words(const struct job *job, const struct yaml_node *node, const char *key)
{
    return job_error(job, node, "%s: a %s stands where a text, or a list of texts, is expected", key,
                     node->kind == YAML_TREE_LIST ? "list" : "mapping");
}

static void split(struct words *words, const char *text)
{
    static const struct words_place nowhere;
    if (words_split(words, text, &nowhere) != 0)
        must_have(NULL);
}

static int take_words(struct job *job, const struct yaml_node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        if (!node->items[i].text)
            return refuse_words(job, &node->items[i], node->key);
        if (words_add(&job->file->command, "%s", node->items[i].text) != 0)
            must_have(NULL);
    }
    return 0;
}

int job_take_command(struct job *job, const struct yaml_node *node)
{
    int status = 0;
    if (node->kind == YAML_TREE_MAPPING)
        return refuse_words(job, node, node->key);
    if (node->kind == YAML_TREE_LIST)
        status = take_words(job, node);
    else if (node->text[strspn(node->text, " \t\n")])
        split(&job->file->command, node->text);
    job->options.command = job->file->command.list;
    if (status == 0 && (!job->options.command || !job->options.command[0][0]))
        return job_error(job, node, "%s: there is no command in it", node->key);
    return status;
}

int job_take_arguments(struct job *job, const struct yaml_node *node)
{
    const struct yaml_node *items = node->kind == YAML_TREE_LIST ? node->items : node;
    size_t count = node->kind == YAML_TREE_LIST ? node->count : 1;
    job->file->arguments = must_have(calloc(count + 1, sizeof *job->file->arguments));
    for (size_t i = 0; i < count; i++) {
        if (!items[i].text || !*items[i].text)
            return refuse_words(job, &items[i], node->key);
        job->file->arguments[i] = job->file->directory
                                      ? (char *)job_keep(job->file, resolve_word(job->file->directory, items[i].text))
                                      : items[i].text;
    }
    job->options.arguments = job->file->arguments;
    job->options.argument_count = count;
    return 0;
}
