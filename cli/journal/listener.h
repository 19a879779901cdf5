/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session tells becomes lines, each of which goes into the journal's file and into the record that reports are
 * made from, as soon as it is known. The header, the outcome and the verdict are written by who opens the journal. The
 * session's thread. Below: file, record, session_record. */
#ifndef HAK_JOURNAL_LISTENER_H
#define HAK_JOURNAL_LISTENER_H

#include "cli/journal/file.h"
#include "cli/journal/session_record.h"
#include "cli/tune/events.h"

struct journal_listener {
    struct journal *file;
    struct session_record *record;
};

/* For session_listen(); LISTENER is a struct journal_listener. */
void journal_hear(void *listener, const struct tune_event *event);

/* Writes LINE into both, and takes it over. */
void journal_add(const struct journal_listener *listener, json_t *line);

#endif
