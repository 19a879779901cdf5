/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --report of tune and compare: a file with the whole report as HTML. Main thread. Below: cli/html, whole_file. */
#ifndef HAK_VERBS_REPORT_FILE_H
#define HAK_VERBS_REPORT_FILE_H

#include "cli/compare/comparison.h"
#include "cli/html/session_page.h"
#include "cli/journal/session_record.h"
#include "cli/options/options.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether the file that --report names can be written, if it is given; before anything has run. Returns 0, or the exit
 * status after one line of VERB's. */
int report_file_check(enum verb verb, const struct options *options);

/* Writes the file that --report names: COUNT sessions, and the race of all, which may be NULL; or comparisons, with the
 * ADVICE what to set, which may be empty, and with the machine. Nothing where the option is not given. Return 0, or the
 * exit status after one line of VERB's. */
int report_file_write_sessions(const struct options *options, const struct session_record *const *records, size_t count,
                               const struct session_page_race *race);
int report_file_write_comparisons(const struct options *options, const struct comparison *comparisons, size_t count,
                                  const char *advice);

#endif
