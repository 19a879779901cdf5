/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session tells while it runs: figures, never words.
 *
 * Whoever listens (a journal, a display) is called on the session's thread, between races. What an event points to may
 * be read during the call alone. Below: racing, prove, remark. */
#ifndef HAK_TUNE_EVENTS_H
#define HAK_TUNE_EVENTS_H

#include "cli/tune/ablation.h"
#include "cli/tune/prove.h"
#include "cli/tune/racing.h"
#include "cli/tune/remark.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session_settings;
struct session_outcome;

/* In this order; one that there is no time or no candidate for has no length. */
enum tune_stage { TUNE_CALIBRATING, TUNE_SEARCHING, TUNE_PLAYING_OFF, TUNE_SIMPLIFYING, TUNE_PROVING, TUNE_DONE };

/* In braces: what an event has besides what all have. */
enum tune_event_kind {
    TUNE_STAGE_BEGAN,     /* `stage` */
    TUNE_CALIBRATED,      /* how long a run takes is known {heat: of the baseline alone} */
    TUNE_REMARK,          /* something stands in the way of a result {remark} */
    TUNE_FEWER_AT_ONCE,   /* memory does not suffice for all contenders of a race; `racing` says what is done {heat} */
    TUNE_TRIAL_STARTED,   /* a new candidate {candidate} */
    TUNE_TRIAL_ENDED,     /* a run of one ended, or it is eliminated {candidate, heat} */
    TUNE_SIMPLIFIED,      /* what each change of the best for an aim brings is known {ablation, aim} */
    TUNE_PAIR_ENDED,      /* of the proof {heat: its finalists, proof} */
    TUNE_NOTHING_TO_PROVE /* no candidate was better than the baseline */
};

/* The best candidate so far by cautious score. */
struct tune_best {
    const struct candidate *candidate; /* NULL: none is better than the baseline yet */
    struct statistics_mean gain;       /* log gain in the objective, and its standard error */
};

struct tune_event {
    enum tune_event_kind kind;
    enum tune_stage stage;
    const struct session_settings *settings;
    const struct goal *goal; /* of the recommended aim, goal_for() */
    const struct racing *racing;
    const struct candidate_noise *noise; /* for candidate_gain() and its like */
    struct tune_best best;
    size_t trials;       /* candidates so far */
    size_t measured;     /* of them with a result: session_measured() */
    size_t failed;       /* of them eliminated */
    double elapsed;      /* seconds, of earlier parts of the session too */
    double seconds_left; /* of the budget; INFINITY: not limited by time */
    /* By kind; else NULL. */
    const struct candidate *candidate;
    const struct heat *heat;
    const struct proof *proof;
    const struct remark *remark;
    const struct ablation *ablation;
    enum goal_aim aim; /* of the ablation */
};

struct tune_listener {
    void (*hear)(void *context, const struct tune_event *event);
    void *context;
};

#endif
