/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One session as the verb holds it: what is tuned and how, its files, its journal, and the record of it. Whoever holds
 * one reports; a function that fails says why in one line.
 *
 * Main thread. It is not moved once chosen: its parts point into each other. Below: tune_files, tune_options,
 * cli/journal, cli/tune/session. */
#ifndef HAK_VERBS_TUNE_SESSION_H
#define HAK_VERBS_TUNE_SESSION_H

#include "cli/journal/listener.h"
#include "cli/options/options.h"
#include "cli/output/progress.h"
#include "cli/report/tune_progress.h"
#include "cli/subject/choice.h"
#include "cli/tune/session.h"
#include "cli/verbs/tune_files.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Room for a line that says why. */
#define TUNE_SESSION_MESSAGE (2 * PATH_MAX + 1024)

/* Zeroed: nothing is chosen. */
struct tune_session {
    const struct options *options;
    struct progress *progress;
    struct session_settings settings;
    struct subject_choice choice;
    struct space space;
    struct tune_progress tune_progress;
    struct tune_files files;
    struct journal_listener journal;
    struct session_record *record; /* what the journal has; owned */
    json_t *fingerprint;
    char *counter;            /* libhakmem-count.so, or NULL */
    struct session_past past; /* of the journal that is resumed */
    bool is_over;             /* that journal is of a session that came to its end, and nothing more is asked for */
    struct session_outcome outcome;
};

/* Takes OPTIONS, which have to stay where they are. Returns 0, or the exit status after one line was printed. */
int tune_session_apply(struct tune_session *session, const struct options *options);

/* Chooses the allocator that TEXT names, on the libhakmem.so of OPTIONS where it is that. Returns 0, or the exit status
 * with the reason in MESSAGE. */
int tune_session_choose(struct tune_session *session, const struct options *options, const char *text,
                        char message[TUNE_SESSION_MESSAGE]);

/* After both: fills in the rest of the settings, for this machine. PROGRESS shows the session. */
void tune_session_begin(struct tune_session *session, struct progress *progress);

/* Opens the journal that its files name: a new one, or with --resume the old. Returns 0, or the exit status with the
 * reason in MESSAGE. MAY_BE_OVER: of a session that came to its end, and is given no more, `is_over` is set, and its
 * record is whole; else that is an error. */
int tune_session_open(struct tune_session *session, bool may_be_over, char message[TUNE_SESSION_MESSAGE]);

/* Runs it, and writes what came of it into journal and record. */
void tune_session_run(struct tune_session *session);

/* Saves what it has won, where it came to its end, and writes its verdict into the journal. Returns the verdict in
 * JSON, which the caller releases; *SAVED: false, with the reason in MESSAGE, where a file could not be written. */
json_t *tune_session_save(struct tune_session *session, bool *saved, char message[TUNE_SESSION_MESSAGE]);

/* The values of the recommended winner that the record has. False: there is none. */
bool tune_session_winner(const struct tune_session *session, struct subject_values *values);

/* Closes the journal; where nothing was measured a new one goes. Returns 0, or 1 with the reason in MESSAGE. */
int tune_session_close(struct tune_session *session, char message[TUNE_SESSION_MESSAGE]);

void tune_session_clear(struct tune_session *session);

#endif
