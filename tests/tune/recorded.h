/* SPDX-License-Identifier: MIT */
/* What a session leaves for its reports. */
#ifndef TEST_RECORDED_H
#define TEST_RECORDED_H

#include "cli/journal/file.h"
#include "cli/journal/listener.h"
#include "cli/journal/record_header.h"
#include "cli/journal/record_outcome.h"
#include "cli/journal/session_record.h"
#include "cli/tune/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where recorded_run says that the profile was saved: not ASCII, and markup. */
#define RECORDED_PATH "caf\303\251 <b>.yaml"

static inline void recorded_begin(struct session_record *record, json_t *header)
{
    char message[512];
    if (session_record_begin(record, header, message, sizeof message))
        return;
    fprintf(stderr, "%s\n", message);
    abort();
}

/* Of a session that has ended with OUTCOME. recorded_free() afterwards. */
static inline struct session_record *recorded(const struct session_settings *settings,
                                              const struct session_outcome *outcome)
{
    struct session_record *record = calloc(1, sizeof *record);
    json_t *header = record_header(settings, NULL, NULL), *line = record_outcome(settings, outcome);
    recorded_begin(record, header);
    session_record_take(record, line);
    session_record_conclude(record);
    json_decref(header);
    json_decref(line);
    return record;
}

/* Runs the session of SETTINGS with a journal at PATH, into RECORD, which is zeroed. SAYS: also what came of it. */
static inline void recorded_run(struct session_settings *settings, struct session_record *record, const char *path,
                                bool says)
{
    char message[512];
    struct session_outcome *outcome = calloc(1, sizeof *outcome);
    json_t *header = record_header(settings, NULL, NULL);
    recorded_begin(record, header);
    struct journal_listener journal = {journal_create(path, header, message, sizeof message), record};
    json_decref(header);
    session_listen(settings, journal_hear, &journal);
    session_run(settings, outcome);
    if (says) {
        struct record_files files = {.path = {RECORDED_PATH}};
        files.text[0] = strdup("profile_version: 1\n");
        journal_add(&journal, record_outcome(settings, outcome));
        journal_add(&journal, record_saved(settings, outcome, &files));
        free(files.text[0]);
    }
    session_record_conclude(record);
    if (!journal_close(journal.file, message, sizeof message))
        abort();
    free(outcome);
}

static inline void recorded_free(struct session_record *record)
{
    session_record_clear(record);
    free(record);
}

#endif
