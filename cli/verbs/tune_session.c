/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune_session.h. */
#include "config.h"

#include "cli/verbs/tune_session.h"

#include "cli/journal/file.h"
#include "cli/journal/fingerprint.h"
#include "cli/journal/record.h"
#include "cli/journal/record_header.h"
#include "cli/journal/record_outcome.h"
#include "cli/journal/restore.h"
#include "cli/locate/library.h"
#include "cli/machine/kernel_memory.h"
#include "cli/machine/limits.h"
#include "cli/machine/topology_json.h"
#include "cli/output/memory.h"
#include "cli/report/session_report.h"
#include "cli/verbs/interrupt.h"
#include "cli/verbs/tune_options.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2

/* Returns STATUS. */
static int __attribute__((format(printf, 3, 4))) say(char *message, int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, TUNE_SESSION_MESSAGE, format, arguments);
    va_end(arguments);
    return status;
}

/* --- before ------------------------------------------------------------------------------------------------------- */

int tune_session_apply(struct tune_session *session, const struct options *options)
{
    session->options = options;
    return tune_options_apply(options, &session->settings);
}

int tune_session_choose(struct tune_session *session, const struct options *options, const char *text,
                        char message[TUNE_SESSION_MESSAGE])
{
    char why[PATH_MAX + HAK_PROFILE_MESSAGE_SIZE + 256];
    if (strcmp(text, CHOICE_HAKMEM) != 0)
        return choice_of_allocator(&session->choice, text, why, sizeof why)
                   ? 0
                   : say(message, EXIT_USAGE, "--allocator: %s", why);
    if (choice_of_hakmem(&session->choice, options->library, why, sizeof why))
        return 0;
    return say(message, options->library ? EXIT_USAGE : 1, "%s", why);
}

void tune_session_begin(struct tune_session *session, struct progress *progress)
{
    struct session_settings *settings = &session->settings;
    struct machine_limits machine = {0};
    machine_limits_get(&machine);
    space_init(&session->space, &session->choice.subject, &machine);
    session->progress = progress;
    settings->space = &session->space;
    tune_progress_begin(&session->tune_progress, progress);
    session_listen(settings, tune_progress_hear, &session->tune_progress);
    settings->interrupted = interrupt_watch();
    settings->memory = kernel_memory_for_use();
    settings->counter = session->counter = library_find_counter();
    session->fingerprint = fingerprint_make(session->choice.library, &settings->work);
}

/* --- the journal -------------------------------------------------------------------------------------------------- */

/* The record begins with the header; the caller releases it. */
static json_t *begin_record(struct tune_session *session)
{
    char message[512];
    json_t *topology = topology_json_here();
    json_t *header = record_header(&session->settings, session->fingerprint, topology);
    json_decref(topology);
    session->record = must_have(calloc(1, sizeof *session->record));
    if (!session_record_begin(session->record, header, message, sizeof message))
        abort(); /* it was made just now */
    session->journal.record = session->record;
    return header;
}

static int open_new_journal(struct tune_session *session, char *message)
{
    char why[PATH_MAX + 256];
    json_t *header = begin_record(session);
    session->journal.file = journal_create(session->files.journal, header, why, sizeof why);
    json_decref(header);
    if (!session->journal.file)
        return say(message, 1, "%s", why);
    const char *kept = journal_kept(session->journal.file);
    if (kept)
        progress_note(session->progress, "journal %s: the old one is kept as %s", session->files.journal, kept);
    return 0;
}

/* Whether there is more to do than a session that came to its end has done. */
static bool goes_beyond(const struct session_settings *settings, const struct session_past *past)
{
    return isfinite(settings->budget) ? settings->budget > fmax(past->budget, ceil(past->elapsed))
                                      : settings->trials > past->count;
}

/* What is told of earlier parts of the session is told by reports of all of it. */
static void restore_record(struct tune_session *session, const json_t *lines)
{
    size_t index;
    json_t *line;
    json_decref(begin_record(session));
    json_array_foreach(lines, index, line)
    {
        session_record_take(session->record, line);
    }
}

/* Takes up what LINES, those of the journal, have. */
static int resume_past(struct tune_session *session, const json_t *lines, bool may_be_over, char *message)
{
    char why[PATH_MAX + 256];
    const char *journal = session->files.journal;
    if (!record_same_session(json_array_get(lines, 0), &session->settings, session->fingerprint, why, sizeof why))
        return say(message, EXIT_USAGE, "--resume: journal %s: %s", journal, why);
    restore_past(&session->settings, lines, &session->past);
    session->settings.past = &session->past;
    session->is_over = restore_is_finished(lines) && !goes_beyond(&session->settings, &session->past);
    if (session->is_over && !may_be_over)
        return say(message, EXIT_USAGE,
                   "--resume: journal %s: the session came to its end after %.0f s and %zu candidates; to extend it "
                   "give a longer --budget, or more --trials",
                   journal, session->past.elapsed, session->past.count);
    restore_record(session, lines);
    return 0;
}

static int open_old_journal(struct tune_session *session, bool may_be_over, char *message)
{
    char why[PATH_MAX + 256];
    json_t *lines;
    bool torn;
    session->journal.file = journal_resume(session->files.journal, &lines, &torn, why, sizeof why);
    if (!session->journal.file)
        return say(message, EXIT_USAGE, "--resume: %s", why);
    if (torn)
        progress_note(session->progress, "journal %s: its last line was not whole and is dropped",
                      session->files.journal);
    int status = resume_past(session, lines, may_be_over, message);
    json_decref(lines);
    return status;
}

int tune_session_open(struct tune_session *session, bool may_be_over, char message[TUNE_SESSION_MESSAGE])
{
    int status =
        session->options->resume ? open_old_journal(session, may_be_over, message) : open_new_journal(session, message);
    if (status == 0 && session->is_over)
        session_record_conclude(session->record);
    else if (status == 0)
        session_listen(&session->settings, journal_hear, &session->journal);
    return status;
}

/* --- the session -------------------------------------------------------------------------------------------------- */

void tune_session_run(struct tune_session *session)
{
    session_run(&session->settings, &session->outcome);
    tune_progress_end(&session->tune_progress);
    journal_add(&session->journal, record_outcome(&session->settings, &session->outcome));
    session_record_conclude(session->record);
}

json_t *tune_session_save(struct tune_session *session, bool *saved, char message[TUNE_SESSION_MESSAGE])
{
    struct record_files files = {.stays = NULL};
    *saved = tune_files_save(&session->files, &session->settings, session->record, session->progress, &files, message,
                             TUNE_SESSION_MESSAGE);
    journal_add(&session->journal, record_saved(&session->settings, &session->outcome, &files));
    tune_files_clear(&files);
    json_t *verdict = session_report_json(session->record);
    journal_add(&session->journal, json_incref(verdict));
    return verdict;
}

/* The record's space is made of texts, so a point goes from there to the session's by its values. */
bool tune_session_winner(const struct tune_session *session, struct subject_values *values)
{
    const struct session_record *record = session->record;
    const struct proof_finalist *winner = record ? proof_winner(&record->outcome.proof, GOAL_RECOMMENDED) : NULL;
    if (!winner)
        return false;
    json_t *profile = record_point(&record->space, &winner->point);
    const struct space_point point = restore_point(&session->space, profile);
    space_to_values(&session->space, &point, values);
    json_decref(profile);
    return true;
}

/* --- after -------------------------------------------------------------------------------------------------------- */

int tune_session_close(struct tune_session *session, char message[TUNE_SESSION_MESSAGE])
{
    const struct session_outcome *outcome = &session->outcome;
    struct journal *journal = session->journal.file;
    session->journal.file = NULL;
    if (journal && outcome->status != SESSION_DONE && outcome->trials == 0 && !session->options->resume) {
        if (journal_kept(journal))
            progress_note(session->progress, "journal %s: nothing was measured, the old one is back in its place",
                          session->files.journal);
        journal_discard(journal); /* a header alone: there is nothing to resume */
        return 0;
    }
    return journal_close(journal, message, TUNE_SESSION_MESSAGE) ? 0 : 1;
}

void tune_session_clear(struct tune_session *session)
{
    if (session->record)
        session_record_clear(session->record);
    free(session->record);
    json_decref(session->fingerprint);
    free(session->counter);
    session_past_clear(&session->past);
    choice_clear(&session->choice);
    tune_options_clear(&session->settings);
}
