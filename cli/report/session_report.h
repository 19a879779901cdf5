/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session found, for people and as JSON. Pure but for the streams; one thread. Below: session_table, explain,
 * cli/tune/session, cli/journal/record, jansson. */
#ifndef HAK_REPORT_SESSION_REPORT_H
#define HAK_REPORT_SESSION_REPORT_H

#include "cli/output/format.h"
#include "cli/tune/session.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Where the profile of each aim was saved, or NULL. */
struct session_outputs {
    const char *path[GOAL_AIMS];
};

/* The aim before AIM that has the same winner, or AIM itself. */
enum goal_aim session_report_same(const struct proof *proof, enum goal_aim aim);

/* All of it for people: within 80 columns on a terminal. EXPLAIN: also what each change brings. */
void session_report_print(FILE *stream, const struct session_settings *settings, const struct session_outcome *outcome,
                          const struct session_outputs *outputs, bool explain);

/* What each change brings, as text or Markdown. */
void session_report_explain(FILE *stream, enum output_format format, const struct session_settings *settings,
                            const struct session_outcome *outcome);

/* All of it for programs; also the journal's last line. Caller owns it. */
json_t *session_report_json(const struct session_settings *settings, const struct session_outcome *outcome,
                            const struct session_outputs *outputs);

#endif
