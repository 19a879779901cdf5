/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune.h. */
#include "config.h"

#include "cli/verbs/tune.h"

#include "cli/journal/file.h"
#include "cli/journal/fingerprint.h"
#include "cli/journal/listener.h"
#include "cli/journal/record_header.h"
#include "cli/journal/record_outcome.h"
#include "cli/journal/restore.h"
#include "cli/locate/library.h"
#include "cli/machine/kernel_memory.h"
#include "cli/machine/limits.h"
#include "cli/machine/topology_json.h"
#include "cli/options/job_find.h"
#include "cli/output/format.h"
#include "cli/output/json.h"
#include "cli/output/memory.h"
#include "cli/output/progress.h"
#include "cli/report/remark_words.h"
#include "cli/report/session_report.h"
#include "cli/report/session_words.h"
#include "cli/report/tune_progress.h"
#include "cli/subject/choice.h"
#include "cli/tune/session.h"
#include "cli/verbs/interrupt.h"
#include "cli/verbs/report_file.h"
#include "cli/verbs/tune_files.h"
#include "cli/verbs/tune_gate.h"
#include "cli/verbs/tune_options.h"
#include "cli/verbs/workload_options.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2
#define EXIT_WORK_FAILED 3
#define EXIT_INTERRUPTED 130

/* Everything that one invocation holds. */
struct invocation {
    const struct options *options;
    struct session_settings settings;
    struct subject_choice choice;
    struct space space;
    struct progress progress;
    struct tune_progress tune_progress;
    struct tune_files files;
    bool has_json; /* the standard output has its object */
    struct journal_listener journal;
    struct session_record *record; /* what the journal has; owned */
    json_t *fingerprint;
    char *counter;            /* libhakmem-count.so, or NULL */
    struct session_past past; /* of the journal that is resumed */
    struct tuned *tuned;      /* NULL: the session is all there is */
};

static bool is_json(const struct invocation *invocation)
{
    return invocation->options->format == OUTPUT_JSON;
}

/* Whether this failure ends the whole program, and with it what it says in JSON. */
static bool is_the_end(const struct invocation *invocation, int status)
{
    return status != EXIT_WORK_FAILED || !invocation->tuned || !invocation->tuned->may_fail;
}

/* One line; with --format json an object as well, in place of the verdict. */
static int __attribute__((format(printf, 3, 4)))
fail(struct invocation *invocation, int status, const char *format, ...)
{
    char message[2 * PATH_MAX + 1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fprintf(stderr, "hakmem-tune: %s\n", message);
    if (is_json(invocation) && !invocation->has_json && is_the_end(invocation, status))
        output_json(stdout, json_failure(status, message));
    invocation->has_json = true;
    return status;
}

/* --- before ------------------------------------------------------------------------------------------------------- */

static void fill_settings(struct invocation *invocation)
{
    struct session_settings *settings = &invocation->settings;
    struct machine_limits machine = {0};
    machine_limits_get(&machine);
    space_init(&invocation->space, &invocation->choice.subject, &machine);
    settings->space = &invocation->space;
    tune_progress_begin(&invocation->tune_progress, &invocation->progress);
    session_listen(settings, tune_progress_hear, &invocation->tune_progress);
    settings->interrupted = interrupt_watch();
    settings->memory = kernel_memory_for_use();
    settings->counter = invocation->counter = library_find_counter();
    invocation->fingerprint = fingerprint_make(invocation->choice.library, &settings->work);
}

/* The record begins with the header; the caller releases it. */
static json_t *begin_record(struct invocation *invocation)
{
    char message[512];
    json_t *topology = topology_json_here();
    json_t *header = record_header(&invocation->settings, invocation->fingerprint, topology);
    json_decref(topology);
    invocation->record = must_have(calloc(1, sizeof *invocation->record));
    if (!session_record_begin(invocation->record, header, message, sizeof message))
        abort(); /* it was made just now */
    invocation->journal.record = invocation->record;
    return header;
}

static int open_new_journal(struct invocation *invocation)
{
    char message[PATH_MAX + 256];
    json_t *header = begin_record(invocation);
    invocation->journal.file = journal_create(invocation->files.journal, header, message, sizeof message);
    json_decref(header);
    if (!invocation->journal.file)
        return fail(invocation, 1, "%s", message);
    const char *kept = journal_kept(invocation->journal.file);
    if (kept)
        progress_note(&invocation->progress, "journal %s: the old one is kept as %s", invocation->files.journal, kept);
    return 0;
}

/* Whether there is more to do than a session that came to its end has done. */
static bool goes_beyond(const struct session_settings *settings, const struct session_past *past)
{
    return isfinite(settings->budget) ? settings->budget > fmax(past->budget, ceil(past->elapsed))
                                      : settings->trials > past->count;
}

/* What is told of earlier parts of the session is told by reports of all of it. */
static void restore_record(struct invocation *invocation, const json_t *lines)
{
    size_t index;
    json_t *line;
    json_decref(begin_record(invocation));
    json_array_foreach(lines, index, line)
    {
        session_record_take(invocation->record, line);
    }
}

/* Takes up what LINES, those of the journal, have. */
static int resume_past(struct invocation *invocation, const json_t *lines)
{
    char message[PATH_MAX + 256];
    if (!record_same_session(json_array_get(lines, 0), &invocation->settings, invocation->fingerprint, message,
                             sizeof message))
        return fail(invocation, EXIT_USAGE, "--resume: journal %s: %s", invocation->files.journal, message);
    restore_past(&invocation->settings, lines, &invocation->past);
    invocation->settings.past = &invocation->past;
    if (restore_is_finished(lines) && !goes_beyond(&invocation->settings, &invocation->past))
        return fail(invocation, EXIT_USAGE,
                    "--resume: journal %s: the session came to its end after %.0f s and %zu candidates; to extend it "
                    "give a longer --budget, or more --trials",
                    invocation->files.journal, invocation->past.elapsed, invocation->past.count);
    restore_record(invocation, lines);
    return 0;
}

static int open_old_journal(struct invocation *invocation)
{
    char message[PATH_MAX + 256];
    json_t *lines;
    bool torn;
    invocation->journal.file = journal_resume(invocation->files.journal, &lines, &torn, message, sizeof message);
    if (!invocation->journal.file)
        return fail(invocation, EXIT_USAGE, "--resume: %s", message);
    if (torn)
        progress_note(&invocation->progress, "journal %s: its last line was not whole and is dropped",
                      invocation->files.journal);
    int status = resume_past(invocation, lines);
    json_decref(lines);
    return status;
}

static int open_journal(struct invocation *invocation)
{
    int status = invocation->options->resume ? open_old_journal(invocation) : open_new_journal(invocation);
    if (status == 0)
        session_listen(&invocation->settings, journal_hear, &invocation->journal);
    return status;
}

/* Chooses what is tuned. */
static int choose(struct invocation *invocation)
{
    char message[PATH_MAX + HAK_PROFILE_MESSAGE_SIZE + 256];
    const struct options *options = invocation->options;
    if (strcmp(options->allocator, CHOICE_HAKMEM) != 0) {
        if (choice_of_allocator(&invocation->choice, options->allocator, message, sizeof message))
            return 0;
        return fail(invocation, EXIT_USAGE, "--allocator: %s", message);
    }
    if (choice_of_hakmem(&invocation->choice, options->library, message, sizeof message))
        return 0;
    return fail(invocation, options->library ? EXIT_USAGE : 1, "%s", message);
}

static int prepare(struct invocation *invocation)
{
    char message[PATH_MAX + HAK_PROFILE_MESSAGE_SIZE + 256];
    progress_open(&invocation->progress, stderr, invocation->options->quiet);
    int status = report_file_check(VERB_TUNE, invocation->options);
    if (status == 0)
        status = choose(invocation);
    if (status != 0)
        return status;
    tune_files_name(&invocation->files, invocation->options, &invocation->settings, &invocation->choice.subject);
    if (tune_files_to_standard_output(&invocation->files) && is_json(invocation))
        return fail(invocation, EXIT_USAGE,
                    "--output - and --format json exclude each other: both would be the standard output");
    status = tune_files_check(&invocation->files, &invocation->choice.subject, message, sizeof message);
    if (status != 0)
        return fail(invocation, status, "%s", message);
    fill_settings(invocation);
    return open_journal(invocation);
}

/* --- after -------------------------------------------------------------------------------------------------------- */

static int report_interrupted(struct invocation *invocation, const struct session_outcome *outcome)
{
    char text[1024];
    if (outcome->trials == 0)
        return fail(invocation, EXIT_INTERRUPTED, "interrupted before the first candidate was measured");
    fail(invocation, EXIT_INTERRUPTED,
         "interrupted after %u candidates; they are in %s, go on with the same command and --resume", outcome->trials,
         invocation->files.journal);
    if (outcome->has_best)
        fprintf(stderr, "hakmem-tune: the best so far, not proven: %+.1f%% ± %.1f with %s\n",
                100 * expm1(outcome->best_score.mean), 200 * outcome->best_score.error,
                space_describe(&invocation->space, &outcome->best, text, sizeof text));
    return EXIT_INTERRUPTED;
}

static int report_failure(struct invocation *invocation, const struct session_outcome *outcome)
{
    switch (outcome->status) {
    case SESSION_WORK_FAILED:
    case SESSION_NOT_ENDED:
    case SESSION_NO_METRIC:
        return fail(invocation, EXIT_WORK_FAILED, "%s", outcome->message);
    case SESSION_WORK_UNKNOWN:
    case SESSION_TOO_SHORT:
        return fail(invocation, EXIT_USAGE, "%s", outcome->message);
    default:
        return fail(invocation, 1, "%s", outcome->message);
    }
}

/* A contender of the race of all: at POINT, which is the winner, or NULL for as it comes. */
static void add_contender(const struct invocation *invocation, const struct space_point *point)
{
    const struct subject *subject = &invocation->space.subject;
    struct tuned *tuned = invocation->tuned;
    struct contender *contender = &tuned->contenders[tuned->count++];
    struct space_point default_point = space_default(&invocation->space);
    struct subject_values values;
    *contender = (struct contender){.label = must_format("%s%s", subject->name, point ? ", tuned" : ""),
                                    .gives_way = true,
                                    .library = subject->library ? must_have(strdup(subject->library)) : NULL};
    space_to_values(&invocation->space, point ? point : &default_point, &values);
    if (subject->kind->in_environment)
        subject->kind->launch(subject, &values, "", &contender->environment);
    else if (point) /* it runs as the user will run it: with the file that was saved */
        contender->profile = must_have(realpath(invocation->files.profile[GOAL_RECOMMENDED], NULL));
    else
        contender->is_default = true;
}

static void keep_for_race(const struct invocation *invocation)
{
    char text[1024];
    add_contender(invocation, NULL);
    const struct proof_finalist *winner = proof_winner(&invocation->record->outcome.proof, GOAL_RECOMMENDED);
    if (winner)
        add_contender(invocation, &winner->point);
    session_words_verdict(invocation->record, GOAL_RECOMMENDED, text, sizeof text);
    if (invocation->options->format == OUTPUT_TEXT)
        printf("%s: %s; %s %s\n", invocation->space.subject.description, text,
               invocation->files.left ? "nothing saved in place of" : "saved in",
               invocation->files.profile[GOAL_RECOMMENDED]);
}

/* An allocator that there is no time to tune, or whose settings all failed, races as it comes. */
static int keep_as_it_comes(const struct invocation *invocation, const struct session_outcome *outcome)
{
    add_contender(invocation, NULL);
    fprintf(stderr, "hakmem-tune: %s races as it comes: %s\n", invocation->space.subject.name, outcome->message);
    return 0;
}

/* The report in the form that was asked for; VERDICT is what JSON has of it. */
static void print(struct invocation *invocation, const json_t *verdict)
{
    const struct options *options = invocation->options;
    FILE *stream = tune_files_to_standard_output(&invocation->files) ? stderr : stdout;
    const struct session_record *record = invocation->record;
    if (is_json(invocation))
        output_json(stream, json_incref((json_t *)verdict));
    else
        session_report_write(stream, (enum output_format)options->format, &record, 1, options->explain);
    invocation->has_json |= is_json(invocation);
}

static int report_verdict(struct invocation *invocation, const struct session_outcome *outcome)
{
    char message[PATH_MAX + 256];
    struct record_files files = {.stays = NULL};
    bool saved = tune_files_save(&invocation->files, &invocation->settings, invocation->record, &invocation->progress,
                                 &files, message, sizeof message);
    journal_add(&invocation->journal, record_saved(&invocation->settings, outcome, &files));
    tune_files_clear(&files);
    json_t *verdict = session_report_json(invocation->record);
    journal_add(&invocation->journal, json_incref(verdict));
    if (invocation->tuned && saved)
        keep_for_race(invocation);
    else
        print(invocation, verdict);
    json_decref(verdict);
    if (!saved)
        return fail(invocation, 1, "%s", message);
    if (invocation->tuned)
        return 0;
    const struct session_record *record = invocation->record;
    int status = report_file_write_sessions(invocation->options, &record, 1, NULL);
    return status ? status : tune_gate(invocation->options, record);
}

/* What came of it, into the journal and the record. */
static void take_outcome(struct invocation *invocation, const struct session_outcome *outcome)
{
    journal_add(&invocation->journal, record_outcome(&invocation->settings, outcome));
    session_record_conclude(invocation->record);
}

static int report(struct invocation *invocation, const struct session_outcome *outcome)
{
    if (invocation->tuned) {
        invocation->tuned->one_by_one = remarks_one_by_one(&outcome->remarks);
        invocation->tuned->run_seconds = outcome->run_seconds;
    }
    take_outcome(invocation, outcome);
    if (outcome->status == SESSION_DONE)
        return report_verdict(invocation, outcome);
    if (outcome->trials == 0 && !invocation->options->resume) { /* a header alone: there is nothing to resume */
        journal_discard(invocation->journal.file);
        invocation->journal.file = NULL;
    }
    const struct tuned *tuned = invocation->tuned;
    bool all_failed = outcome->status == SESSION_WORK_FAILED && outcome->trials > 0;
    if (tuned && (outcome->status == SESSION_TOO_SHORT || all_failed ||
                  (outcome->status == SESSION_NOT_ENDED && tuned->may_fail)))
        return keep_as_it_comes(invocation, outcome);
    return outcome->status == SESSION_INTERRUPTED ? report_interrupted(invocation, outcome)
                                                  : report_failure(invocation, outcome);
}

static int run(struct invocation *invocation)
{
    struct session_outcome outcome;
    int status = prepare(invocation);
    if (status != 0)
        return status;
    workload_options_note_stdin(&invocation->settings.work);
    session_run(&invocation->settings, &outcome);
    tune_progress_end(&invocation->tune_progress);
    return report(invocation, &outcome);
}

int tune_session(const struct options *options, struct tuned *tuned)
{
    char message[PATH_MAX + 256];
    struct invocation *invocation = must_have(calloc(1, sizeof *invocation));
    invocation->options = options;
    invocation->tuned = tuned;
    int status = tune_options_apply(options, &invocation->settings);
    if (status == 0)
        status = run(invocation);
    if (!journal_close(invocation->journal.file, message, sizeof message))
        status = fail(invocation, status ? status : 1, "%s", message);
    if (tuned && status == 0 && invocation->record) {
        tuned->record = invocation->record;
    } else if (invocation->record) {
        session_record_clear(invocation->record);
        free(invocation->record);
    }
    json_decref(invocation->fingerprint);
    free(invocation->counter);
    session_past_clear(&invocation->past);
    choice_clear(&invocation->choice);
    tune_options_clear(&invocation->settings);
    free(invocation);
    return status;
}
