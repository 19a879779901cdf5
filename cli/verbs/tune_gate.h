/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tune --require-gain: the exit status that stops a build, and the line that says why. Main thread. Below: cli/report,
 * cli/options. */
#ifndef HAK_VERBS_TUNE_GATE_H
#define HAK_VERBS_TUNE_GATE_H

#include "cli/journal/session_record.h"
#include "cli/options/options.h"
#include "cli/report/selection_words.h"

/* Returns 4 where what is proved of the recommended winner is less than --require-gain asks for, or there is none; else
 * 0, also where the option is not given. Writes a line to stderr where it returns 4. */
int tune_gate(const struct options *options, const struct session_record *record);

/* The same of what a selection recommends, against the first allocator as it comes. */
int tune_gate_selection(const struct options *options, const struct selection_view *view);

#endif
