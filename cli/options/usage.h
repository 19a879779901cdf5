/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a wrong command line, or a wrong job, gets: one line, and an object where JSON is asked for. Main thread. Below:
 * table, cli/output. */
#ifndef HAK_OPTIONS_USAGE_H
#define HAK_OPTIONS_USAGE_H

#include "cli/options/options.h"

#include <stdbool.h>

/* Whether usage_error and usage_failure write an object as well, on standard output. Not until this is called. */
void usage_set_json(bool json);

/* After it usage_error says where the option that its message names stands in the job of OPTIONS, which have to stay
 * where they are. NULL: there is none. */
void usage_of_job(const struct options *options);

/* Writes "hakmem-tune: VERB: ", the message (without a newline), that nothing was run and where help is to be found to
 * stderr; returns 2, the exit status for it. */
int usage_error(enum verb verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same of what fails before anything has run though the command line is right; returns STATUS. */
int usage_failure(enum verb verb, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
