/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See parse.h. */
#include "config.h"

#include "cli/options/parse.h"

#include "cli/options/job.h"
#include "cli/options/job_find.h"
#include "cli/options/similar.h"
#include "cli/options/table.h"
#include "cli/options/usage.h"
#include "cli/options/values.h"
#include "cli/output/format.h"

#include <stdio.h>
#include <string.h>

struct command_line {
    enum verb verb;
    bool has_verb; /* it is said on the line; else it is that of the job */
    char **words;  /* NULL-terminated */
    int next;      /* the word to look at */
    bool ended;    /* the rest is not looked at, or is a command */
    struct options *options;
};

static bool takes(enum verb verb, const struct option_row *row)
{
    return row->verbs & VERB_BIT(verb);
}

/* --- unknown options ---------------------------------------------------------------------------------------------- */

/* The name of VERB's option that is the most like NAME, or NULL. */
static const char *find_similar(enum verb verb, const char *name, size_t length)
{
    struct similar similar = similar_to(name, length);
    for (size_t i = 0; i < option_row_count; i++)
        if (takes(verb, &option_rows[i]) && !option_rows[i].hidden)
            similar_offer(&similar, option_rows[i].name);
    return similar.best;
}

static bool is_called(const char *known, const char *name, size_t length)
{
    return strlen(known) == length && strncmp(known, name, length) == 0;
}

/* A verb that takes NAME, or NULL. */
static const char *find_other_verb(const char *name, size_t length)
{
    for (size_t i = 0; i < option_row_count; i++)
        for (size_t verb = 0; verb < VERBS; verb++)
            if (is_called(option_rows[i].name, name, length) && takes((enum verb)verb, &option_rows[i]))
                return verb_rows[verb].name;
    return NULL;
}

/* WORD is what was written, NAME the part of it that names an option, after one dash or two. */
static int refuse_unknown(enum verb verb, const char *word, const char *name, size_t length)
{
    int shown = (int)(name - word + (ptrdiff_t)length);
    const char *similar = find_similar(verb, name, length);
    const char *other = similar && is_called(similar, name, length) ? NULL : find_other_verb(name, length);
    if (other)
        return usage_error(verb, "cannot take option '%.*s', which is for %s", shown, word, other);
    if (similar)
        return usage_error(verb, "cannot take option '%.*s', did you mean '--%s'?", shown, word, similar);
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
    char name[64], text[OPTION_REFUSAL_SIZE];
    if (!value || !*value)
        return usage_error(verb, "option '--%s' needs a value: %s", row->name,
                           option_expected(row, text, OPTION_EXPECTED_SIZE));
    snprintf(name, sizeof name, "--%s", row->name);
    return usage_error(verb, "%s", option_refusal(row, name, value, text, sizeof text));
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
    line->options->texts[row - option_rows] = row->kind == OPTION_SWITCH ? "true" : value;
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

static int take_job(struct command_line *line, const char *word)
{
    struct options *options = line->options;
    if (options->job)
        return usage_error(line->verb, "cannot take job '%s' as well as '%s': one is run at a time", word,
                           options->job);
    options->job = word;
    return 0;
}

/* Arguments move to the front of the words, over those that have been looked at. */
static int take_argument(struct command_line *line, char *word)
{
    const struct verb_row *verb = &verb_rows[line->verb];
    if ((verb->takes_job || !line->has_verb) && job_is_meant(word))
        return take_job(line, word);
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

/* --- the verb of a line that says none ---------------------------------------------------------------------------- */

/* The option that WORD names to any of the verbs that have jobs, or NULL. */
static const struct option_row *find_of_jobs(const char *word)
{
    static const enum verb verbs[] = {VERB_TUNE, VERB_COMPARE};
    const struct option_row *several[2], *row = NULL;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs && !row; i++)
        row = strncmp(word, "--", 2) == 0 ? find_long(verbs[i], word + 2, strcspn(word + 2, "="), several)
                                          : find_letter(verbs[i], word);
    return row;
}

/* The job that the line names as an argument or by --job, or NULL. */
static const char *find_job(char *const *words)
{
    for (; *words && strcmp(*words, "--") != 0; words++) {
        bool is_argument = words[0][0] != '-' || !words[0][1];
        if (is_argument && job_is_meant(*words))
            return *words;
        const struct option_row *row = is_argument ? NULL : find_of_jobs(*words);
        if (!row || row->kind == OPTION_SWITCH)
            continue;
        const char *equals = strchr(*words, '='), *value = equals ? equals + 1 : words[1];
        if (row->offset == offsetof(struct options, job) || !value)
            return value;
        words += !equals;
    }
    return NULL;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

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

/* --- with a job --------------------------------------------------------------------------------------------------- */

/* Takes out of OPTIONS, which are a job's, what ROW of the command line says instead. */
static void drop_instead(enum verb verb, enum option_instead instead, struct options *options)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (takes(verb, &option_rows[i]) && option_rows[i].instead == instead && options->given[i])
            option_reset(&option_rows[i], options);
    if (instead == INSTEAD_OF_WORK)
        options->command = NULL;
}

/* The job's directory is for its own commands. */
static void drop_directory(struct options *options)
{
    if (!option_given(options, cwd))
        options->cwd = NULL;
}

static int lay_over(enum verb verb, const struct options *line, struct options *options)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!line->given[i])
            continue;
        if (row->instead)
            drop_instead(verb, row->instead, options);
        if (!option_hand_over(line, row, row, options))
            return refuse_value(verb, row, "with what the job has");
    }
    if (line->command) {
        drop_instead(verb, INSTEAD_OF_WORK, options);
        options->command = line->command;
    }
    if (line->command || line->server || line->workload)
        drop_directory(options);
    if (line->argument_count > 0) {
        options->arguments = line->arguments;
        options->argument_count = line->argument_count;
    }
    return 0;
}

/* Whether the rest of the line was not looked at, for --help. */
static bool is_ended(const struct options *options)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].ends_line && options->given[i])
            return true;
    return false;
}

/* Puts the job that the options of LINE name under them. */
static int add_job(const struct command_line *line)
{
    enum verb verb = line->verb;
    struct options *options = line->options;
    struct options job;
    if (!options->job || is_ended(options))
        return 0;
    int status = job_read(verb, !line->has_verb, options->job, &job);
    const char *path = job.job;
    if (status == 0)
        status = lay_over(verb, options, &job);
    if (status == 0) {
        *options = job;
        options->job = path;
        usage_of_job(options);
        usage_set_json(options->format == OUTPUT_JSON);
    } else {
        job_free(job.file);
    }
    return status;
}

static int parse(struct command_line *line)
{
    struct options *options = line->options;
    int status = 0;
    usage_set_json(asks_for_json(line->words + 1));
    option_defaults(line->verb, options);
    usage_of_job(NULL);
    while (status == 0 && !line->ended && line->words[line->next])
        status = take_word(line);
    options->arguments = line->words + 1;
    return status == 0 ? add_job(line) : status;
}

int options_parse(enum verb verb, char **argv, struct options *options)
{
    struct command_line line = {.verb = verb, .has_verb = true, .words = argv, .next = 1, .options = options};
    return parse(&line);
}

int options_parse_any(enum verb *verb, char **argv, struct options *options)
{
    const char *job = find_job(argv + 1);
    struct command_line line = {.verb = job ? job_verb(job) : VERB_TUNE, .words = argv, .next = 1, .options = options};
    *verb = line.verb;
    return parse(&line);
}

void options_clear(struct options *options)
{
    job_free(options->file);
    options->file = NULL;
    usage_of_job(NULL);
}
