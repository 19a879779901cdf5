/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See session.h. */
#include "config.h"

#include "cli/tune/session.h"

#include "cli/search_space/seeds.h"
#include "cli/tune/calibrate.h"
#include "cli/tune/search.h"
#include "cli/tune/simplify.h"
#include "cli/tune/state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- finalists and proof ------------------------------------------------------------------------------------------ */

static void add_finalist(const struct space *space, struct proof *proof, const struct space_point *point,
                         unsigned trial)
{
    struct space_point default_point = space_default(space);
    if (proof->count == PROOF_MAX_FINALISTS || space_equal(space, point, &default_point))
        return;
    for (size_t i = 0; i < proof->count; i++) {
        if (space_equal(space, point, &proof->finalists[i].point))
            return;
    }
    proof->finalists[proof->count++] = (struct proof_finalist){.point = *point, .trial = trial};
}

/* Ends the session where no candidate ran to its end: that says something of the command or of the machine, not of the
 * default. */
static bool some_ran(struct session *session)
{
    const struct candidate *first = session->candidates;
    for (size_t i = 0; i < session->count; i++) {
        if (!session->candidates[i].eliminated)
            return true;
    }
    return session->count == 0 || session_end(session, SESSION_WORK_FAILED,
                                              "all %zu candidates failed although the default did not, the first: %s",
                                              session->count, first->reason);
}

/* The best, the best made simpler in one or two ways, and the runner-up; fewer where time is short. */
static bool choose_finalists(struct session *session)
{
    struct proof *proof = &session->outcome->proof;
    struct candidate *ranked[2];
    struct simplified simplified;
    char message[512] = "";
    size_t count = session_add_champions(session, ranked, 2);
    if (count == 0)
        return true;
    session_begin(session, TUNE_SIMPLIFYING);
    uint64_t seed = racing_seed(session->settings->seed, RACING_SEARCH, session->heats++);
    enum heat_status status = simplify(&session->racing, &session->settings->goal, &session->noise, &ranked[0]->point,
                                       seed, &simplified, message, sizeof message);
    if (status == HEAT_INTERRUPTED || status == HEAT_IMPOSSIBLE)
        return session_end_by_heat(session, status, message);
    add_finalist(session->settings->space, proof, &ranked[0]->point, ranked[0]->trial);
    add_finalist(session->settings->space, proof, &simplified.simpler, 0);
    add_finalist(session->settings->space, proof, &simplified.simplest, 0);
    if (count > 1)
        add_finalist(session->settings->space, proof, &ranked[1]->point, ranked[1]->trial);
    proof->count = proof_finalists(&session->racing, proof->count);
    return true;
}

static void pair_ended(void *context, const struct proof *proof, const struct heat *heat)
{
    session_tell(context, (struct tune_event){.kind = TUNE_PAIR_ENDED, .heat = heat, .proof = proof});
}

static bool hold_proof(struct session *session)
{
    struct proof *proof = &session->outcome->proof;
    struct proof_settings settings = {.racing = &session->racing,
                                      .goal = &session->settings->goal,
                                      .seed = session->settings->seed,
                                      .first_index = session->past_pairs,
                                      .pair_ended = pair_ended,
                                      .context = session};
    char message[512] = "";
    proof->winner = -1;
    if (proof->count == 0) {
        session_tell(session, (struct tune_event){.kind = TUNE_NOTHING_TO_PROVE});
        return true;
    }
    session_begin(session, TUNE_PROVING);
    enum heat_status status = prove(&settings, proof, message, sizeof message);
    if (status != HEAT_OK)
        return session_end_by_heat(session, status, message);
    if (proof->baseline_seconds > 0) {
        session->outcome->baseline_seconds = proof->baseline_seconds;
        session->outcome->baseline_resident = proof->baseline_resident;
    }
    return true;
}

/* --- a whole session ---------------------------------------------------------------------------------------------- */

static void restore_candidate(struct candidate *candidate, const struct candidate *past)
{
    for (size_t i = 0; i < past->count; i++)
        candidate_add_run(candidate, &past->runs[i]);
    if (past->eliminated)
        candidate_fail(candidate, past->reason);
}

static void restore_candidates(struct session *session, const struct session_past *past)
{
    session_reserve_candidates(session, past->count);
    for (size_t i = 0; i < past->count; i++)
        restore_candidate(session_add_candidate(session, &past->candidates[i].point), &past->candidates[i]);
    /* The calibration's heats came first and are not in the journal: what is skipped is never used twice. */
    session->heats = past->heats + 64;
    session->past_pairs = past->pairs;
}

static void tell_strategy_all(struct session *session)
{
    candidate_noise_learn(&session->noise, session->candidates, session->count, session->racing.has_blocks);
    for (size_t i = 0; i < session->count; i++)
        session_tell_strategy(session, &session->candidates[i]);
}

static bool start(struct session *session)
{
    const struct session_settings *settings = session->settings;
    const struct session_past *past = settings->past;
    char message[512];
    struct strategy_settings strategy = {settings->space, settings->seed, session->first, 0};
    strategy.first_count =
        space_seeds(settings->space, settings->goal.objective == GOAL_RSS, session->first, SESSION_MAX_FIRST);
    budget_init(&session->budget, &settings->clock, settings->budget, past ? past->elapsed : 0);
    session->racing = (struct racing){.space = settings->space,
                                      .work = settings->work,
                                      .interleave = settings->interleave,
                                      .memory = settings->memory,
                                      .interrupted = settings->interrupted,
                                      .budget = &session->budget};
    session->racing.pace.overhead = 1;
    session->strategy = strategy_new(settings->strategy, &strategy);
    if (past && past->count > 0)
        restore_candidates(session, past);
    if (!session->strategy)
        return session_end(session, SESSION_FAILED, "unknown strategy %s", settings->strategy);
    return workspace_open(&session->racing.workspace, message, sizeof message) ||
           session_end(session, SESSION_FAILED, "%s", message);
}

static void finish(struct session *session)
{
    struct session_outcome *outcome = session->outcome;
    const struct candidate *best = session_best(session);
    outcome->trials = (unsigned)session->count;
    outcome->seconds = budget_elapsed(&session->budget);
    outcome->has_best = best != NULL;
    if (best) {
        outcome->best = best->point;
        outcome->best_score = goal_score(&session->settings->goal, best, &session->noise);
    }
    for (size_t i = 0; i < session->count; i++) {
        if (session->candidates[i].eliminated && outcome->failed++ == 0)
            snprintf(outcome->first_failure, sizeof outcome->first_failure, "%s", session->candidates[i].reason);
        candidate_clear(&session->candidates[i]);
    }
    free(session->candidates);
    strategy_free(session->strategy);
    workspace_close(&session->racing.workspace);
}

void session_run(const struct session_settings *settings, struct session_outcome *outcome)
{
    struct session session = {.settings = settings, .outcome = outcome};
    memset(outcome, 0, sizeof *outcome);
    outcome->status = SESSION_DONE;
    outcome->proof.winner = -1;
    if (start(&session) && calibrate(&session)) {
        tell_strategy_all(&session);
        if (search(&session) && some_ran(&session) && choose_finalists(&session))
            hold_proof(&session);
    }
    session_begin(&session, TUNE_DONE);
    finish(&session);
}
