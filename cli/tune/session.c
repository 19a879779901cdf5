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

/* POINT stands for AIM; a point that is there already stands for it as well. */
static void add_finalist(const struct session *session, enum goal_aim aim, const struct space_point *point,
                         unsigned trial)
{
    const struct space *space = session->settings->space;
    struct proof *proof = &session->outcome->proof;
    struct space_point default_point = space_default(space);
    size_t most = session->aims > 1 ? PROOF_MAX_FINALISTS : PROOF_MAX_OF_ONE_AIM, at = 0;
    while (at < proof->count && !space_equal(space, point, &proof->finalists[at].point))
        at++;
    if (at == most || space_equal(space, point, &default_point))
        return;
    if (at == proof->count)
        proof->finalists[proof->count++] = (struct proof_finalist){.point = *point, .trial = trial};
    proof->finalists[at].test[aim].is_held = true;
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

/* Who stands for one aim, before the proof. */
struct champion {
    struct candidate *ranked[2]; /* the best and the second */
    size_t count;
    struct simplified simplified; /* from the best */
};

/* Until which share of the budget the best for AIM is made simpler: the recommended one, which most people will take,
 * has half of the time where there are others. */
static double simplify_until(const struct session *session, enum goal_aim aim)
{
    static const double parts[GOAL_AIMS] = {0.5, 0.75, 1};
    const struct budget *budget = &session->budget;
    double part = aim + 1 == session->aims ? 1 : parts[aim];
    return part == 1 ? budget->simplify : budget->playoff + part * (budget->simplify - budget->playoff);
}

/* Makes the best for AIM simpler, in its part of the time. False: the session has ended. */
static bool simplify_champion(struct session *session, enum goal_aim aim, struct champion *champion)
{
    char message[512] = "";
    if (session->stage != TUNE_SIMPLIFYING)
        session_begin(session, TUNE_SIMPLIFYING);
    const struct candidate *best = champion->ranked[0];
    const struct goal *goal = &session->goals[aim];
    struct statistics_mean time = candidate_gain(best, &session->noise, METRIC_TIME);
    struct simplify_task task = {
        .best = &best->point,
        .objective = goal->objective,
        .gain = candidate_gain(best, &session->noise, goal->objective).mean,
        .speed = exp(fmax(0, time.mean)),
        .until = simplify_until(session, aim),
        .seed = racing_seed(session->settings->seed, RACING_SEARCH, session->heats++),
    };
    enum heat_status status =
        simplify(&session->racing, &task, &session->noise, &champion->simplified, message, sizeof message);
    if (status == HEAT_INTERRUPTED || status == HEAT_IMPOSSIBLE)
        return session_end_by_heat(session, status, message);
    struct ablation *ablation = &session->outcome->ablation[aim];
    *ablation = champion->simplified.ablation;
    if (ablation->count > 0)
        session_tell(session, (struct tune_event){.kind = TUNE_SIMPLIFIED, .ablation = ablation, .aim = aim});
    return true;
}

/* Finds the best for AIM. Where it is that of an aim before, what was made of it then is good for this one too. */
static bool find_champion(struct session *session, enum goal_aim aim, struct champion *champions)
{
    struct champion *own = &champions[aim];
    own->count = session_add_champions(session, aim, own->ranked, 2);
    for (enum goal_aim before = 0; before < aim && own->count > 0; before++) {
        if (champions[before].count > 0 && champions[before].ranked[0] == own->ranked[0]) {
            own->simplified = champions[before].simplified;
            return true;
        }
    }
    return own->count == 0 || simplify_champion(session, aim, own);
}

/* The best without the changes that seem to bring nothing; it is the best itself where there was no time to see, and
 * the best goes before it where that is doubtful. */
static void add_simpler(const struct session *session, enum goal_aim aim, const struct champion *champion)
{
    const struct candidate *best = champion->ranked[0];
    const struct space_point *simpler = &champion->simplified.simpler;
    if (champion->simplified.is_doubtful)
        add_finalist(session, aim, &best->point, best->trial);
    add_finalist(session, aim, simpler, space_equal(session->settings->space, simpler, &best->point) ? best->trial : 0);
}

/* Whether the best for AIM is the recommended one as well. */
static bool has_recommended(const struct champion *champions, enum goal_aim aim)
{
    const struct champion *first = &champions[GOAL_RECOMMENDED];
    return first->count > 0 && champions[aim].count > 0 && champions[aim].ranked[0] == first->ranked[0];
}

/* The recommended aim comes first, and of it the simplified ones: where time is short the last go. Of the ends of the
 * front it is the simplified ones that stand; one whose best is the recommended aim's too stands as that does. */
static void name_finalists(const struct session *session, const struct champion *champions)
{
    const struct champion *first = &champions[GOAL_RECOMMENDED];
    for (enum goal_aim aim = 0; aim < session->aims; aim++)
        if (has_recommended(champions, aim))
            add_simpler(session, aim, first);
    for (enum goal_aim aim = 0; aim < session->aims; aim++)
        if (has_recommended(champions, aim))
            add_finalist(session, aim, &first->simplified.simplest, 0);
    for (enum goal_aim aim = 0; aim < session->aims; aim++)
        if (has_recommended(champions, aim))
            add_finalist(session, aim, &first->ranked[0]->point, first->ranked[0]->trial);
    for (enum goal_aim aim = 0; aim < session->aims; aim++)
        if (champions[aim].count > 0)
            add_simpler(session, aim, &champions[aim]);
    for (enum goal_aim aim = 0; aim < session->aims; aim++)
        if (champions[aim].count > 0)
            add_finalist(session, aim, &champions[aim].simplified.simplest, 0);
    if (first->count > 1)
        add_finalist(session, GOAL_RECOMMENDED, &first->ranked[1]->point, first->ranked[1]->trial);
}

/* Of each aim the best made simpler in one or two ways, and of the recommended one the best and the second as they are;
 * fewer where time is short. */
static bool choose_finalists(struct session *session)
{
    struct champion champions[GOAL_AIMS];
    for (enum goal_aim aim = 0; aim < session->aims; aim++)
        if (!find_champion(session, aim, champions))
            return false;
    name_finalists(session, champions);
    struct proof *proof = &session->outcome->proof;
    if (proof->count > 0)
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
                                      .goals = session->goals,
                                      .seed = session->settings->seed,
                                      .first_index = session->past_pairs,
                                      .pair_ended = pair_ended,
                                      .context = session};
    char message[512] = "";
    if (proof->count == 0) {
        session_tell(session, (struct tune_event){.kind = TUNE_NOTHING_TO_PROVE});
        return true;
    }
    session_begin(session, TUNE_PROVING);
    enum heat_status status = prove(&settings, proof, message, sizeof message);
    if (status != HEAT_OK)
        return session_end_by_heat(session, status, message);
    if (isfinite(proof->baseline.value[METRIC_TIME])) {
        session->outcome->baseline = proof->baseline;
        session->outcome->baseline_operations = proof->operations;
    }
    return true;
}

/* --- a whole session ---------------------------------------------------------------------------------------------- */

/* It keeps its number: a journal may lack some, of heats that brought nothing, and goes on with one that is new. */
static void restore_candidate(struct candidate *candidate, const struct candidate *past)
{
    candidate->trial = past->trial;
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
        session_tell_strategies(session, &session->candidates[i]);
}

/* First points for GOAL: of those for speed and of those for little memory the ones that it is about, or of both by
 * turns. */
static size_t first_points(const struct space *space, const struct goal *goal, struct space_point *first)
{
    bool memory = metric_unit(goal->objective) == METRIC_BYTES;
    if (goal->objective != METRIC_COST)
        return space_seeds(space, memory, first, SESSION_MAX_FIRST);
    struct space_point fast[SESSION_MAX_FIRST], small[SESSION_MAX_FIRST];
    size_t fast_count = space_seeds(space, false, fast, SESSION_MAX_FIRST);
    size_t small_count = space_seeds(space, true, small, SESSION_MAX_FIRST), count = 0;
    for (size_t i = 0; i < SESSION_MAX_FIRST; i++) {
        if (i < fast_count && count < SESSION_MAX_FIRST)
            first[count++] = fast[i];
        if (i < small_count && count < SESSION_MAX_FIRST)
            first[count++] = small[i];
    }
    return count;
}

static bool make_strategies(struct session *session)
{
    const struct session_settings *settings = session->settings;
    session->aims = goal_aims(&settings->goal);
    session->strategy_count = settings->goal.is_front ? session->aims : 1;
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++)
        session->goals[aim] = goal_for(&settings->goal, aim);
    for (size_t i = 0; i < session->strategy_count; i++) {
        struct strategy_settings strategy = {settings->space, settings->seed + i, session->first[i], 0};
        strategy.first_count = first_points(settings->space, &session->goals[i], session->first[i]);
        session->strategies[i] = strategy_new(settings->strategy, &strategy);
        if (!session->strategies[i])
            return session_end(session, SESSION_FAILED, "unknown strategy %s", settings->strategy);
    }
    return true;
}

static bool start(struct session *session)
{
    const struct session_settings *settings = session->settings;
    const struct session_past *past = settings->past;
    char message[512];
    budget_init(&session->budget, &settings->clock, settings->budget, past ? past->elapsed : 0);
    session->racing = (struct racing){.space = settings->space,
                                      .work = settings->work,
                                      .interleave = settings->interleave,
                                      .memory = settings->memory,
                                      .metrics = &settings->goal.metrics,
                                      .interrupted = settings->interrupted,
                                      .budget = &session->budget};
    session->racing.pace.overhead = 1;
    if (past && past->count > 0)
        restore_candidates(session, past);
    if (!make_strategies(session))
        return false;
    return workspace_open(&session->racing.workspace, message, sizeof message) ||
           session_end(session, SESSION_FAILED, "%s", message);
}

static void finish(struct session *session)
{
    struct session_outcome *outcome = session->outcome;
    const struct candidate *best = session_best(session);
    outcome->trials = (unsigned)session_measured(session);
    outcome->seconds = budget_elapsed(&session->budget);
    outcome->has_best = best != NULL;
    if (best) {
        outcome->best = best->point;
        outcome->best_score = goal_score(&session->goals[GOAL_RECOMMENDED], best, &session->noise);
    }
    for (size_t i = 0; i < session->count; i++) {
        if (session->candidates[i].eliminated && outcome->failed++ == 0)
            snprintf(outcome->first_failure, sizeof outcome->first_failure, "%s", session->candidates[i].reason);
        candidate_clear(&session->candidates[i]);
    }
    free(session->candidates);
    for (size_t i = 0; i < session->strategy_count; i++)
        strategy_free(session->strategies[i]);
    workspace_close(&session->racing.workspace);
}

void session_run(const struct session_settings *settings, struct session_outcome *outcome)
{
    struct session session = {.settings = settings, .outcome = outcome};
    memset(outcome, 0, sizeof *outcome);
    outcome->status = SESSION_DONE;
    outcome->baseline = metric_unknown();
    for (size_t aim = 0; aim < GOAL_AIMS; aim++)
        outcome->proof.winner[aim] = -1;
    if (start(&session) && calibrate(&session) && !settings->only_checks_for) {
        tell_strategy_all(&session);
        if (search(&session) && some_ran(&session) && choose_finalists(&session))
            hold_proof(&session);
    }
    session_begin(&session, TUNE_DONE);
    finish(&session);
}
