/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session is to do, what it goes on from, and who listens. Below: events, budget, cli/search_space, cli/race. */
#ifndef HAK_TUNE_SETTINGS_H
#define HAK_TUNE_SETTINGS_H

#include "cli/race/race.h"
#include "cli/search_space/space.h"
#include "cli/tune/budget.h"
#include "cli/tune/candidate.h"
#include "cli/tune/events.h"

#include <stddef.h>
#include <stdint.h>

/* Listeners of one session at most. */
#define SESSION_MOST_LISTENERS 4

/* What earlier parts of a session that was interrupted left. All zeros: nothing. */
struct session_past {
    struct candidate *candidates; /* owned by whoever filled this in; session_past_clear() */
    size_t count;
    double elapsed; /* seconds that they took */
    double budget;  /* the longest that the session was given; 0: it had none */
    uint64_t pairs; /* of proofs that did not come to their end */
    uint64_t heats; /* distinct run seeds that the search has used, at most */
};

struct session_settings {
    const struct space *space;
    struct goal goal;
    const char *strategy; /* a name that strategy_new knows */
    struct workload work;
    enum race_interleave interleave;
    uint64_t seed;
    double budget;                   /* seconds; INFINITY: `trials` ends the search */
    unsigned trials;                 /* candidates at most; 0: the budget ends the search */
    const struct session_past *past; /* NULL: it begins anew */
    struct tune_listener listeners[SESSION_MOST_LISTENERS];
    size_t listener_count;
    /* Not NULL: the session ends after the calibration, with status DONE where the budget has room for so many runs of
     * this ("a race of 5 allocators"). */
    const char *only_checks_for;
    double check_runs;
    bool is_checked;                 /* such a session was held before: nothing is remarked upon again */
    const volatile int *interrupted; /* may be NULL */
    uint64_t memory;                 /* bytes that all contenders may take together; 0: no limit */
    const char *counter;             /* libhakmem-count.so; NULL: calls of malloc are not counted */
    struct clock clock;
};

/* Adds one; more than SESSION_MOST_LISTENERS end the program. */
void session_listen(struct session_settings *settings, void (*hear)(void *, const struct tune_event *), void *context);

void session_past_clear(struct session_past *past);

#endif
