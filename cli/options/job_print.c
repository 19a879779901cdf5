/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See job_print.h. */
#include "config.h"

#include "cli/options/job_print.h"

#include "cli/options/table.h"
#include "cli/options/values.h"
#include "cli/yaml/scalar.h"

#include <stddef.h>
#include <string.h>

static const struct option_list *list_of(const struct option_row *row, const struct options *options)
{
    return (const struct option_list *)((const char *)options + row->offset);
}

/* What is written for ROW, which is no list; NULL: nothing. */
static const char *text_of(const struct option_row *row, const struct options *options)
{
    const char *text = options->texts[row - option_rows];
    return row->offset == offsetof(struct options, cwd) ? options->cwd : text;
}

/* Whether TEXT is another value than the default, which "1m" is not where that is "60s". */
static bool differs(const struct option_row *row, const char *text)
{
    static struct options one, other;
    if (!row->default_value)
        return true;
    if (row->kind == OPTION_TEXT)
        return strcmp(text, row->default_value) != 0;
    memset(&one, 0, sizeof one);
    memset(&other, 0, sizeof other);
    option_store(row, text, &one);
    option_store(row, row->default_value, &other);
    /* Both were cleared as a whole. NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c) */
    return memcmp(&one, &other, sizeof one) != 0;
}

/* --- can it be said? ---------------------------------------------------------------------------------------------- */

static bool can_say(const char *text)
{
    if (!text || yaml_scalar_possible(text))
        return true;
    fprintf(stderr, "hakmem-tune: --print-job: '%s' is not UTF-8 text, and a job file is\n", text);
    return false;
}

static bool can_say_all(char *const *words, size_t count)
{
    for (size_t i = 0; i < count && words[i]; i++)
        if (!can_say(words[i]))
            return false;
    return true;
}

static bool can_say_row(const struct option_row *row, const struct options *options)
{
    if (row->kind != OPTION_LIST)
        return can_say(text_of(row, options));
    return can_say_all((char *const *)list_of(row, options)->items, list_of(row, options)->count);
}

static bool can_print(const struct options *options)
{
    bool good = can_say_all(options->arguments, options->argument_count);
    if (options->command)
        good = good && can_say_all(options->command, SIZE_MAX);
    for (size_t i = 0; i < option_row_count && good; i++)
        if (option_rows[i].key)
            good = can_say_row(&option_rows[i], options);
    return good;
}

/* --- printing ----------------------------------------------------------------------------------------------------- */

static void print_text(FILE *stream, const char *key, const char *text)
{
    fprintf(stream, "%s: ", key);
    yaml_scalar_print(stream, text, false);
    fputc('\n', stream);
}

static void print_words(FILE *stream, const char *key, char *const *words, size_t count)
{
    fprintf(stream, "%s: [", key);
    for (size_t i = 0; i < count && words[i]; i++) {
        fputs(i ? ", " : "", stream);
        yaml_scalar_print(stream, words[i], true);
    }
    fputs("]\n", stream);
}

static void print_list(FILE *stream, const char *key, const struct option_list *list)
{
    if (list->count > 0)
        fprintf(stream, "%s:\n", key);
    for (size_t i = 0; i < list->count; i++) {
        fputs("  - ", stream);
        yaml_scalar_print(stream, list->items[i], false);
        fputc('\n', stream);
    }
}

static void print_row(FILE *stream, const struct option_row *row, const struct options *options)
{
    const char *text = text_of(row, options);
    if (row->kind == OPTION_LIST)
        print_list(stream, row->key, list_of(row, options));
    else if (text && differs(row, text))
        print_text(stream, row->key, text);
}

int job_print(FILE *stream, enum verb verb, const struct options *options)
{
    if (!can_print(options))
        return 1;
    if (verb != VERB_TUNE)
        print_text(stream, "verb", verb_rows[verb].name);
    if (verb_rows[verb].arguments_key && options->argument_count > 0)
        print_words(stream, verb_rows[verb].arguments_key, options->arguments, options->argument_count);
    if (options->command)
        print_words(stream, "command", options->command, SIZE_MAX);
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].verbs & VERB_BIT(verb) && option_rows[i].key)
            print_row(stream, &option_rows[i], options);
    return 0;
}
