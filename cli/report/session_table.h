/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of what a session has proved beside the baseline's, as a table: within 80 columns for people, as Markdown
 * that can be pasted where changes are reviewed, and as comma-separated values with all finalists.
 *
 * Pure but for the stream; one thread. Below: session_report, session_words, cli/output/table. */
#ifndef HAK_REPORT_SESSION_TABLE_H
#define HAK_REPORT_SESSION_TABLE_H

#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/report/session_report.h"

#include <stdbool.h>
#include <stdio.h>

/* Whether a table has a row for METRIC: time, memory, cost, the user's own, and what the goal is about. */
bool session_table_has(const struct goal *goal, enum metric metric);

/* The table of one finalist, whose column is headed ROLE, as text or Markdown. */
void session_table_print_finalist(FILE *stream, enum output_format format, const struct session_record *record,
                                  const struct proof_finalist *finalist, const char *role);

/* The same table; table_free() afterwards. */
struct table *session_table_of(const struct session_record *record, const struct proof_finalist *finalist,
                               const char *role);

/* All of COUNT sessions as Markdown or CSV. */
void session_table_print(FILE *stream, enum output_format format, const struct session_record *const *records,
                         size_t count);

#endif
