/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session found, for people and as JSON. Pure but for the streams; one thread. Below: session_table, explain,
 * what_to_set, cli/journal/session_record, jansson. */
#ifndef HAK_REPORT_SESSION_REPORT_H
#define HAK_REPORT_SESSION_REPORT_H

#include "cli/journal/session_record.h"
#include "cli/output/format.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* The aim before AIM that has the same winner, or AIM itself. */
enum goal_aim session_report_same(const struct proof *proof, enum goal_aim aim);

/* All of it for people: within 80 columns on a terminal. EXPLAIN: also what each change brings. After it, what to set
 * for a winner whose settings are environment variables. */
void session_report_print(FILE *stream, const struct session_record *record, bool explain);

/* COUNT sessions in any form. JSON of one is an object, of several an array. EXPLAIN: as above, in JSON always. */
void session_report_write(FILE *stream, enum output_format format, const struct session_record *const *records,
                          size_t count, bool explain);

/* All of it for programs; also the journal's last line. Caller owns it. */
json_t *session_report_json(const struct session_record *record);

#endif
