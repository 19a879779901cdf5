/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a winner is put to use: the environment variables to set. One thread. Below: cli/subject/launch,
 * cli/tune/session.
 */
#ifndef HAK_REPORT_WHAT_TO_SET_H
#define HAK_REPORT_WHAT_TO_SET_H

#include "cli/journal/session_record.h"

#include <jansson.h>
#include <stdio.h>

/* Writes the variables of a launch with LIBRARY (or NULL) and ENVIRONMENT, as a drop-in of systemd and as lines of a
 * Dockerfile too. OUTPUT: the file that has them, or NULL. */
void what_to_set_print(FILE *stream, const char *library, const struct launch_environment *environment,
                       const char *output);

/* The variables of such a launch as an object. Caller owns it. */
json_t *what_to_set_object(const char *library, const struct launch_environment *environment);

/* The same of a session's winner; nothing where there is none, or where it is a profile. */
void what_to_set_print_winner(FILE *stream, const struct session_record *record, const char *output);

/* The same variables as an object; null where there are none. Caller owns it. */
json_t *what_to_set_json(const struct session_record *record);

#endif
