/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a command line, and the job that it names, to struct options, by the rows of the table.
 *
 * Main thread. Below: job, table, values, usage, similar. */
#ifndef HAK_OPTIONS_PARSE_H
#define HAK_OPTIONS_PARSE_H

#include "cli/options/options.h"

/* Fills in OPTIONS with VERB's defaults and with ARGV, which ends with NULL, whose first word is not looked at, and
 * whose words that are no options move to its front. An option is written as --NAME VALUE, --NAME=VALUE, with the
 * beginning of a name that no other option has, or as -LETTER. Returns 0; or 2 after a line on stderr that names what
 * is wrong. What goes together is the verb's to say. OPTIONS has to stay where it is, and is cleared after a
 * success. */
int options_parse(enum verb verb, char **argv, struct options *options);

/* The same of a line that says no verb: *VERB is that of the job which it names, else tune. */
int options_parse_any(enum verb *verb, char **argv, struct options *options);

void options_clear(struct options *options);

#endif
