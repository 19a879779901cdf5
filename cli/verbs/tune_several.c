/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune_several.h. */
#include "config.h"

#include "cli/verbs/tune_several.h"

#include "cli/compare/comparison.h"
#include "cli/compare/significance.h"
#include "cli/machine/clock.h"
#include "cli/machine/kernel_memory.h"
#include "cli/options/table.h"
#include "cli/options/usage.h"
#include "cli/output/memory.h"
#include "cli/output/progress.h"
#include "cli/report/allocators_table.h"
#include "cli/report/compare_print.h"
#include "cli/report/round_progress.h"
#include "cli/report/what_to_set.h"
#include "cli/subject/choice.h"
#include "cli/tune/racing.h"
#include "cli/verbs/interrupt.h"
#include "cli/verbs/report_file.h"
#include "cli/verbs/tune.h"
#include "cli/verbs/tune_options.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2
#define EXIT_WORK_FAILED 3
#define EXIT_INTERRUPTED 130

#define INSTALLED "installed"

/* Each has two contenders at most in the last race. */
#define MOST_ALLOCATORS (RACE_MAX_CONTENDERS / 2)

/* The share of the budget that is at least the last race's. What a session leaves of its own is the next ones'. */
#define RACE_SHARE 0.25

/* But it should have so many rounds, or its intervals say nothing; for which it may have this share. */
#define RACE_ROUNDS 10
#define MOST_RACE_SHARE 0.75

/* Races where there is no budget. */
#define UNLIMITED_ROUNDS 20

/* Where the seeds of the last race begin among those of proofs: beyond all that a session takes. */
#define SEEDS_BEYOND 1000000

struct several {
    const struct options *options;
    char *names[MOST_ALLOCATORS]; /* owned */
    size_t count;
    struct contender contenders[RACE_MAX_CONTENDERS];
    size_t contender_count;
    double begun;                                    /* CLOCK_MONOTONIC seconds */
    double run_seconds;                              /* of one run, as far as it is known; else 0 */
    bool one_by_one;                                 /* the work cannot be run by several at once */
    struct session_record *records[MOST_ALLOCATORS]; /* of the sessions; owned */
    size_t record_count;
    struct progress progress;
};

static bool means_several(const char *text)
{
    return strcmp(text, INSTALLED) == 0 || strchr(text, ',');
}

/* --- which allocators --------------------------------------------------------------------------------------------- */

static bool add_name(struct several *several, const char *name)
{
    if (several->count == MOST_ALLOCATORS)
        return false;
    several->names[several->count++] = must_have(strdup(name));
    return true;
}

/* Those that are there and can be tuned, the C library's own first: it is what a program has today. */
static void add_installed(struct several *several)
{
    char message[1024];
    char **known = choice_names();
    struct subject_choice *choice = must_have(malloc(sizeof *choice));
    for (size_t i = 0; known[i]; i++) {
        bool is_there = choice_of_allocator(choice, known[i], message, sizeof message);
        if (!is_there)
            progress_note(&several->progress, "left out: %s", message);
        if (is_there && choice->library)
            add_name(several, known[i]);
        else if (is_there && several->count < MOST_ALLOCATORS) {
            memmove(&several->names[1], &several->names[0], several->count++ * sizeof several->names[0]);
            several->names[0] = must_have(strdup(known[i]));
        }
        if (is_there)
            choice_clear(choice);
        free(known[i]);
    }
    free(known);
    free(choice);
    add_name(several, CHOICE_HAKMEM);
}

static bool is_named(const struct several *several, const char *name)
{
    for (size_t i = 0; i < several->count; i++)
        if (strcmp(several->names[i], name) == 0)
            return true;
    return false;
}

static int add_listed(struct several *several)
{
    char *copy = must_have(strdup(several->options->allocator)), *rest = copy;
    int status = 0;
    for (char *name = strsep(&rest, ","); name && status == 0; name = strsep(&rest, ",")) {
        if (!*name)
            status = usage_error(VERB_TUNE, "--allocator %s: a name is missing", several->options->allocator);
        else if (is_named(several, name))
            status = usage_error(VERB_TUNE, "--allocator: %s is given twice", name);
        else if (!add_name(several, name))
            status = usage_error(VERB_TUNE, "--allocator: at most %d can be given", MOST_ALLOCATORS);
    }
    free(copy);
    return status;
}

/* Whether NAME is there and can be tuned; else a line has been printed. */
static int check_name(const struct several *several, const char *name)
{
    char message[PATH_MAX + 1024];
    struct subject_choice *choice = must_have(malloc(sizeof *choice));
    bool is_there = strcmp(name, CHOICE_HAKMEM) == 0
                        ? choice_of_hakmem(choice, several->options->library, message, sizeof message)
                        : choice_of_allocator(choice, name, message, sizeof message);
    if (is_there)
        choice_clear(choice);
    free(choice);
    return is_there ? 0 : usage_error(VERB_TUNE, "--allocator: %s", message);
}

/* Before the first session: one of minutes is no place to learn of a slip in the last name. */
static int check_names(const struct several *several)
{
    int status = 0;
    for (size_t i = 0; i < several->count && status == 0; i++)
        status = check_name(several, several->names[i]);
    return status;
}

/* --- sessions ----------------------------------------------------------------------------------------------------- */

static int check_options(const struct options *options)
{
    if (options->output || options->journal)
        return usage_error(VERB_TUNE,
                           "--%s is for one allocator; several have a file each, named for the work and them",
                           options->output ? "output" : "journal");
    if (options->resume)
        return usage_error(VERB_TUNE, "--resume is for one allocator: name the one whose session was interrupted");
    if (option_given(options, require_gain) || options->explain)
        return usage_error(VERB_TUNE, "--%s is for one allocator", options->explain ? "explain" : "require-gain");
    return report_file_check(VERB_TUNE, options);
}

/* Seconds of the budget; with a number of trials in its place it means nothing. */
static double time_left(const struct several *several)
{
    return several->options->budget - (clock_now_s() - several->begun);
}

/* Seconds that are kept for the last race: all allocators as they come, and one that was tuned. */
static double race_reserve(const struct several *several)
{
    double budget = several->options->budget, round = several->run_seconds * (double)(several->count + 1);
    return fmax(RACE_SHARE * budget, fmin(RACE_ROUNDS * round, MOST_RACE_SHARE * budget));
}

static int tune_each(struct several *several)
{
    struct options options = *several->options;
    int status = 0;
    for (size_t i = 0; i < several->count; i++) {
        double left = time_left(several) - race_reserve(several);
        options.budget = fmax(left, 0) / (double)(several->count - i);
        struct tuned tuned = {.contenders = &several->contenders[several->contender_count], .may_fail = i > 0};
        options.allocator = several->names[i];
        status = tune_session(&options, &tuned);
        several->contender_count += tuned.count;
        if (tuned.record)
            several->records[several->record_count++] = tuned.record;
        several->one_by_one |= tuned.one_by_one;
        several->run_seconds = fmax(several->run_seconds, tuned.run_seconds);
        if (status == EXIT_WORK_FAILED && i > 0) /* the work does not run with it: that is no fault of the others */
            continue;
        if (status != 0)
            return status;
    }
    if (several->contender_count > 1 || status == 0)
        return 0;
    return usage_failure(VERB_TUNE, status, "no race of all: the work is done with %s alone", several->names[0]);
}

/* --- the race of all ---------------------------------------------------------------------------------------------- */

/* Whether a contender is sure to keep to the limits of GOAL, against the first. */
static bool keeps_limits(const struct goal *goal, const struct comparison_entry *entry)
{
    for (size_t i = 0; i < goal->limit_count; i++) {
        const struct goal_limit *limit = &goal->limits[i];
        const struct comparison_figure *figure = &entry->figure[limit->metric];
        bool more_is_better = limit->metric == METRIC_TIME || metric_more_is_better(&goal->metrics, limit->metric);
        if (isinf(goal_allowed(goal, limit)) || (!figure->has_interval && !limit->is_given))
            continue;
        if (!figure->has_interval || !goal_keeps(goal, limit, more_is_better ? log(figure->low) : -log(figure->high)))
            return false;
    }
    return true;
}

/* The contender that is surely better than the first and keeps to the limits, and of those the one that is so by the
 * most; 0: none is. What a program has of its own does not take what is set for the C library's. */
static size_t find_best(const struct comparison *comparison, const struct goal *goal)
{
    bool smaller = !verdict_more_is_better(comparison);
    size_t best = 0;
    for (size_t i = 1; i < comparison->count; i++) {
        const struct comparison_entry *entry = &comparison->entries[i], *than = &comparison->entries[best];
        if (verdict_of(comparison, i) != (smaller ? VERDICT_LESS : VERDICT_MORE) || entry->allocator[0] ||
            !keeps_limits(goal, entry))
            continue;
        if (best == 0 || (smaller ? entry->high < than->high : entry->low > than->low))
            best = i;
    }
    return best;
}

/* Whether the race was too short for a verdict on any contender. */
static bool has_too_few_rounds(const struct comparison *comparison)
{
    for (size_t i = 1; i < comparison->count; i++)
        if (verdict_of(comparison, i) == VERDICT_TOO_FEW)
            return true;
    return false;
}

static void recommend(FILE *stream, const struct several *several, const struct comparison *comparison,
                      const struct goal *goal)
{
    size_t best = find_best(comparison, goal);
    const struct contender *contender = &several->contenders[best];
    const char *label = comparison->entries[best].label;
    if (best == 0 && has_too_few_rounds(comparison)) {
        fprintf(stream, "\nRecommended: none, as there were too few rounds to tell; try a longer --budget\n");
        return;
    }
    if (best == 0) {
        fprintf(stream, "\nRecommended: %s, as none is surely better\n", label);
        return;
    }
    struct launch_environment profile = {.count = 0};
    if (contender->profile)
        launch_set(&profile, "HAKMEM_PROFILE", contender->profile);
    fprintf(stream, "\nRecommended: %s\n", label);
    what_to_set_print(stream, contender->library, contender->profile ? &profile : &contender->environment, NULL);
    launch_clear(&profile);
}

/* The same as a text; free() afterwards. */
static char *advice_of(const struct several *several, const struct comparison *comparison, const struct goal *goal)
{
    char *text = NULL;
    size_t size;
    FILE *stream = must_have(open_memstream(&text, &size));
    if (!comparison->interrupted && !comparison->baseline_failed)
        recommend(stream, several, comparison, goal);
    fclose(stream);
    return must_have(text);
}

static int write_report(const struct several *several, const struct comparison *comparison, const struct goal *goal)
{
    char *advice = advice_of(several, comparison, goal);
    const struct session_page_race race = {comparison, advice + strspn(advice, "\n")};
    int status = report_file_write_sessions(several->options, (const struct session_record *const *)several->records,
                                            several->record_count, &race);
    free(advice);
    return status;
}

static int print_race(const struct several *several, struct comparison *comparison, const struct goal *goal)
{
    enum output_format format = (enum output_format)several->options->format;
    significance_adjust(comparison, 1);
    if (format == OUTPUT_TEXT) {
        putchar('\n');
        printf("%s (%u round%s on unseen seeds)\n", comparison->name, comparison->rounds,
               comparison->rounds == 1 ? "" : "s");
        allocators_table_print(stdout, OUTPUT_TEXT, comparison);
    } else {
        compare_print(stdout, format, comparison, 1);
    }
    if (format == OUTPUT_TEXT && !comparison->interrupted && !comparison->baseline_failed)
        recommend(stdout, several, comparison, goal);
    return comparison->interrupted ? EXIT_INTERRUPTED : comparison->baseline_failed ? EXIT_WORK_FAILED : 0;
}

static int race_all(struct several *several, const struct session_settings *settings)
{
    const struct options *options = several->options;
    const struct workload *work = &settings->work;
    char name[128];
    workload_name(work, name, sizeof name);
    struct round_progress rounds;
    struct comparison_request request = {
        .name = name,
        .contenders = several->contenders,
        .count = several->contender_count,
        .work = *work,
        .interleave = several->one_by_one ? RACE_RUNS : settings->interleave,
        .metric = settings->goal.objective,
        .metrics = &settings->goal.metrics,
        .budget_s = isfinite(settings->budget) ? fmax(time_left(several), RACE_SHARE * options->budget) : 0,
        .rounds = isfinite(settings->budget) ? 0 : UNLIMITED_ROUNDS,
        .seed = racing_seed(settings->seed, RACING_PROOF, SEEDS_BEYOND),
        .memory = kernel_memory_for_use(),
        .interrupted = interrupt_watch(),
        .on_round = round_progress_hear,
        .context = &rounds,
    };
    struct comparison *comparison = must_have(calloc(1, sizeof *comparison));
    contenders_tell_apart(several->contenders, several->contender_count);
    round_progress_begin(&rounds, &several->progress, "all allocators");
    progress_log(&several->progress, "%s: race of all allocators begins", name);
    int status = comparison_run(&request, comparison);
    progress_clear(&several->progress);
    if (status == 0) {
        const struct goal goal = goal_for(&settings->goal, GOAL_RECOMMENDED);
        status = print_race(several, comparison, &goal);
        int written = write_report(several, comparison, &goal);
        status = status ? status : written;
    } else {
        status = usage_failure(VERB_TUNE, 1, "the race of all could not be held: %s", strerror(errno));
    }
    free(comparison);
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static void clear(struct several *several)
{
    contenders_clear(several->contenders, several->contender_count);
    for (size_t i = 0; i < several->count; i++)
        free(several->names[i]);
    for (size_t i = 0; i < several->record_count; i++) {
        session_record_clear(several->records[i]);
        free(several->records[i]);
    }
    free(several);
}

static int tune_several(const struct options *options)
{
    struct several *several = must_have(calloc(1, sizeof *several));
    struct session_settings settings = {.seed = 0};
    int status = tune_options_apply(options, &settings);
    several->options = options;
    several->begun = clock_now_s();
    progress_open(&several->progress, stderr, options->quiet);
    if (status == 0)
        status = check_options(options);
    if (status == 0 && strcmp(options->allocator, INSTALLED) == 0)
        add_installed(several);
    else if (status == 0)
        status = add_listed(several);
    if (status == 0)
        status = check_names(several);
    if (status == 0)
        status = tune_each(several);
    if (status == 0)
        status = race_all(several, &settings);
    clear(several);
    tune_options_clear(&settings);
    return status;
}

int verb_tune(const struct options *options)
{
    return means_several(options->allocator) ? tune_several(options) : tune_session(options, NULL);
}
