/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See help.h. */
#include "config.h"

#include "cli/options/help.h"

#include "cli/options/text.h"

#include <string.h>

#define WIDTH 80
#define TEXT_COLUMN 28 /* where descriptions begin: behind --max-rss-growth PERCENT */
#define VERB_COLUMN 13

/* Writes TEXT without the marks of the manual page, from COLUMN on, in lines of at most WIDTH columns, of which the
 * further ones begin at INDENT; and a newline. */
static void print_words(FILE *stream, const char *text, size_t column, size_t indent)
{
    size_t at = column;
    while (*text) {
        char word[WIDTH] = "";
        size_t length = 0;
        for (; *text && *text != ' '; text++)
            if (*text != '`' && length + 1 < sizeof word)
                word[length++] = *text;
        while (*text == ' ')
            text++;
        bool first = at == column || at == indent;
        if (!first && at + 1 + length > WIDTH) {
            fprintf(stream, "\n%*s", (int)indent, "");
            at = indent;
            first = true;
        }
        fprintf(stream, "%s%.*s", first ? "" : " ", (int)length, word);
        at += length + !first;
    }
    fputc('\n', stream);
}

static void print_option(FILE *stream, const struct option_row *row)
{
    char argument[OPTION_TEXT_SIZE], standard[OPTION_TEXT_SIZE], text[2 * OPTION_TEXT_SIZE];
    option_argument(row, argument, sizeof argument);
    option_default(row, standard, sizeof standard);
    int column = fprintf(stream, "  --%s%s%s", row->name, *argument ? " " : "", argument);
    if (row->letter)
        column += fprintf(stream, ", -%c", row->letter);
    if (column + 1 < TEXT_COLUMN)
        fprintf(stream, "%*s", TEXT_COLUMN - column, "");
    else
        fprintf(stream, "\n%*s", TEXT_COLUMN, "");
    if (*standard)
        snprintf(text, sizeof text, "%s (%s)", row->description, standard);
    else
        snprintf(text, sizeof text, "%s", row->description);
    print_words(stream, text, TEXT_COLUMN, TEXT_COLUMN);
}

static void print_group(FILE *stream, enum option_group group, unsigned verbs)
{
    bool is_first = true;
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (row->group != group || !(row->verbs & verbs) || row->hidden)
            continue;
        if (is_first)
            fprintf(stream, "\n%s:\n", option_groups[group]);
        is_first = false;
        print_option(stream, row);
    }
}

/* Each line of TEXT, indented. */
static void print_lines(FILE *stream, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        fprintf(stream, "  %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static void print_verb(FILE *stream, enum verb verb)
{
    const struct verb_row *row = &verb_rows[verb];
    for (size_t i = 0; i < VERB_MOST_USES && row->usage[i]; i++)
        fprintf(stream, "%s hakmem-tune %s\n", i == 0 ? "Usage:" : "      ", row->usage[i]);
    fprintf(stream, "\n%s", row->description);
    for (size_t group = 0; group < GROUP_PROGRAM; group++)
        print_group(stream, (enum option_group)group, VERB_BIT(verb));
    if (row->examples) {
        fputs("\nExamples:\n", stream);
        print_lines(stream, row->examples);
    }
}

static void print_program(FILE *stream)
{
    fputs("Usage: hakmem-tune [VERB] [OPTION...] [ARGUMENT...]\n\nVerbs:\n", stream);
    for (size_t i = 0; i < VERBS; i++)
        fprintf(stream, "  %-*s%s\n", VERB_COLUMN - 2, verb_rows[i].name, verb_rows[i].summary);
    fputs("'hakmem-tune VERB --help' has the options of each.\n", stream);
    print_group(stream, GROUP_PROGRAM, VERBS_ALL);
    fputs("\nExamples:\n", stream);
    for (size_t i = 0; i < VERBS; i++)
        if (verb_rows[i].examples)
            print_lines(stream, verb_rows[i].examples);
    fputs("  LD_PRELOAD=libhakmem.so HAKMEM_PROFILE=$PWD/my-server.yaml ./my-server\n"
          "\n"
          "Exit status:\n"
          "  0    done, also when no profile is significantly better\n"
          "  1    failed\n"
          "  2    bad usage or bad profile\n"
          "  3    the workload's command failed under the default profile, or under all\n"
          "       others, or does not give a metric that is asked for; inspect: the\n"
          "       process cannot be inspected\n"
          "  4    not as good as asked for: --require-gain, compare --fail-if-worse\n"
          "  130  interrupted\n",
          stream);
}

void help_print(FILE *stream, enum verb verb)
{
    if (verb == VERB_NONE)
        print_program(stream);
    else
        print_verb(stream, verb);
}
