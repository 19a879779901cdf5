/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune: from the verb to its function. All else is below: cli/verbs, cli/options. */
#include "config.h"

#include "cli/options/completion.h"
#include "cli/options/help.h"
#include "cli/options/job_find.h"
#include "cli/options/manual.h"
#include "cli/options/parse.h"
#include "cli/options/similar.h"
#include "cli/options/table.h"
#include "cli/options/usage.h"
#include "cli/verbs/tune.h"
#include "cli/verbs/verbs.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int (*const run_verb[VERBS])(const struct options *options) = {
    [VERB_TUNE] = verb_tune,         [VERB_COMPARE] = verb_compare, [VERB_REPORT] = verb_report,
    [VERB_CHECK] = verb_check,       [VERB_PARAMS] = verb_params,   [VERB_WORKLOADS] = verb_workloads,
    [VERB_TOPOLOGY] = verb_topology, [VERB_INSPECT] = verb_inspect, [VERB_SYMBOLIZE] = verb_symbolize,
};

/* Planned, and refused by name rather than taken for something else. */
static const char *const absent_verbs[] = {"record", "classes"};

/* Output that never arrived (a full disk) must not look like success. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    perror("hakmem-tune: cannot write the output");
    return status ? status : 1;
}

/* What a word may have been meant for. */
struct meant {
    const char *word;
    size_t distance;          /* of `best` */
    char best[64], jobs[256]; /* the name that is most like it, or ""; all jobs, with commas */
};

static void offer(struct meant *meant, const char *name)
{
    struct similar similar = similar_to(meant->word, strlen(meant->word));
    similar_offer(&similar, name);
    if (!similar.best || (meant->best[0] && similar.distance >= meant->distance))
        return;
    meant->distance = similar.distance;
    snprintf(meant->best, sizeof meant->best, "%s", name);
}

static void offer_job(void *context, const char *name)
{
    struct meant *meant = context;
    size_t length = strlen(meant->jobs);
    snprintf(meant->jobs + length, sizeof meant->jobs - length, "%s%s", length ? ", " : "", name);
    offer(meant, name);
}

static void list_verbs(char *names, size_t size)
{
    names[0] = '\0';
    for (size_t i = 0; i < VERBS; i++) {
        size_t length = strlen(names);
        snprintf(names + length, size - length, "%s%s", i == 0 ? "" : i + 1 < VERBS ? ", " : " or ", verb_rows[i].name);
    }
}

static int refuse_word(const char *word)
{
    char verbs[256];
    struct meant meant = {.word = word};
    for (size_t i = 0; i < sizeof absent_verbs / sizeof *absent_verbs; i++)
        if (strcmp(word, absent_verbs[i]) == 0)
            return usage_error(VERB_NONE, "'%s' is not in this version", word);
    for (size_t i = 0; i < VERBS; i++)
        offer(&meant, verb_rows[i].name);
    job_each(offer_job, &meant);
    if (meant.best[0])
        return usage_error(VERB_NONE, "unknown verb or job '%s', did you mean '%s'?", word, meant.best);
    list_verbs(verbs, sizeof verbs);
    return usage_error(VERB_NONE, "unknown verb '%s' (%s; a command to tune goes after --%s%s)", word, verbs,
                       meant.jobs[0] ? "; or a job: " : "", meant.jobs);
}

/* Prints what is asked of the program rather than of VERB; whether anything is. */
static bool answer(enum verb verb, const struct options *options)
{
    if (options->help)
        help_print(stdout, verb);
    else if (options->version)
        puts("hakmem-tune (" PACKAGE_NAME ") " PACKAGE_VERSION);
    else if (options->print_completion != COMPLETION_NONE)
        completion_print(stdout, (enum completion_shell)options->print_completion);
    else if (options->print_manual)
        manual_print(stdout);
    else
        return false;
    return true;
}

/* ARGV[0] is not looked at. VERB_NONE: it is the job's, else tune. */
static int run(enum verb verb, char **argv)
{
    struct options options;
    int status = verb == VERB_NONE ? options_parse_any(&verb, argv, &options) : options_parse(verb, argv, &options);
    if (status != 0 || answer(verb, &options))
        return status;
    status = options.print_job ? verb_print_job(verb, &options) : run_verb[verb](&options);
    options_clear(&options);
    return status;
}

static int run_help(const char *word)
{
    enum verb verb = word ? verb_find(word) : VERB_NONE;
    if (word && verb == VERB_NONE)
        return refuse_word(word);
    help_print(stdout, verb);
    return 0;
}

static bool is_one_of(const char *word, const char *one, const char *other)
{
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

static int run_words(int argc, char **argv)
{
    if (argc < 2)
        return usage_error(VERB_NONE, "nothing to do: give --workload NAME, -- COMMAND, or a job file");
    enum verb verb = verb_find(argv[1]);
    if (verb != VERB_NONE)
        return run(verb, argv + 1);
    if (is_one_of(argv[1], "--help", "-h"))
        return run_help(NULL);
    if (strcmp(argv[1], "help") == 0)
        return run_help(argv[2]);
    if (argv[1][0] != '-' && !job_is_meant(argv[1]))
        return refuse_word(argv[1]);
    return run(VERB_NONE, argv);
}

int main(int argc, char **argv)
{
    return finish(run_words(argc, argv));
}
