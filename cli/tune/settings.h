/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session is to do, and who watches it. Below: candidate, budget, cli/search_space, cli/journal, cli/race. */
#ifndef HAK_TUNE_SETTINGS_H
#define HAK_TUNE_SETTINGS_H

#include "cli/journal/file.h"
#include "cli/race/race.h"
#include "cli/search_space/space.h"
#include "cli/tune/budget.h"
#include "cli/tune/candidate.h"

#include <jansson.h>
#include <stdint.h>

/* --- who watches -------------------------------------------------------------------------------------------------- */

enum tune_event_kind {
    TUNE_CALIBRATED,    /* how long a run takes is known: `text` */
    TUNE_TRIAL_STARTED, /* candidate `trial` runs: `text` is what it changes */
    TUNE_TRIAL_ENDED,   /* it has a result: `text` */
    TUNE_PROVING,       /* a pair of the proof has ended: `text` */
    TUNE_NOTE           /* something that the user should know: `text` */
};

struct tune_event {
    enum tune_event_kind kind;
    unsigned trial; /* trials so far; 0: none */
    double best_ratio, best_low,
        best_high;       /* gain of the best so far as a factor, with its interval; ratio 0: none yet */
    double seconds_left; /* of the budget; INFINITY: not limited by time */
    const char *text;    /* one line; gone after the call */
};

struct tune_observer {
    void (*event)(void *context, const struct tune_event *event);
    void *context;
};

/* --- what is to be done ------------------------------------------------------------------------------------------- */

struct session_settings {
    const struct space *space;
    struct goal goal;
    const char *strategy; /* a name that strategy_new knows */
    struct workload work;
    enum race_interleave interleave;
    uint64_t seed;
    double budget;                   /* seconds; INFINITY: `trials` ends the search */
    unsigned trials;                 /* candidates at most; 0: the budget ends the search */
    struct journal *journal;         /* may be NULL */
    const json_t *fingerprint;       /* of fingerprint_make; may be NULL */
    const json_t *resumed;           /* lines of an earlier part of this session, or NULL */
    struct tune_observer observer;   /* event may be NULL */
    const volatile int *interrupted; /* may be NULL */
    uint64_t memory;                 /* bytes that all contenders may take together; 0: no limit */
    struct budget_clock clock;
};

#endif
