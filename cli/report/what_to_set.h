/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a winner whose settings are environment variables is put to use. One thread. Below: cli/subject,
 * cli/tune/session. */
#ifndef HAK_REPORT_WHAT_TO_SET_H
#define HAK_REPORT_WHAT_TO_SET_H

#include "cli/tune/session.h"

#include <jansson.h>
#include <stdio.h>

/* Writes the winner's variables, as a drop-in of systemd and as lines of a Dockerfile too; nothing where there is no
 * winner, or where it is a profile. OUTPUT: the file that has them, or NULL. */
void what_to_set_print(FILE *stream, const struct session_settings *settings, const struct session_outcome *outcome,
                       const char *output);

/* The same variables as an object; null where there are none. Caller owns it. */
json_t *what_to_set_json(const struct session_settings *settings, const struct session_outcome *outcome);

#endif
