/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See manual.h. */
#include "config.h"

#include "cli/options/manual.h"

#include "cli/options/text.h"
#include "cli/options/values.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 120

/* --- roff --------------------------------------------------------------------------------------------------------- */

/* TEXT in bold, where every dash is one that can be typed. */
static void print_bold(FILE *stream, const char *text, size_t length)
{
    fputs("\\fB", stream);
    for (size_t i = 0; i < length; i++)
        fprintf(stream, text[i] == '-' ? "\\-" : "%c", text[i]);
    fputs("\\fR", stream);
}

/* A word, in bold where it is an option or stands between marks; these may be words apart, and MARKED is whether one is
 * open. */
static void print_word(FILE *stream, const char *word, size_t length, bool *marked)
{
    for (size_t i = 0; i < length;) {
        size_t option =
            *marked || strncmp(word + i, "--", 2) != 0 ? 0 : strspn(word + i, "-abcdefghijklmnopqrstuvwxyz");
        if (word[i] == '`') {
            *marked = !*marked;
            fputs(*marked ? "\\fB" : "\\fR", stream);
        } else if (option > 0) {
            print_bold(stream, word + i, option);
        } else {
            fprintf(stream, *marked && word[i] == '-' ? "\\-" : "%c", word[i]);
        }
        i += option > 0 ? option : 1;
    }
}

/* TEXT in lines of WIDTH letters at most, none of which begins like a request. */
static void print_text(FILE *stream, const char *text)
{
    size_t column = 0;
    bool marked = false;
    while (*text) {
        size_t length = strcspn(text, " ");
        bool breaks = column == 0 || column + 1 + length > WIDTH;
        if (column > 0)
            fputc(breaks ? '\n' : ' ', stream);
        column = breaks ? length : column + 1 + length;
        if (breaks && strchr(".'", *text))
            fputs("\\&", stream);
        print_word(stream, text, length, &marked);
        text += length + (text[length] == ' ');
    }
    fputc('\n', stream);
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

/* "--format text|json" with the bar between words in bold. */
static void print_value(FILE *stream, const struct option_row *row)
{
    char text[OPTION_TEXT_SIZE];
    if (row->argument)
        fprintf(stream, "\\~\\fI%s\\fR", row->argument);
    else if (row->choices)
        fprintf(stream, "\\~\\fB%s\\fR", option_choices(row, "\\fR|\\fB", text, sizeof text));
}

static void print_name(FILE *stream, const struct option_row *row)
{
    char name[OPTION_TEXT_SIZE], letter[] = {'-', row->letter, '\0'};
    snprintf(name, sizeof name, "--%s", row->name);
    print_bold(stream, name, strlen(name));
    print_value(stream, row);
    if (row->letter) {
        fputs(", ", stream);
        print_bold(stream, letter, strlen(letter));
    }
}

static void print_entry(FILE *stream, const struct option_row *row)
{
    char text[4 * OPTION_TEXT_SIZE], standard[OPTION_TEXT_SIZE], range[OPTION_EXPECTED_SIZE];
    option_default(row, standard, sizeof standard);
    int length = snprintf(text, sizeof text, "%s.", row->description);
    if (row->kind == OPTION_NUMBER)
        length += snprintf(text + length, sizeof text - (size_t)length, " It is %s.",
                           option_expected(row, range, sizeof range));
    if (*standard)
        length += snprintf(text + length, sizeof text - (size_t)length, " D%s.", standard + 1);
    if (row->details)
        snprintf(text + length, sizeof text - (size_t)length, " %s", row->details);
    fputs(".TP\n", stream);
    print_name(stream, row);
    fputc('\n', stream);
    print_text(stream, text);
}

/* --- sections ----------------------------------------------------------------------------------------------------- */

/* The first verb that takes ROW. */
static enum verb home(const struct option_row *row)
{
    return (enum verb)__builtin_ctz(row->verbs);
}

static bool is_entry(const struct option_row *row, enum verb verb)
{
    return option_shown(row, verb) && row->group != GROUP_PROGRAM;
}

/* One entry for the options that VERB shares with OTHER, which has told of them. */
static void print_shared(FILE *stream, enum verb verb, enum verb other)
{
    bool is_first = true;
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!is_entry(row, verb) || home(row) != other)
            continue;
        fputs(is_first ? ".TP\n" : ", ", stream);
        print_name(stream, row);
        is_first = false;
    }
    if (!is_first)
        fprintf(stream, "\nAs for %s.\n", verb_rows[other].name);
}

static bool has_options(enum verb verb)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (is_entry(&option_rows[i], verb))
            return true;
    return false;
}

static void print_verb(FILE *stream, enum verb verb)
{
    if (!has_options(verb))
        return;
    fprintf(stream, ".SS %s\n", verb_rows[verb].name);
    for (size_t i = 0; i < option_row_count; i++)
        if (is_entry(&option_rows[i], verb) && home(&option_rows[i]) == verb)
            print_entry(stream, &option_rows[i]);
    for (size_t other = 0; other < (size_t)verb; other++)
        print_shared(stream, verb, (enum verb)other);
}

void manual_print(FILE *stream)
{
    fputs(".SH OPTIONS\n", stream);
    for (size_t verb = 0; verb < VERBS; verb++)
        print_verb(stream, (enum verb)verb);
    fputs(".SS every verb\n", stream);
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].group == GROUP_PROGRAM && !option_rows[i].hidden)
            print_entry(stream, &option_rows[i]);
}
