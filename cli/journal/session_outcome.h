/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came of a session, out of its journal's lines: the outcome in a session_record. Below: session_record, restore.
 */
#ifndef HAK_JOURNAL_SESSION_OUTCOME_H
#define HAK_JOURNAL_SESSION_OUTCOME_H

#include "cli/journal/session_record.h"

/* As of a session that has just begun; its candidates stay. */
void session_outcome_reset(struct session_record *record);

/* Each takes the line that it is named for. */
void session_outcome_take_calibration(struct session_record *record, json_t *line);
void session_outcome_take_remark(struct session_record *record, json_t *line);
void session_outcome_take_ablation(struct session_record *record, json_t *line);
void session_outcome_take_finalists(struct session_record *record, json_t *line);
void session_outcome_take(struct session_record *record, json_t *line);

/* Fills in what a session that did not say how it ended has come to. */
void session_outcome_conclude(struct session_record *record);

#endif
