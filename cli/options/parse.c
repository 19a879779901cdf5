/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See parse.h. */
#include "config.h"

#include "cli/options/parse.h"

#include "cli/options/table.h"
#include "cli/options/usage.h"
#include "cli/options/values.h"
#include "lib/base/edit_distance.h"

#include <string.h>

struct command_line {
    enum verb verb;
    char **words; /* NULL-terminated */
    int next;     /* the word to look at */
    bool ended;   /* the rest is not looked at, or is a command */
    struct options *options;
};

static bool takes(enum verb verb, const struct option_row *row)
{
    return row->verbs & VERB_BIT(verb);
}

/* --- unknown options ---------------------------------------------------------------------------------------------- */

/* A name with this many wrong letters is still known. */
static size_t most_distance(size_t length)
{
    return length < 6 ? 1 : length / 3;
}

/* The option of VERB whose name is the most like NAME, or NULL. */
static const struct option_row *find_similar(enum verb verb, const char *name, size_t length)
{
    const struct option_row *similar = NULL;
    size_t least = most_distance(length) + 1;
    if (length >= HAK_EDIT_DISTANCE_MAX)
        return NULL;
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!takes(verb, row) || row->hidden)
            continue;
        size_t distance = hak_edit_distance(name, length, row->name, strlen(row->name));
        if (distance < least) {
            least = distance;
            similar = row;
        }
    }
    return similar;
}

static bool is_called(const struct option_row *row, const char *name, size_t length)
{
    return strlen(row->name) == length && strncmp(row->name, name, length) == 0;
}

/* A verb that takes NAME, or NULL. */
static const char *find_other_verb(const char *name, size_t length)
{
    for (size_t i = 0; i < option_row_count; i++)
        for (size_t verb = 0; verb < VERBS; verb++)
            if (is_called(&option_rows[i], name, length) && takes((enum verb)verb, &option_rows[i]))
                return verb_rows[verb].name;
    return NULL;
}

/* WORD is what was written, NAME the part of it that names an option, after one dash or two. */
static int refuse_unknown(enum verb verb, const char *word, const char *name, size_t length)
{
    int shown = (int)(name - word + (ptrdiff_t)length);
    const struct option_row *similar = find_similar(verb, name, length);
    const char *other = similar && is_called(similar, name, length) ? NULL : find_other_verb(name, length);
    if (other)
        return usage_error(verb, "cannot take option '%.*s', which is for %s", shown, word, other);
    if (similar)
        return usage_error(verb, "cannot take option '%.*s', did you mean '--%s'?", shown, word, similar->name);
    return usage_error(verb, "cannot take option '%.*s'", shown, word);
}

/* --- known options ------------------------------------------------------------------------------------------------ */

/* The option of VERB that NAME is the whole or the beginning of. NULL: there is none, or there are SEVERAL. */
static const struct option_row *find_long(enum verb verb, const char *name, size_t length,
                                          const struct option_row *several[2])
{
    size_t count = 0;
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!takes(verb, row) || strncmp(row->name, name, length) != 0)
            continue;
        if (row->name[length] == '\0')
            return row;
        if (!row->hidden && count < 2)
            several[count++] = row;
    }
    return count == 1 ? several[0] : NULL;
}

static const struct option_row *find_letter(enum verb verb, const char *word)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (takes(verb, &option_rows[i]) && word[1] == option_rows[i].letter && word[2] == '\0')
            return &option_rows[i];
    return NULL;
}

static int refuse_value(enum verb verb, const struct option_row *row, const char *value)
{
    char expected[OPTION_EXPECTED_SIZE];
    option_expected(row, expected, sizeof expected);
    if (!value || !*value)
        return usage_error(verb, "option '--%s' needs a value: %s", row->name, expected);
    if (row->kind == OPTION_LIST)
        return usage_error(verb, "--%s %s: at most %d can be given", row->name, value, (int)option_most(row));
    return usage_error(verb, "--%s: '%s' is not %s", row->name, value, expected);
}

/* VALUE is what follows an equals sign; NULL: the value is the next word. */
static int take_option(struct command_line *line, const struct option_row *row, const char *value)
{
    if (row->kind == OPTION_SWITCH && value)
        return usage_error(line->verb, "option '--%s' takes no value, not '%s'", row->name, value);
    if (row->kind != OPTION_SWITCH && !value) {
        value = line->words[line->next];
        line->next += value != NULL;
    }
    if (row->kind != OPTION_SWITCH && (!value || !*value || !option_store(row, value, line->options)))
        return refuse_value(line->verb, row, value);
    if (row->kind == OPTION_SWITCH)
        option_store(row, "", line->options);
    line->options->given[row - option_rows] = true;
    line->ended = row->ends_line;
    return 0;
}

static int take_long(struct command_line *line, const char *word)
{
    const char *name = word + 2;
    size_t length = strcspn(name, "=");
    const struct option_row *several[2] = {NULL, NULL};
    const struct option_row *row = find_long(line->verb, name, length, several);
    if (row)
        return take_option(line, row, name[length] ? name + length + 1 : NULL);
    if (several[0])
        return usage_error(line->verb, "option '--%.*s' is short for both '--%s' and '--%s'", (int)length, name,
                           several[0]->name, several[1]->name);
    return refuse_unknown(line->verb, word, name, length);
}

static int take_letter(struct command_line *line, const char *word)
{
    const struct option_row *row = find_letter(line->verb, word);
    return row ? take_option(line, row, NULL) : refuse_unknown(line->verb, word, word + 1, strcspn(word + 1, "="));
}

/* --- the rest of the line ----------------------------------------------------------------------------------------- */

/* Arguments move to the front of the words, over those that have been looked at. */
static int take_argument(struct command_line *line, char *word)
{
    const struct verb_row *verb = &verb_rows[line->verb];
    if (!verb->takes_arguments && verb->takes_command)
        return usage_error(line->verb, "unexpected argument '%s' (a verb comes first, a command goes after --)", word);
    if (!verb->takes_arguments)
        return usage_error(line->verb, "cannot take argument '%s'", word);
    line->words[1 + line->options->argument_count++] = word;
    return 0;
}

static int take_rest(struct command_line *line)
{
    char **rest = line->words + line->next;
    int status = 0;
    line->ended = true;
    if (verb_rows[line->verb].takes_command) {
        line->options->command = rest;
        if (!rest[0])
            return usage_error(line->verb, "there is no command after --");
        return rest[0][0] ? 0 : usage_error(line->verb, "the command after -- is empty");
    }
    for (; *rest && status == 0; rest++)
        status = take_argument(line, *rest);
    return status;
}

static int take_word(struct command_line *line)
{
    char *word = line->words[line->next++];
    if (strcmp(word, "--") == 0)
        return take_rest(line);
    if (strncmp(word, "--", 2) == 0)
        return take_long(line, word);
    if (word[0] == '-' && word[1])
        return take_letter(line, word);
    return take_argument(line, word);
}

/* Whether the line asks for JSON; looked for before all else, because what is wrong may stand before it. */
static bool asks_for_json(char *const *words)
{
    bool asks = false;
    for (; *words && strcmp(*words, "--") != 0; words++) {
        if (strcmp(*words, "--format") == 0 && words[1])
            asks = strcmp(words[1], "json") == 0;
        else if (strncmp(*words, "--format=", strlen("--format=")) == 0)
            asks = strcmp(*words + strlen("--format="), "json") == 0;
    }
    return asks;
}

static void set_defaults(enum verb verb, struct options *options)
{
    *options = (struct options){0};
    for (size_t i = 0; i < option_row_count; i++)
        if (takes(verb, &option_rows[i]) && option_rows[i].default_value)
            option_store(&option_rows[i], option_rows[i].default_value, options);
}

int options_parse(enum verb verb, char **argv, struct options *options)
{
    struct command_line line = {verb, argv, 1, false, options};
    int status = 0;
    usage_set_json(asks_for_json(argv + 1));
    set_defaults(verb, options);
    while (status == 0 && !line.ended && argv[line.next])
        status = take_word(&line);
    options->arguments = argv + 1;
    return status;
}
