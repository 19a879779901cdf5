/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See job.h. */
#include "config.h"

#include "cli/options/job.h"

#include "cli/options/job_file.h"
#include "cli/options/job_find.h"
#include "cli/options/job_value.h"
#include "cli/options/similar.h"
#include "cli/options/usage.h"
#include "cli/options/values.h"
#include "cli/output/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMAND_KEY "command"
#define VERB_KEY "verb"

/* Room for the names of the jobs that are installed. */
#define JOB_NAMES 256

/* What libyaml says, and what is meant most often. */
static const struct {
    const char *said, *meant;
} hints[] = {
    {"cannot start any token", " (tabs cannot indent)"},
    {"mapping values are not allowed", " (a value that has a colon before a blank or at its end needs quotes)"}};

static const char *hint(const char *message)
{
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (strstr(message, hints[i].said))
            return hints[i].meant;
    return "";
}

static bool takes(enum verb verb, const struct option_row *row)
{
    return row->verbs & VERB_BIT(verb);
}

/* --- which file --------------------------------------------------------------------------------------------------- */

static bool is_regular(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool is_program(const char *path)
{
    const char *dot = strrchr(path, '.');
    bool has_ending = dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
    return !has_ending && is_regular(path) && access(path, X_OK) == 0;
}

static void add_name(void *context, const char *name)
{
    char *names = context;
    size_t length = strlen(names);
    snprintf(names + length, JOB_NAMES - length, "%s%s", length ? ", " : "", name);
}

/* A word that is neither a path nor a file: a name that no job has. */
static int refuse_name(enum verb verb, const char *word)
{
    char names[JOB_NAMES] = "";
    job_each(add_name, names);
    return usage_error(verb, "no job is called '%s' (%s; a path has a slash or ends in .yaml)", word,
                       names[0] ? names : "none is installed");
}

/* Loads what WORD means and sets FILE's directory. */
static int load(enum verb verb, const char *word, struct job_file *file)
{
    char message[1024];
    char *path = job_find(word);
    const char *slash = strrchr(path, '/');
    int status = 0;
    if (!job_is_meant(word) && access(path, F_OK) != 0)
        status = refuse_name(verb, word);
    else if (is_program(path))
        status = usage_error(verb, "%s is a program, not a job file; a command goes after --", path);
    else if (!yaml_tree_load(&file->tree, path, message, sizeof message))
        status = usage_error(verb, "%s%s", message, hint(message));
    if (status == 0 && slash)
        file->directory = slash == path ? job_keep(file, must_format("/"))
                                        : job_keep(file, must_format("%.*s", (int)(slash - path), path));
    free(path);
    return status;
}

/* Other YAML files of ours, by a key that each of them has. */
static int refuse_other_file(const struct job *job)
{
    const struct yaml_node *root = &job->file->tree.root;
    const char *path = job->file->tree.path;
    if (yaml_tree_get(root, "profile_version"))
        return usage_error(job->verb,
                           "%s is a tuning profile, not a job: a program runs under it with HAKMEM_PROFILE=%s, and "
                           "'hakmem-tune compare default %s -- COMMAND' measures it",
                           path, path, path);
    if (yaml_tree_get(root, "settings"))
        return usage_error(job->verb, "%s has an allocator's settings and is no job: give it with --allocator %s", path,
                           path);
    return 0;
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static bool is_key(const char *known, const char *key)
{
    return known && strcmp(known, key) == 0;
}

static const struct option_row *find_row(enum verb verb, const char *key)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (takes(verb, &option_rows[i]) && is_key(option_rows[i].key, key))
            return &option_rows[i];
    return NULL;
}

/* A verb other than VERB whose jobs have KEY, or VERB_NONE. */
static enum verb find_verb(enum verb verb, const char *key)
{
    for (size_t i = 0; i < VERBS; i++)
        if ((enum verb)i != verb && (find_row((enum verb)i, key) || is_key(verb_rows[i].arguments_key, key)))
            return (enum verb)i;
    return VERB_NONE;
}

static bool is_option_without_key(enum verb verb, const char *name)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (takes(verb, &option_rows[i]) && !option_rows[i].key && strcmp(option_rows[i].name, name) == 0)
            return true;
    return false;
}

static const char *find_similar(enum verb verb, const char *key)
{
    struct similar similar = similar_to(key, strlen(key));
    for (size_t i = 0; i < option_row_count; i++)
        if (takes(verb, &option_rows[i]) && option_rows[i].key)
            similar_offer(&similar, option_rows[i].key);
    similar_offer(&similar, COMMAND_KEY);
    similar_offer(&similar, VERB_KEY);
    if (verb_rows[verb].arguments_key)
        similar_offer(&similar, verb_rows[verb].arguments_key);
    return similar.best;
}

static int refuse_key(const struct job *job, const struct yaml_node *node)
{
    const char *similar = find_similar(job->own, node->key);
    enum verb other = find_verb(job->own, node->key);
    if (other != VERB_NONE)
        return job_key_error(job, node, "key '%s' is for a job of %s (" VERB_KEY ": %s)", node->key,
                             verb_rows[other].name, verb_rows[other].name);
    if (is_option_without_key(job->own, node->key))
        return job_key_error(job, node, "'%s' is for the command line alone: --%s", node->key, node->key);
    if (similar)
        return job_key_error(job, node, "unknown key '%s', did you mean '%s'?", node->key, similar);
    return job_key_error(job, node, "unknown key '%s'; keys are the names of options", node->key);
}

static int take_key(struct job *job, const struct yaml_node *node)
{
    const struct option_row *row = find_row(job->own, node->key);
    if (row)
        return job_take_option(job, row, node);
    if (is_key(COMMAND_KEY, node->key))
        return job_take_command(job, node);
    if (is_key(verb_rows[job->own].arguments_key, node->key))
        return job_take_arguments(job, node);
    return is_key(VERB_KEY, node->key) ? 0 : refuse_key(job, node);
}

/* The verb that the job is for. */
static int take_verb(struct job *job)
{
    const struct yaml_node *node = yaml_tree_get(&job->file->tree.root, VERB_KEY);
    if (!node)
        return 0;
    job->own = node->text ? verb_find(node->text) : VERB_NONE;
    if (job->own == VERB_NONE || !verb_rows[job->own].takes_command)
        return job_error(job, node, VERB_KEY ": '%s' is not tune or compare", node->text ? node->text : "a list");
    if (!job->is_guessed || job->own == job->verb)
        return 0;
    return job_error(job, node, "a job of %s that is no regular file needs the verb: hakmem-tune %s --job FILE",
                     node->text, node->text);
}

static int take_all(struct job *job)
{
    int status = refuse_other_file(job);
    if (status == 0)
        status = take_verb(job);
    option_defaults(job->own, &job->options);
    for (size_t i = 0; i < job->file->tree.root.count && status == 0; i++)
        status = take_key(job, &job->file->tree.root.items[i]);
    return status;
}

/* --- for the verb ------------------------------------------------------------------------------------------------- */

/* VERB's row for what ROW says in a job of another verb, or NULL. */
static const struct option_row *counterpart(enum verb verb, const struct option_row *row)
{
    if (takes(verb, row))
        return row;
    return row->group == GROUP_WORK || row->group == GROUP_SERVER ? find_row(verb, row->key) : NULL;
}

static void hand_over(const struct job *job, struct options *options)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = job->options.given[i] ? counterpart(job->verb, &option_rows[i]) : NULL;
        if (row)
            option_hand_over(&job->options, &option_rows[i], row, options);
    }
    options->command = job->options.command;
    if (job->own == job->verb) {
        options->arguments = job->options.arguments;
        options->argument_count = job->options.argument_count;
    }
    if (!options->cwd && (options->command || options->server))
        options->cwd = job->file->directory;
}

int job_read(enum verb verb, bool is_guessed, const char *word, struct options *options)
{
    struct job *job = must_have(calloc(1, sizeof *job));
    job->verb = verb;
    job->is_guessed = is_guessed;
    job->own = VERB_TUNE;
    job->file = must_have(calloc(1, sizeof *job->file));
    option_defaults(verb, options);
    options->file = job->file;
    int status = load(verb, word, job->file);
    if (status == 0)
        status = take_all(job);
    if (status == 0) {
        options->job = job->file->tree.path;
        hand_over(job, options);
    }
    free(job);
    return status;
}

enum verb job_verb(const char *word)
{
    char message[1024];
    struct yaml_tree tree;
    enum verb verb = VERB_TUNE;
    char *path = job_find(word);
    if (is_regular(path) && !is_program(path) && yaml_tree_load(&tree, path, message, sizeof message)) {
        const struct yaml_node *node = yaml_tree_get(&tree.root, VERB_KEY);
        enum verb own = node && node->text ? verb_find(node->text) : VERB_NONE;
        verb = own != VERB_NONE && verb_rows[own].takes_command ? own : VERB_TUNE;
        yaml_tree_clear(&tree);
    }
    free(path);
    return verb;
}

void job_free(struct job_file *file)
{
    if (!file)
        return;
    for (size_t i = 0; i < file->text_count; i++)
        free(file->texts[i]);
    free(file->texts);
    free(file->arguments);
    words_release(&file->command);
    yaml_tree_clear(&file->tree);
    free(file);
}
