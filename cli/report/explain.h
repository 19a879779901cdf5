/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which changed value brought how much: the races of the simplification, in each of which one change was taken back.
 *
 * Pure but for the stream; one thread. Below: session_words, cli/journal/session_record, cli/output/table. */
#ifndef HAK_REPORT_EXPLAIN_H
#define HAK_REPORT_EXPLAIN_H

#include "cli/journal/session_record.h"
#include "cli/output/format.h"
#include "cli/output/table.h"

#include <jansson.h>
#include <stdio.h>

/* For people, as text or Markdown: the best candidate for AIM. */
void explain_print(FILE *stream, enum output_format format, const struct session_record *record, enum goal_aim aim);

/* The same as a table, without rows where nothing is known; table_free() afterwards. */
struct table *explain_table(const struct session_record *record, enum goal_aim aim);

/* An array, empty where nothing is known. */
json_t *explain_json(const struct session_record *record, enum goal_aim aim);

#endif
