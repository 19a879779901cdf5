/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune_several.h. */
#include "config.h"

#include "cli/verbs/tune_several.h"

#include "cli/machine/kernel_memory.h"
#include "cli/options/table.h"
#include "cli/options/usage.h"
#include "cli/output/memory.h"
#include "cli/output/units.h"
#include "cli/report/remark_words.h"
#include "cli/report/round_progress.h"
#include "cli/report/selection_report.h"
#include "cli/report/selection_words.h"
#include "cli/tune/racing.h"
#include "cli/verbs/interrupt.h"
#include "cli/verbs/recommended_file.h"
#include "cli/verbs/report_file.h"
#include "cli/verbs/several.h"
#include "cli/verbs/tune_gate.h"
#include "cli/verbs/workload_options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_USAGE 2
#define EXIT_WORK_FAILED 3
#define EXIT_INTERRUPTED 130

/* A race that can tell anything has so many rounds; each run takes a little longer than alone. */
#define LEAST_ROUNDS ((double)STATISTICS_LEAST_PAIRS)
#define OVERHEAD 1.1

/* Where the seeds of the races begin among those of sessions: beyond all that one takes. */
#define SEEDS_BEYOND 1000000

/* Everything that one invocation holds. */
struct invocation {
    const struct options *options;
    struct progress progress;
    struct round_progress rounds;
    struct several several;
    struct tune_session check; /* of the first allocator, which looks at the work alone */
    char name[128];            /* of the work */
    struct goal goal;          /* of the recommended aim */
    struct selection *selection;
    struct selection_member members[SELECTION_MOST];
    struct recommended_file file;
    double begun; /* CLOCK_MONOTONIC seconds */
};

bool tune_several_is_meant(const char *text)
{
    return several_is_meant(text);
}

/* --- before the first race ---------------------------------------------------------------------------------------- */

static int check_options(const struct options *options)
{
    if (options->output || options->journal)
        return usage_error(VERB_TUNE,
                           "--%s is for one allocator; several have a file each, named for the work and them",
                           options->output ? "output" : "journal");
    return report_file_check(VERB_TUNE, options);
}

/* Names the files of a member's session after the work and its label. */
static void name_files(const struct invocation *invocation, struct several_member *member)
{
    tune_files_name(&member->session->files, invocation->options, &invocation->check.settings,
                    &member->session->choice.subject, member->label);
    member->session->files.winners_alone = true;
}

/* Whether all files can be written: one of minutes is no place to learn that. */
static int check_files(struct invocation *invocation)
{
    char message[TUNE_SESSION_MESSAGE];
    struct several *several = &invocation->several;
    bool any_journal = false;
    for (size_t i = 0; i < several->count; i++) {
        struct tune_session *session = several->members[i].session;
        name_files(invocation, &several->members[i]);
        int status = tune_files_check(&session->files, &session->choice.subject, message, sizeof message);
        if (status != 0)
            return usage_failure(VERB_TUNE, status, "%s", message);
        any_journal |= access(session->files.journal, R_OK) == 0;
    }
    if (invocation->options->resume && !any_journal)
        return usage_error(VERB_TUNE,
                           "--resume: there is no journal of an earlier session here (%s); a race in which none was "
                           "tuned is begun anew, without --resume",
                           several->members[0].session->files.journal);
    return recommended_file_check(invocation->options, &invocation->check.settings.work);
}

static int exit_status_of(enum session_status status)
{
    switch (status) {
    case SESSION_DONE:
        return 0;
    case SESSION_INTERRUPTED:
        return EXIT_INTERRUPTED;
    case SESSION_WORK_FAILED:
    case SESSION_NOT_ENDED:
    case SESSION_NO_METRIC:
        return EXIT_WORK_FAILED;
    case SESSION_WORK_UNKNOWN:
    case SESSION_TOO_SHORT:
        return EXIT_USAGE;
    default:
        return 1;
    }
}

/* One look at the work, with the first allocator as it comes. */
static int look_at_work(struct invocation *invocation)
{
    struct tune_session *check = &invocation->check;
    char race[64];
    snprintf(race, sizeof race, "a race of %zu allocators", invocation->several.count);
    check->settings.only_checks_for = race;
    check->settings.check_runs = 1 + OVERHEAD * LEAST_ROUNDS * (double)invocation->several.count;
    workload_options_note_stdin(&check->settings.work);
    session_run(&check->settings, &check->outcome);
    tune_progress_end(&check->tune_progress);
    int status = exit_status_of(check->outcome.status);
    if (status == EXIT_INTERRUPTED)
        return usage_failure(VERB_TUNE, status, "interrupted before the first race");
    return status ? usage_failure(VERB_TUNE, status, "%s", check->outcome.message) : 0;
}

static int prepare(struct invocation *invocation)
{
    char message[TUNE_SESSION_MESSAGE];
    struct tune_session *check = &invocation->check;
    int status = tune_session_apply(check, invocation->options);
    if (status == 0)
        status = check_options(invocation->options);
    if (status == 0)
        status = several_choose(&invocation->several, invocation->options, &invocation->progress);
    if (status == 0 &&
        (status = tune_session_choose(check, invocation->options, invocation->several.members[0].name, message)) != 0)
        return usage_failure(VERB_TUNE, status, "%s", message);
    if (status != 0)
        return status;
    tune_session_begin(check, &invocation->progress);
    workload_name(&check->settings.work, invocation->name, sizeof invocation->name);
    invocation->goal = goal_for(&check->settings.goal, GOAL_RECOMMENDED);
    status = check_files(invocation);
    return status ? status : look_at_work(invocation);
}

/* --- one session -------------------------------------------------------------------------------------------------- */

/* Whether the work has to be run by one contender after the other. */
static bool is_one_by_one(const struct invocation *invocation)
{
    const struct selection *selection = invocation->selection;
    return selection->race.interleave == RACE_RUNS || remarks_one_by_one(&invocation->check.outcome.remarks);
}

/* A budget of which SECONDS are left where USED are gone: a proof has its share of all in any case. */
static double budget_with(double used, double seconds)
{
    const double proof_share = 0.32; /* budget.c */
    return fmin(used + seconds, seconds / proof_share);
}

/* Opens the session of MEMBER, which is given SECONDS: where its journal is to be resumed with what that has. */
static int open_session(struct invocation *invocation, struct several_member *member, double seconds)
{
    char message[TUNE_SESSION_MESSAGE];
    struct tune_session *session = member->session;
    member->options = *invocation->options;
    member->options.resume &= access(session->files.journal, R_OK) == 0;
    int status = tune_session_apply(session, &member->options);
    if (status != 0)
        return status;
    tune_session_begin(session, &invocation->progress);
    session->settings.is_checked = true;
    if (is_one_by_one(invocation))
        session->settings.interleave = RACE_RUNS;
    if (isfinite(seconds))
        session->settings.budget = seconds;
    status = tune_session_open(session, true, message);
    member->is_open = status == 0;
    return status ? usage_failure(VERB_TUNE, status, "%s", message) : 0;
}

static int close_session(struct several_member *member, int status)
{
    char message[TUNE_SESSION_MESSAGE];
    if (tune_session_close(member->session, message) == 0)
        return status;
    return usage_failure(VERB_TUNE, status ? status : 1, "%s", message);
}

static void set_contender(const struct several_member *member, const struct subject_values *values,
                          struct selection_tuning *tuning)
{
    const struct tune_session *session = member->session;
    const struct subject *subject = &session->choice.subject;
    struct contender *contender = &tuning->contender;
    *contender = (struct contender){.label = must_format("%s, tuned", member->label),
                                    .library = subject->library ? must_have(strdup(subject->library)) : NULL};
    if (subject->kind->in_environment)
        subject->kind->launch(subject, values, "", &contender->environment);
    else /* it runs as the user will run it: with the file that was saved */
        contender->profile = realpath(session->files.profile[GOAL_RECOMMENDED], NULL);
    if (subject->kind->in_environment || contender->profile)
        return;
    tuning->failed = true;
    tuning->is_better = false;
    snprintf(tuning->why, sizeof tuning->why, "%.700s is gone", session->files.profile[GOAL_RECOMMENDED]);
    contenders_clear(contender, 1);
}

/* What the session has proved, by its record. */
static void take_winner(const struct several_member *member, struct selection_tuning *tuning)
{
    const struct session_record *record = member->session->record;
    const struct proof_finalist *winner = proof_winner(&record->outcome.proof, GOAL_RECOMMENDED);
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    struct subject_values values;
    tuning->is_better = winner && tune_session_winner(member->session, &values);
    if (!tuning->is_better)
        return;
    tuning->gain = winner->figure[goal.objective].gain.mean;
    tuning->gain_low = winner->figure[goal.objective].gain.low;
    set_contender(member, &values, tuning);
}

/* What the session came to. Returns 0, or the status with which all ends. */
static int take_outcome(struct several_member *member, struct selection_tuning *tuning)
{
    char message[TUNE_SESSION_MESSAGE];
    struct tune_session *session = member->session;
    const struct session_outcome *outcome = &session->outcome;
    int status = exit_status_of(outcome->status);
    bool saved;
    if (status == EXIT_INTERRUPTED)
        return usage_failure(VERB_TUNE, status,
                             "interrupted while %s was tuned; go on with the same command and --resume", member->label);
    if (status == 1)
        return usage_failure(VERB_TUNE, status, "%s", outcome->message);
    tuning->failed = status != 0;
    snprintf(tuning->why, sizeof tuning->why, "%s", outcome->message);
    if (tuning->failed)
        return 0;
    json_decref(tune_session_save(session, &saved, message));
    if (!saved)
        return usage_failure(VERB_TUNE, 1, "%s", message);
    take_winner(member, tuning);
    return 0;
}

static int tune_member(void *context, size_t index, double seconds, struct selection_tuning *tuning)
{
    struct invocation *invocation = context;
    struct several_member *member = &invocation->several.members[index];
    struct tune_session *session = member->session;
    int status = member->is_open ? 0 : open_session(invocation, member, seconds);
    if (status != 0)
        return status;
    if (isfinite(seconds))
        session->settings.budget = budget_with(session->past.elapsed, seconds);
    tune_session_run(session);
    return close_session(member, take_outcome(member, tuning));
}

/* What the journal of an earlier session has, if that came to its end. */
static int recall_member(void *context, size_t index, bool *known, struct selection_tuning *tuning)
{
    struct invocation *invocation = context;
    struct several_member *member = &invocation->several.members[index];
    *known = false;
    if (access(member->session->files.journal, R_OK) != 0)
        return 0;
    /* Without time of its own, as one that came to its end is not extended. */
    double seconds = isfinite(invocation->check.settings.budget) ? 0 : INFINITY;
    int status = open_session(invocation, member, seconds);
    if (status != 0 || !member->session->is_over)
        return status;
    *known = true;
    take_winner(member, tuning);
    return close_session(member, 0);
}

/* --- the races ---------------------------------------------------------------------------------------------------- */

static void hear(void *context, enum selection_stage stage, size_t index, double seconds)
{
    struct invocation *invocation = context;
    struct progress *progress = &invocation->progress;
    char left[UNITS_TEXT] = "";
    progress_clear(progress);
    if (isfinite(seconds))
        units_duration(seconds, left, sizeof left);
    if (stage == SELECTION_TUNING) {
        progress_log(progress, "%s: %s is tuned%s%s", invocation->name, invocation->several.members[index].label,
                     left[0] ? ", in " : "", left);
        return;
    }
    bool is_first = stage == SELECTION_FIRST_RACE;
    round_progress_begin(&invocation->rounds, progress, is_first ? "all as they come" : "all, as tuned too");
    progress_log(progress, "%s: race of all allocators begins, %s", invocation->name,
                 is_first ? "as they come" : "as they come and as tuned");
}

static int run_selection(struct invocation *invocation)
{
    const struct session_settings *settings = &invocation->check.settings;
    const struct session_outcome *outcome = &invocation->check.outcome;
    struct contender contenders[SELECTION_MOST];
    const char *names[SELECTION_MOST];
    for (size_t i = 0; i < invocation->several.count; i++) {
        contenders[i] = several_as_it_comes(&invocation->several.members[i]);
        names[i] = invocation->several.members[i].label;
    }
    const struct selection_request request = {
        .race = {.name = invocation->name,
                 .work = settings->work,
                 .interleave = remarks_one_by_one(&outcome->remarks) ? RACE_RUNS : settings->interleave,
                 .metric = invocation->goal.objective,
                 .metrics = &settings->goal.metrics,
                 .memory = kernel_memory_for_use(),
                 .interrupted = interrupt_watch(),
                 .on_round = round_progress_hear,
                 .context = &invocation->rounds},
        .goal = &invocation->goal,
        .contenders = contenders,
        .names = names,
        .count = invocation->several.count,
        .budget = settings->budget,
        .begun = invocation->begun,
        .run_seconds = outcome->run_seconds,
        .first_seed = racing_seed(settings->seed, RACING_SEARCH, SEEDS_BEYOND),
        .last_seed = racing_seed(settings->seed, RACING_PROOF, SEEDS_BEYOND),
        .recall = invocation->options->resume ? recall_member : NULL,
        .tune = tune_member,
        .tell = hear,
        .context = invocation,
    };
    int status = selection_run(&request, invocation->selection);
    progress_clear(&invocation->progress);
    return status < 0 ? usage_failure(VERB_TUNE, 1, "the race could not be held: %s", strerror(errno)) : status;
}

/* --- after -------------------------------------------------------------------------------------------------------- */

static struct selection_view make_view(struct invocation *invocation)
{
    const struct selection *selection = invocation->selection;
    for (size_t i = 0; i < selection->count; i++) {
        struct several_member *member = &invocation->several.members[i];
        const struct tune_session *session = member->session;
        const struct session_record *record = session->record;
        bool is_done = record && record->has_ended && record->outcome.status == SESSION_DONE;
        invocation->members[i] = (struct selection_member){
            .label = member->label,
            .subject = &session->choice.subject,
            .record = is_done ? record : NULL,
            .journal = record ? session->files.journal : NULL,
            .output =
                selection->allocators[i].fate == SELECTION_TUNED ? session->files.profile[GOAL_RECOMMENDED] : NULL,
        };
    }
    return (struct selection_view){.selection = selection,
                                   .members = invocation->members,
                                   .name = invocation->name,
                                   .goal = &invocation->goal,
                                   .remarks = &invocation->check.outcome.remarks};
}

/* The sessions in the page, and the race before them; without a session the race alone. */
static int write_page(const struct invocation *invocation, const struct selection_view *view)
{
    const struct session_record *records[SELECTION_MOST];
    size_t count = 0, size;
    char *advice = NULL;
    for (size_t i = 0; i < invocation->several.count; i++)
        if (view->members[i].record)
            records[count++] = view->members[i].record;
    FILE *stream = must_have(open_memstream(&advice, &size));
    selection_report_advise(stream, view);
    if (fclose(stream) != 0)
        advice = must_have(NULL);
    const struct session_page_race race = {&view->selection->race, advice};
    int status = count == 0 ? report_file_write_comparisons(invocation->options, race.comparison, 1, advice)
                            : report_file_write_sessions(invocation->options, records, count, &race);
    free(advice);
    return status;
}

/* The work does not run but with the first. */
static int fail_alone(struct invocation *invocation)
{
    const struct selection_view view = make_view(invocation);
    char text[SELECTION_WORDS];
    return usage_failure(VERB_TUNE, EXIT_WORK_FAILED, "no race of all: %s", selection_words_alone(&view, text));
}

static bool is_alone(const struct selection *selection)
{
    for (size_t i = 1; i < selection->count; i++)
        if (selection->allocators[i].fate != SELECTION_FAILED)
            return false;
    return true;
}

/* There is no round to report of. STATUS: as below. */
static int report_nothing(struct invocation *invocation, int status)
{
    const struct comparison *race = &invocation->selection->race;
    if (race->baseline_failed)
        return usage_failure(VERB_TUNE, EXIT_WORK_FAILED, "%s", race->entries[0].message);
    if (race->interrupted)
        return usage_failure(VERB_TUNE, EXIT_INTERRUPTED, "interrupted before the first round of the race was over");
    if (status != 0)
        return status;
    return is_alone(invocation->selection)
               ? fail_alone(invocation)
               : usage_failure(VERB_TUNE, EXIT_USAGE, "there was no time for a race of all; try a longer --budget");
}

static int exit_status(const struct options *options, const struct selection_view *view)
{
    const struct comparison *race = &view->selection->race;
    if (race->interrupted)
        return EXIT_INTERRUPTED;
    return race->baseline_failed ? EXIT_WORK_FAILED : tune_gate_selection(options, view);
}

/* STATUS: of what ended it early, or 0. */
static int report(struct invocation *invocation, int status)
{
    const struct comparison *race = &invocation->selection->race;
    const struct options *options = invocation->options;
    struct selection_view view = make_view(invocation);
    if (race->rounds == 0)
        return report_nothing(invocation, status);
    if (status == 0 && !race->interrupted && !race->baseline_failed)
        status = recommended_file_write(&invocation->file, &invocation->several, &view, &invocation->check.settings);
    view.saved = invocation->file.path[0] ? invocation->file.path : NULL;
    view.profile = invocation->file.profile[0] ? invocation->file.profile : NULL;
    if (status == 0 || options->format != OUTPUT_JSON) /* else JSON says what ended it */
        selection_report_write(stdout, (enum output_format)options->format, &view, options->explain);
    int written = write_page(invocation, &view);
    status = status ? status : written;
    return status ? status : exit_status(options, &view);
}

static void clear(struct invocation *invocation)
{
    selection_clear(invocation->selection);
    free(invocation->selection);
    tune_session_clear(&invocation->check);
    several_clear(&invocation->several);
    free(invocation);
}

int tune_several(const struct options *options)
{
    struct invocation *invocation = must_have(calloc(1, sizeof *invocation));
    invocation->selection = must_have(calloc(1, sizeof *invocation->selection));
    invocation->options = options;
    invocation->begun = clock_now_s();
    progress_open(&invocation->progress, stderr, options->quiet);
    int status = prepare(invocation);
    if (status == 0) {
        status = run_selection(invocation);
        if (status == 0 || status == EXIT_INTERRUPTED)
            status = report(invocation, status);
    }
    clear(invocation);
    return status;
}
