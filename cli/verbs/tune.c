/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune.h. */
#include "config.h"

#include "cli/verbs/tune.h"

#include "cli/output/format.h"
#include "cli/output/json.h"
#include "cli/output/memory.h"
#include "cli/output/utf8.h"
#include "cli/report/session_report.h"
#include "cli/verbs/report_file.h"
#include "cli/verbs/tune_gate.h"
#include "cli/verbs/tune_session.h"
#include "cli/verbs/tune_several.h"
#include "cli/verbs/workload_options.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define EXIT_USAGE 2
#define EXIT_WORK_FAILED 3
#define EXIT_INTERRUPTED 130

/* Everything that one invocation holds. */
struct invocation {
    struct tune_session session;
    struct progress progress;
    bool has_json; /* the standard output has its object */
};

static bool is_json(const struct invocation *invocation)
{
    return invocation->session.options->format == OUTPUT_JSON;
}

/* One line; with --format json an object as well, in place of the verdict. */
static int __attribute__((format(printf, 3, 4)))
fail(struct invocation *invocation, int status, const char *format, ...)
{
    char message[TUNE_SESSION_MESSAGE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    utf8_clean(message, true);
    fprintf(stderr, "hakmem-tune: %s\n", message);
    if (is_json(invocation) && !invocation->has_json)
        output_json(stdout, json_failure(status, message));
    invocation->has_json = true;
    return status;
}

/* --- before ------------------------------------------------------------------------------------------------------- */

/* Names its files, and looks whether they can be written. */
static int take_files(struct invocation *invocation)
{
    char message[TUNE_SESSION_MESSAGE];
    struct tune_session *session = &invocation->session;
    const struct subject *subject = &session->choice.subject;
    tune_files_name(&session->files, session->options, &session->settings, subject,
                    subject->kind->in_environment ? subject->name : "");
    if (tune_files_to_standard_output(&session->files) && is_json(invocation))
        return fail(invocation, EXIT_USAGE,
                    "--output - and --format json exclude each other: both would be the standard output");
    int status = tune_files_check(&session->files, subject, message, sizeof message);
    return status ? fail(invocation, status, "%s", message) : 0;
}

static int prepare(struct invocation *invocation, const struct options *options)
{
    char message[TUNE_SESSION_MESSAGE];
    struct tune_session *session = &invocation->session;
    int status = tune_session_apply(session, options);
    if (status == 0)
        status = report_file_check(VERB_TUNE, options);
    if (status == 0 && (status = tune_session_choose(session, options, options->allocator, message)) != 0)
        return fail(invocation, status, "%s", message);
    if (status != 0)
        return status;
    tune_session_begin(session, &invocation->progress);
    status = take_files(invocation);
    if (status == 0 && (status = tune_session_open(session, false, message)) != 0)
        return fail(invocation, status, "%s", message);
    return status;
}

/* --- after -------------------------------------------------------------------------------------------------------- */

static int report_interrupted(struct invocation *invocation)
{
    char text[1024];
    const struct tune_session *session = &invocation->session;
    const struct session_outcome *outcome = &session->outcome;
    if (outcome->trials == 0)
        return fail(invocation, EXIT_INTERRUPTED, "interrupted before the first candidate was measured");
    fail(invocation, EXIT_INTERRUPTED,
         "interrupted after %u candidates; they are in %s, go on with the same command and --resume", outcome->trials,
         session->files.journal);
    if (outcome->has_best)
        fprintf(stderr, "hakmem-tune: the best so far, not proven: %+.1f%% ± %.1f with %s\n",
                100 * expm1(outcome->best_score.mean), 200 * outcome->best_score.error,
                space_describe(&session->space, &outcome->best, text, sizeof text));
    const struct session_record *record = session->record;
    report_file_write_sessions(session->options, &record, 1, NULL); /* as far as it got */
    return EXIT_INTERRUPTED;
}

static int report_failure(struct invocation *invocation)
{
    const struct session_outcome *outcome = &invocation->session.outcome;
    switch (outcome->status) {
    case SESSION_INTERRUPTED:
        return report_interrupted(invocation);
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

/* The report in the form that was asked for; VERDICT is what JSON has of it. */
static void print(struct invocation *invocation, const json_t *verdict)
{
    const struct options *options = invocation->session.options;
    FILE *stream = tune_files_to_standard_output(&invocation->session.files) ? stderr : stdout;
    const struct session_record *record = invocation->session.record;
    if (is_json(invocation))
        output_json(stream, json_incref((json_t *)verdict));
    else
        session_report_write(stream, (enum output_format)options->format, &record, 1, options->explain);
    invocation->has_json |= is_json(invocation);
}

static int report_verdict(struct invocation *invocation)
{
    char message[TUNE_SESSION_MESSAGE];
    bool saved;
    json_t *verdict = tune_session_save(&invocation->session, &saved, message);
    print(invocation, verdict);
    json_decref(verdict);
    if (!saved)
        return fail(invocation, 1, "%s", message);
    const struct session_record *record = invocation->session.record;
    int status = report_file_write_sessions(invocation->session.options, &record, 1, NULL);
    return status ? status : tune_gate(invocation->session.options, record);
}

static int tune_one(const struct options *options)
{
    char message[TUNE_SESSION_MESSAGE];
    struct invocation *invocation = must_have(calloc(1, sizeof *invocation));
    struct tune_session *session = &invocation->session;
    progress_open(&invocation->progress, stderr, options->quiet);
    int status = prepare(invocation, options);
    if (status == 0) {
        workload_options_note_stdin(&session->settings.work);
        tune_session_run(session);
        status = session->outcome.status == SESSION_DONE ? report_verdict(invocation) : report_failure(invocation);
    }
    if (tune_session_close(session, message) != 0)
        status = fail(invocation, status ? status : 1, "%s", message);
    tune_session_clear(session);
    free(invocation);
    return status;
}

int verb_tune(const struct options *options)
{
    return tune_several_is_meant(options->allocator) ? tune_several(options) : tune_one(options);
}
