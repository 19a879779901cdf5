/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune [tune]: search a better profile, prove it, save it. Main thread, once. Below: tune_options, cli/options,
 * cli/tune/session, cli/report. */
#ifndef HAK_VERBS_TUNE_H
#define HAK_VERBS_TUNE_H

#include "cli/compare/contender.h"
#include "cli/journal/session_record.h"
#include "cli/options/options.h"

#include <stdbool.h>
#include <stddef.h>

/* What a session leaves for a race of several allocators: the allocator as it comes and, where something won, as tuned.
 * One that its budget is too short for leaves the first, after a line on stderr. */
struct tuned {
    struct contender *contenders; /* room for two; filled in, the caller's to clear */
    size_t count;
    bool may_fail; /* by the caller: where the work does not run with it the others go on; JSON is theirs */
    struct session_record *record; /* all of the session; NULL: it has failed; the caller's to clear and free */
    bool one_by_one;               /* the work cannot be run by several at once */
    double run_seconds;            /* of a run, where its work cannot be scaled; 0: it can, or it is not known */
};

/* Returns the program's exit status. With TUNED the session reports in a line; it may be NULL. */
int tune_session(const struct options *options, struct tuned *tuned);

#endif
