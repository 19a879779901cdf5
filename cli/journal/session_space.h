/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search space of a session out of its journal's header: each setting is a choice of the texts that its levels had.
 * Below: session_record. */
#ifndef HAK_JOURNAL_SESSION_SPACE_H
#define HAK_JOURNAL_SESSION_SPACE_H

#include "cli/journal/session_record.h"

/* Makes RECORD's space. False: its header has none, or one that makes no sense. */
bool session_space_make(struct session_record *record);

void session_space_clear(struct session_record *record);

#endif
