/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session found, in words and as JSON. Pure but for the streams; one thread. Below: cli/tune/session,
 * cli/journal/record, jansson. */
#ifndef HAK_REPORT_SESSION_REPORT_H
#define HAK_REPORT_SESSION_REPORT_H

#include "cli/tune/session.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/* "throughput, at most 10% more peak memory than the default" */
void session_report_describe_goal(const struct goal *goal, char *text, size_t size);

/* The verdict in one line: "5.2% faster than the default (95% interval 4.1% to 6.3%, p = 0.0003, 24 pairs), peak memory
 * +1.0%", or "nothing to win: ...", or "could not tell ...", with the budget that would. */
void session_report_describe(const struct session_settings *settings, const struct session_outcome *outcome, char *text,
                             size_t size);

/* "a pair of runs varies by 0.9% (standard deviation); the default alone by 4.1%" */
void session_report_describe_noise(const struct session_outcome *outcome, char *text, size_t size);

/* All of it for people. OUTPUT: where the profile was saved, or NULL. */
void session_report_print(FILE *stream, const struct session_settings *settings, const struct session_outcome *outcome,
                          const char *output);

/* All of it for programs; also the journal's last line. Caller owns it. */
json_t *session_report_json(const struct session_settings *settings, const struct session_outcome *outcome,
                            const char *output);

#endif
