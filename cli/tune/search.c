/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See search.h. */
#include "config.h"

#include "cli/tune/search.h"

#include "cli/tune/preflight.h"

#include <math.h>
#include <stdio.h>

/* A round: so many new candidates and the best so far race in a first heat; the better half races again, for twice the
 * work. More at a time share one baseline; fewer learn sooner. */
#define ROUND_CANDIDATES 6
#define ROUND_CHAMPIONS 2
#define SECOND_HEAT_WORK 2

/* At the end so many of the best race each other, so many times: who was measured once in the last round may have been
 * lucky. */
#define PLAYOFF_CANDIDATES 4
#define PLAYOFF_HEATS 3

/* A round of ROUND_CANDIDATES takes the active time of about so many single runs of a first heat... */
#define ROUND_RUNS (1 + ROUND_CANDIDATES + ROUND_CHAMPIONS + SECOND_HEAT_WORK * (1 + ROUND_CANDIDATES / 2 + 1))
/* ...and a search of fewer rounds than this sees too little of the space. */
#define WANTED_ROUNDS 16

/* Active seconds that a run measures at most, and where no time is set. */
#define MOST_MEASURED 1.0
#define UNLIMITED_MEASURED 0.3

/* A heat may run over its stage by this share of the budget before it is cut. */
#define GRACE 0.03

/* Heats that fail for want of the default, in a row, before the session gives up. */
#define MOST_FAILED_IN_ROW 3

static double hard_end(const struct session *session, double share)
{
    if (!isfinite(session->budget.total))
        return 0;
    return budget_now(&session->budget) + budget_left(&session->budget, share) + GRACE * session->budget.total;
}

/* The operations of each of RUNS runs that are to fit in before SHARE of the budget is gone. */
static uint64_t operations_of(const struct session *session, double share, double runs)
{
    const struct racing *racing = &session->racing;
    if (racing->fixed_work)
        return racing->work.operations;
    double left = budget_left(&session->budget, share), measured = UNLIMITED_MEASURED;
    if (isfinite(left))
        measured = fmin(fmax(left / (runs * racing->pace.overhead) - racing->pace.fixed, SESSION_LEAST_MEASURED),
                        MOST_MEASURED);
    return pace_operations(&racing->pace, racing->pace.fixed + measured, SESSION_LEAST_MEASURED);
}

/* How many contenders a heat may have in the time that is left until SHARE of the budget is gone, and in memory; the
 * default included. */
static size_t room(const struct session *session, double share, uint64_t operations, size_t wanted)
{
    double left = budget_left(&session->budget, share);
    wanted = racing_most(&session->racing, wanted);
    while (wanted > 0 && pace_race(&session->racing.pace, wanted, operations) > left)
        wanted--;
    return wanted;
}

/* Runs one heat of the search, until SHARE of the budget is gone at the latest, and tells what it brought. True
 * if the session goes on. */
static bool search_heat(struct session *session, struct candidate **list, size_t count, uint64_t operations,
                        double share)
{
    struct heat heat = {
        .candidates = list,
        .count = count,
        .operations = operations,
        .seed = racing_seed(session->settings->seed, RACING_SEARCH, session->heats++),
        .deadline = hard_end(session, share),
    };
    size_t runs_before[RACE_MAX_CONTENDERS];
    for (size_t i = 0; i < count; i++)
        runs_before[i] = list[i]->count;
    enum heat_status status = racing_heat(&session->racing, &heat);
    preflight_tell_alone(session);
    session->failed_in_row = status == HEAT_BASELINE_FAILED ? session->failed_in_row + 1 : 0;
    if (status == HEAT_BASELINE_FAILED && session->failed_in_row < MOST_FAILED_IN_ROW)
        return true;
    if (status != HEAT_OK)
        return session_end_by_heat(session, status, heat.message);
    candidate_noise_learn(&session->noise, session->candidates, session->count, session->racing.has_blocks);
    for (size_t i = 0; i < count; i++) {
        if (list[i]->eliminated || list[i]->count > runs_before[i])
            session_tell(session, (struct tune_event){.kind = TUNE_TRIAL_ENDED, .candidate = list[i], .heat = &heat});
        session_tell_strategies(session, list[i]);
    }
    return true;
}

static size_t add_newcomers(struct session *session, enum goal_aim aim, struct candidate **list, size_t max)
{
    struct space_point points[ROUND_CANDIDATES];
    unsigned trials = session->settings->trials;
    if (trials && max > trials - session->count)
        max = trials - session->count;
    size_t count = strategy_ask(session->strategies[aim], points, max < ROUND_CANDIDATES ? max : ROUND_CANDIDATES);
    for (size_t i = 0; i < count; i++) {
        list[i] = session_add_candidate(session, &points[i]);
        session_tell(session, (struct tune_event){.kind = TUNE_TRIAL_STARTED, .candidate = list[i]});
    }
    return count;
}

/* One round for AIM. False: the search is over (session->outcome says whether the session is too). */
static bool search_round(struct session *session, enum goal_aim aim)
{
    struct candidate *list[RACE_MAX_CONTENDERS];
    /* NOLINTNEXTLINE(bugprone-integer-division): half of the candidates, rounded down, have a second heat */
    uint64_t operations = operations_of(session, session->budget.search, WANTED_ROUNDS * ROUND_RUNS);
    size_t contenders = room(session, session->budget.search, operations, 1 + ROUND_CANDIDATES + ROUND_CHAMPIONS);
    session_reserve_candidates(session, ROUND_CANDIDATES);
    if (contenders < 2)
        return false;
    size_t champions =
        session_add_champions(session, aim, list, contenders > ROUND_CHAMPIONS + 1 ? ROUND_CHAMPIONS : 0);
    size_t newcomers = add_newcomers(session, aim, list + champions, contenders - 1 - champions);
    if (newcomers == 0)
        return false;
    size_t count = champions + newcomers;
    if (!search_heat(session, list, count, operations, session->budget.search))
        return false;
    operations *= session->racing.fixed_work ? 1 : SECOND_HEAT_WORK;
    count = racing_survivors(&session->goals[aim], &session->noise, list, count, ROUND_CANDIDATES / 2 + 1);
    if (count < 1 || room(session, session->budget.search, operations, count + 1) < count + 1)
        return true;
    return search_heat(session, list, count, operations, session->budget.search);
}

/* The best that can still win: of one aim alone PLAYOFF_CANDIDATES, else fewer of the recommended aim and the best of
 * each other. */
static size_t choose_for_playoff(struct session *session, struct candidate **list)
{
    size_t of_first = session->aims > 1 ? PLAYOFF_CANDIDATES - 1 : PLAYOFF_CANDIDATES;
    size_t count = session_add_champions(session, GOAL_RECOMMENDED, list, of_first);
    count = racing_survivors(&session->goals[GOAL_RECOMMENDED], &session->noise, list, count, of_first);
    for (enum goal_aim aim = GOAL_RECOMMENDED + 1; aim < session->aims; aim++) {
        struct candidate *best;
        if (session_add_champions(session, aim, &best, 1) > 0 && !session_has(list, count, best))
            list[count++] = best;
    }
    return count;
}

/* The best against each other for as long as there is time for it. */
static bool playoff(struct session *session)
{
    struct candidate *list[PLAYOFF_CANDIDATES + GOAL_AIMS];
    double share = session->budget.playoff;
    size_t most = PLAYOFF_CANDIDATES + (session->aims > 1 ? session->aims - 2 : 0);
    uint64_t operations = operations_of(session, share, (double)(PLAYOFF_HEATS * (1 + most)));
    for (;;) {
        size_t count = choose_for_playoff(session, list);
        size_t contenders = room(session, share, operations, count + 1);
        if (contenders < 2)
            return true;
        if (!search_heat(session, list, contenders - 1, operations, share))
            return false;
    }
}

static bool trials_left(const struct session *session)
{
    return session->settings->trials == 0 || session->count < session->settings->trials;
}

/* Rounds for each strategy in turn. Returns how many candidates are new. */
static size_t search_rounds(struct session *session)
{
    size_t turn = 0, before = session->count;
    while (trials_left(session) && search_round(session, (enum goal_aim)turn))
        turn = (turn + 1) % session->strategy_count;
    return session->count - before;
}

/* Where nobody can win any more, as those who looked best have lost since, what time is left is for others; unless all
 * have failed: so will they. */
static bool begins_again(struct session *session)
{
    struct candidate *list[PLAYOFF_CANDIDATES + GOAL_AIMS];
    bool all_failed = session_failed(session) == session->count;
    if (!isfinite(session->budget.total) || !trials_left(session) || all_failed ||
        choose_for_playoff(session, list) > 0)
        return false;
    budget_begin_again(&session->budget);
    return true;
}

bool search(struct session *session)
{
    size_t tried;
    do {
        session_begin(session, TUNE_SEARCHING);
        tried = search_rounds(session);
        if (session->outcome->status != SESSION_DONE)
            return false;
        if (!isfinite(session->budget.total))
            budget_end_search(&session->budget);
        session_begin(session, TUNE_PLAYING_OFF);
        if (!playoff(session))
            return false;
    } while (tried > 0 && begins_again(session));
    return true;
}
