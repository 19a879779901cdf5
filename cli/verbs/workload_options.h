/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the options of tune and compare that say what is run amount to. Below: cli/options, cli/workload. */
#ifndef HAK_VERBS_WORKLOAD_OPTIONS_H
#define HAK_VERBS_WORKLOAD_OPTIONS_H

#include "cli/options/options.h"
#include "cli/workload/workload.h"

/* Fills in WORK from the OPTIONS of VERB; its workload is what --workload says. Returns 0; or 2 after a line on stderr
 * that names what is wrong. */
int workload_options_apply(enum verb verb, const struct options *options, struct workload *work);

/* Says so where this program's standard input holds something, which nobody reads. */
void workload_options_note_stdin(const struct workload *work);

#endif
