/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The allocators that --allocator names, each with the session in which it may be tuned. Main thread. Below:
 * tune_session, cli/options. */
#ifndef HAK_VERBS_SEVERAL_H
#define HAK_VERBS_SEVERAL_H

#include "cli/compare/selection.h"
#include "cli/options/options.h"
#include "cli/output/progress.h"
#include "cli/verbs/tune_session.h"

#include <stdbool.h>
#include <stddef.h>

struct several_member {
    char *name;                   /* as it was given; owned */
    char *label;                  /* in tables and files, which no other has; owned */
    struct options options;       /* of its session: the whole's, with its own share of the budget */
    struct tune_session *session; /* owned */
    bool is_open;                 /* the session's settings, journal and record are there */
};

struct several {
    const struct options *options;
    struct progress *progress;
    struct several_member members[SELECTION_MOST];
    size_t count;
};

/* Whether what --allocator says means several. */
bool several_is_meant(const char *text);

/* Chooses all that --allocator of OPTIONS names. PROGRESS is told who is not installed. Returns 0, or the exit status
 * after one line was printed; several_clear() in any case. */
int several_choose(struct several *several, const struct options *options, struct progress *progress);

/* The allocator as it comes, as a contender; the caller's. */
struct contender several_as_it_comes(const struct several_member *member);

void several_clear(struct several *several);

#endif
