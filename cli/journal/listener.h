/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A journal listens to a session: each run of a candidate and each pair of the proof is a line as soon as it has ended.
 * The header and the verdict are written by who opens the journal. The session's thread. Below: file, record. */
#ifndef HAK_JOURNAL_LISTENER_H
#define HAK_JOURNAL_LISTENER_H

#include "cli/tune/events.h"

/* For session_listen(); JOURNAL is a struct journal. */
void journal_hear(void *journal, const struct tune_event *event);

#endif
