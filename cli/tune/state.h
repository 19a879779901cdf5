/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of one session share: session, calibrate and search. They alone include this file. One thread. Below:
 * outcome, settings, racing, cli/strategy. */
#ifndef HAK_TUNE_STATE_H
#define HAK_TUNE_STATE_H

#include "cli/strategy/strategy.h"
#include "cli/tune/outcome.h"
#include "cli/tune/racing.h"
#include "cli/tune/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Active seconds that a run of the search measures at least: a few slices. What a second cannot tell, the proof will.
 */
#define SESSION_LEAST_MEASURED 0.1

/* First points that the strategy is given. */
#define SESSION_MAX_FIRST 16

struct session {
    const struct session_settings *settings;
    struct session_outcome *outcome;
    enum tune_stage stage;
    struct budget budget;
    struct racing racing;
    struct candidate_noise noise;
    struct goal goals[GOAL_AIMS]; /* of each aim; those beyond `aims` are not looked for */
    size_t aims;
    struct strategy *strategies[GOAL_AIMS]; /* one, or of the front one for each aim */
    size_t strategy_count;
    struct space_point first[GOAL_AIMS][SESSION_MAX_FIRST]; /* points that each begins with */
    struct candidate *candidates;                           /* all, by trial */
    size_t count, capacity;
    uint64_t heats;         /* of the search so far: the index of the next seed */
    uint64_t past_pairs;    /* of proofs that earlier parts of the session began */
    unsigned failed_in_row; /* heats in a row without the default */
};

/* --- telling and ending ------------------------------------------------------------------------------------------- */

/* The best so far, or NULL while nothing beats the default. */
struct candidate *session_best(struct session *session);

/* Candidates that have a result: one whose race did not come to its end has none, and is not in the journal. */
size_t session_measured(const struct session *session);

/* Those of them that failed. */
size_t session_failed(const struct session *session);

/* Begins STAGE, and tells so. */
void session_begin(struct session *session, enum tune_stage stage);

/* Tells all listeners. WHAT has the kind and what comes with it; the rest is filled in. */
void session_tell(struct session *session, struct tune_event what);

/* Ends the session with STATUS and the message; false. */
bool session_end(struct session *session, enum session_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The end of a session by a heat that was not held; false. */
bool session_end_by_heat(struct session *session, enum heat_status status, const char *message);

/* --- candidates --------------------------------------------------------------------------------------------------- */

/* Makes room for MORE candidates. Pointers to candidates are kept during a round only, so the array may move between
 * rounds. */
void session_reserve_candidates(struct session *session, size_t more);

/* A new candidate, for which room was reserved. Its number is one more than the last one's. */
struct candidate *session_add_candidate(struct session *session, const struct space_point *point);

/* Writes into LIST the best MAX so far for AIM, the surest first, of those that look better than the default; behind
 * them those that would be, but are not sure to keep to the limits. How many there are. They run again in every round:
 * they get most of the time, what was luck does not last, and what was not sure gets known. */
size_t session_add_champions(struct session *session, enum goal_aim aim, struct candidate **list, size_t max);

/* Whether CANDIDATE is among the COUNT of LIST. */
bool session_has(struct candidate *const *list, size_t count, const struct candidate *candidate);

/* Tells the strategies what CANDIDATE is worth by now. */
void session_tell_strategies(struct session *session, struct candidate *candidate);

#endif
