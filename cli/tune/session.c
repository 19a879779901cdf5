/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See session.h. */
#include "config.h"

#include "cli/tune/session.h"

#include "cli/journal/record.h"
#include "cli/strategy/strategy.h"
#include "cli/tune/racing.h"
#include "cli/tune/simplify.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Active seconds that a run of the search measures: a few slices at least; what a second cannot tell, the proof will.
 */
#define LEAST_MEASURED 0.1
#define MOST_MEASURED 1.0
#define UNLIMITED_MEASURED 0.3

/* Calibration: begins with so few operations that any workload does them in an instant, and goes on until a run is long
 * enough to tell its work from its start-up. It may take a tenth of the budget. */
#define FIRST_OPERATIONS 50000
#define OPERATIONS_GROWTH 4
#define LONG_ENOUGH 0.2
#define MOST_OPERATIONS                                                                          \
    UINT64_C(1000000000000) /* a workload that does them in an instant does not count operations \
                             */
#define CALIBRATION_SHARE 0.1

/* The default may take a quarter of the budget for one run, or this long where there is no budget: then it hangs. */
#define FIRST_RUN_SHARE 0.25
#define FIRST_RUN_SECONDS 600

/* What is kept back for the proof, in runs: one pair more than it needs, as pairs differ. */
#define PROOF_RUNS (2 * (STATISTICS_LEAST_PAIRS + 1))

/* The shortest session, in runs: calibration, a heat of three candidates, the proof; and a fifth more for waiting. */
#define LEAST_RUNS (1.2 * (1 + 4 + PROOF_RUNS))

/* A heat may run over its stage by this share of the budget before it is cut. */
#define GRACE 0.03

/* Heats that fail for want of the default, in a row, before the session gives up. */
#define MOST_FAILED_IN_ROW 3

struct session {
    const struct session_settings *settings;
    struct session_outcome *outcome;
    struct budget budget;
    struct racing racing;
    struct candidate_noise noise;
    struct strategy *strategy;
    struct candidate *candidates; /* all, by trial */
    size_t count, capacity;
    uint64_t heats;         /* of the search so far: the index of the next seed */
    uint64_t past_pairs;    /* of proofs that earlier parts of the session began */
    unsigned failed_in_row; /* heats in a row without the default */
};

/* --- telling ------------------------------------------------------------------------------------------------------ */

/* The best so far, or NULL while nothing beats the default. */
static struct candidate *find_best(struct session *session)
{
    struct candidate *best = NULL;
    double best_score = 0;
    for (size_t i = 0; i < session->count; i++) {
        double score = goal_cautious_score(&session->settings->goal, &session->candidates[i], &session->noise);
        if (score > best_score) {
            best = &session->candidates[i];
            best_score = score;
        }
    }
    return best;
}

static void __attribute__((format(printf, 4, 5)))
tell(struct session *session, enum tune_event_kind kind, unsigned trial, const char *format, ...)
{
    char line[1024];
    struct tune_event event = {.kind = kind, .trial = trial, .text = line};
    const struct tune_observer *observer = &session->settings->observer;
    if (!observer->event)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    const struct candidate *best = find_best(session);
    if (best) {
        struct statistics_mean score = goal_score(&session->settings->goal, best, &session->noise);
        event.best_ratio = exp(score.mean);
        event.best_low = exp(score.mean - STATISTICS_CLEARLY * score.error);
        event.best_high = exp(score.mean + STATISTICS_CLEARLY * score.error);
    }
    event.seconds_left = budget_left(&session->budget, 1);
    observer->event(observer->context, &event);
}

static void journal_line(struct session *session, json_t *line)
{
    if (session->settings->journal)
        journal_write(session->settings->journal, line);
    else
        json_decref(line);
}

static bool __attribute__((format(printf, 3, 4)))
end(struct session *session, enum session_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    session->outcome->status = status;
    vsnprintf(session->outcome->message, sizeof session->outcome->message, format, arguments);
    va_end(arguments);
    return false;
}

/* The end of a session by a heat that was not held. */
static bool end_by_heat(struct session *session, enum heat_status status, const char *message)
{
    if (status == HEAT_INTERRUPTED)
        return end(session, SESSION_INTERRUPTED, "interrupted");
    if (status == HEAT_BASELINE_FAILED)
        return end(session, SESSION_WORK_FAILED, "the workload keeps failing: %s", message);
    return end(session, SESSION_FAILED, "%s", message);
}

static double hard_end(const struct session *session, double share)
{
    if (!isfinite(session->budget.total))
        return 0;
    return budget_now(&session->budget) + budget_left(&session->budget, share) + GRACE * session->budget.total;
}

/* --- calibration -------------------------------------------------------------------------------------------------- */

static double first_run_limit(const struct session *session)
{
    double total = session->budget.total;
    return isfinite(total) ? FIRST_RUN_SHARE * total : FIRST_RUN_SECONDS;
}

/* Seconds with three digits, or more where they are whole. */
static const char *in_seconds(double seconds, char *text, size_t size)
{
    snprintf(text, size, seconds < 1000 ? "%.3g s" : "%.0f s", seconds);
    return text;
}

static bool baseline_failed(struct session *session, const struct heat *heat)
{
    const struct workload *work = &session->settings->work;
    const char *name = work->workload ? work->workload : work->command[0];
    char limit[32];
    const int usage = 2; /* hakmem-bench's exit status for a name or an option that it does not know */
    if (work->workload && heat->baseline_status == RACE_FAILED && heat->baseline_code == usage)
        return end(session, SESSION_WORK_UNKNOWN, "workload %s: %s", work->workload, heat->message);
    if (work->workload && heat->baseline_status == RACE_NOT_STARTED)
        return end(session, SESSION_FAILED, "%s: %s", name, heat->message);
    if (heat->baseline_status == RACE_HUNG)
        return end(session, SESSION_WORK_FAILED, "%s: default profile: did not end within %s (%s)", name,
                   in_seconds(first_run_limit(session), limit, sizeof limit),
                   isfinite(session->budget.total) ? "a quarter of the budget; try a longer --budget"
                                                   : "the limit for one run");
    return end(session, SESSION_WORK_FAILED, "%s: %s", name, heat->message);
}

/* One run of the default alone. */
static bool run_baseline(struct session *session, uint64_t operations, struct heat *heat)
{
    *heat = (struct heat){.operations = operations,
                          .seed = racing_seed(session->settings->seed, RACING_SEARCH, session->heats++),
                          .time_limit = first_run_limit(session)};
    enum heat_status status = racing_heat(&session->racing, heat);
    if (status == HEAT_BASELINE_FAILED)
        return baseline_failed(session, heat);
    if (status != HEAT_OK)
        return end_by_heat(session, status, heat->message);
    session->outcome->baseline_seconds = heat->baseline_seconds;
    session->outcome->baseline_resident = heat->baseline_resident;
    session->racing.has_blocks = heat->baseline_blocks > 1;
    return true;
}

/* Whether the budget has room for the shortest session with runs of SECONDS. */
static bool suffices(struct session *session, double seconds)
{
    char budget[32], run[32];
    double least = LEAST_RUNS * seconds;
    budget_reserve(&session->budget, PROOF_RUNS * seconds * session->racing.pace.overhead);
    if (session->budget.total >= least)
        return true;
    return end(session, SESSION_TOO_SHORT,
               "a budget of %s is too short: one run takes %s, and a search with its proof needs at least %.0f s",
               in_seconds(session->budget.total, budget, sizeof budget), in_seconds(seconds, run, sizeof run),
               ceil(least));
}

static bool calibrate_fixed(struct session *session, struct heat *heat)
{
    if (!run_baseline(session, session->settings->work.operations, heat))
        return false;
    pace_init_fixed(&session->racing.pace, heat->baseline_seconds);
    return suffices(session, fmax(heat->baseline_seconds, heat->wall));
}

/* Runs more and more operations until the last run is LONG_ENOUGH longer than the one before. */
static bool calibrate_scaled(struct session *session, struct heat *heat)
{
    uint64_t operations = FIRST_OPERATIONS, before;
    double seconds_before, total = session->budget.total;
    double until = isfinite(total) ? budget_now(&session->budget) + CALIBRATION_SHARE * total : INFINITY;
    if (!run_baseline(session, operations, heat))
        return false;
    do {
        before = operations;
        seconds_before = heat->baseline_seconds;
        operations *= OPERATIONS_GROWTH;
        if (!run_baseline(session, operations, heat))
            return false;
    } while (heat->baseline_seconds - seconds_before < LONG_ENOUGH && operations < MOST_OPERATIONS &&
             budget_now(&session->budget) + OPERATIONS_GROWTH * heat->wall < until);
    pace_init(&session->racing.pace, before, seconds_before, operations, heat->baseline_seconds);
    return suffices(session, session->racing.pace.fixed + LEAST_MEASURED);
}

static bool calibrate(struct session *session)
{
    struct heat heat;
    session->racing.fixed_work = !session->settings->work.workload || session->settings->work.operations > 0;
    bool calibrated = session->racing.fixed_work ? calibrate_fixed(session, &heat) : calibrate_scaled(session, &heat);
    if (calibrated)
        tell(session, TUNE_CALIBRATED, 0, "default profile: %.2f s for a run, %.1f MiB at its peak",
             heat.baseline_seconds, (double)heat.baseline_resident / (1024 * 1024));
    candidate_noise_init(&session->noise, session->racing.has_blocks);
    return calibrated;
}

/* --- the search --------------------------------------------------------------------------------------------------- */

/* The operations of each of RUNS runs that are to fit in before SHARE of the budget is gone. */
static uint64_t operations_of(const struct session *session, double share, double runs)
{
    const struct racing *racing = &session->racing;
    if (racing->fixed_work)
        return racing->work.operations;
    double left = budget_left(&session->budget, share), measured = UNLIMITED_MEASURED;
    if (isfinite(left))
        measured =
            fmin(fmax(left / (runs * racing->pace.overhead) - racing->pace.fixed, LEAST_MEASURED), MOST_MEASURED);
    return pace_operations(&racing->pace, racing->pace.fixed + measured, LEAST_MEASURED);
}

/* How many contenders a heat may have in the time that is left until SHARE of the budget is gone, the default included.
 */
static size_t room(const struct session *session, double share, uint64_t operations, size_t wanted)
{
    double left = budget_left(&session->budget, share);
    while (wanted > 0 && pace_race(&session->racing.pace, wanted, operations) > left)
        wanted--;
    return wanted;
}

static struct candidate *add_candidate(struct session *session, const struct space_point *point)
{
    if (session->count == session->capacity)
        abort(); /* reserve_candidates was not called */
    struct candidate *candidate = &session->candidates[session->count++];
    candidate_init(candidate, (unsigned)session->count, point);
    return candidate;
}

/* Pointers to candidates are kept during a round only, so the array may move between rounds. */
static void reserve_candidates(struct session *session, size_t more)
{
    if (session->count + more <= session->capacity)
        return;
    session->capacity = 2 * (session->count + more);
    session->candidates = realloc(session->candidates, session->capacity * sizeof *session->candidates);
    if (!session->candidates)
        abort();
}

static void report_run(struct session *session, const struct candidate *candidate, const struct heat *heat)
{
    char text[512];
    journal_line(session, record_trial(session->settings->space, candidate, heat, budget_elapsed(&session->budget)));
    space_describe(session->settings->space, &candidate->point, text, sizeof text);
    if (candidate->eliminated) {
        tell(session, TUNE_TRIAL_ENDED, candidate->trial, "out (%s): %s", candidate->reason, text);
        return;
    }
    struct statistics_mean time = candidate_time(candidate, &session->noise), memory = candidate_memory(candidate);
    char rss[32] = "rss not known";
    if (isfinite(memory.error))
        snprintf(rss, sizeof rss, "rss %+.1f%%", 100 * expm1(-memory.mean));
    tell(session, TUNE_TRIAL_ENDED, candidate->trial, "speed %+.1f%% ± %.1f, %s: %s", 100 * expm1(time.mean),
         100 * STATISTICS_CLEARLY * time.error, rss, text);
}

static void tell_strategy(struct session *session, struct candidate *candidate)
{
    struct statistics_mean score = goal_score(&session->settings->goal, candidate, &session->noise);
    struct strategy_result result = {candidate->point, score.mean, score.error};
    strategy_tell(session->strategy, &result);
}

/* Runs one heat of the search, until SHARE of the budget is gone at the latest, and writes down what it brought. True
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
    session->failed_in_row = status == HEAT_BASELINE_FAILED ? session->failed_in_row + 1 : 0;
    if (status == HEAT_BASELINE_FAILED && session->failed_in_row < MOST_FAILED_IN_ROW)
        return true;
    if (status != HEAT_OK)
        return end_by_heat(session, status, heat.message);
    candidate_noise_learn(&session->noise, session->candidates, session->count, session->racing.has_blocks);
    for (size_t i = 0; i < count; i++) {
        if (list[i]->eliminated || list[i]->count > runs_before[i])
            report_run(session, list[i], &heat);
        tell_strategy(session, list[i]);
    }
    return true;
}

/* The best few so far, the surest first, of those that look better than the default. They run again in every round:
 * they get most of the time, and what was luck does not last. */
static size_t add_champions(struct session *session, struct candidate **list, size_t max)
{
    const struct goal *goal = &session->settings->goal;
    struct candidate **ranked = malloc((session->count + 1) * sizeof *ranked);
    size_t count = 0;
    if (!ranked)
        abort();
    for (size_t i = 0; i < session->count; i++)
        ranked[i] = &session->candidates[i];
    racing_rank(goal, &session->noise, ranked, session->count);
    for (size_t i = 0; i < session->count && count < max; i++) {
        if (goal_score(goal, ranked[i], &session->noise).mean > 0)
            list[count++] = ranked[i];
    }
    free(ranked);
    return count;
}

static size_t add_newcomers(struct session *session, struct candidate **list, size_t max)
{
    struct space_point points[ROUND_CANDIDATES];
    char text[512];
    unsigned trials = session->settings->trials;
    if (trials && max > trials - session->count)
        max = trials - session->count;
    size_t count = strategy_ask(session->strategy, points, max < ROUND_CANDIDATES ? max : ROUND_CANDIDATES);
    for (size_t i = 0; i < count; i++) {
        list[i] = add_candidate(session, &points[i]);
        tell(session, TUNE_TRIAL_STARTED, list[i]->trial, "%s",
             space_describe(session->settings->space, &points[i], text, sizeof text));
    }
    return count;
}

/* One round. False: the search is over (session->outcome says whether the session is too). */
static bool search_round(struct session *session)
{
    struct candidate *list[RACE_MAX_CONTENDERS];
    /* NOLINTNEXTLINE(bugprone-integer-division): half of the candidates, rounded down, have a second heat */
    uint64_t operations = operations_of(session, session->budget.search, WANTED_ROUNDS * ROUND_RUNS);
    size_t contenders = room(session, session->budget.search, operations, 1 + ROUND_CANDIDATES + ROUND_CHAMPIONS);
    reserve_candidates(session, ROUND_CANDIDATES);
    if (contenders < 2)
        return false;
    size_t champions = add_champions(session, list, contenders > ROUND_CHAMPIONS + 1 ? ROUND_CHAMPIONS : 0);
    size_t newcomers = add_newcomers(session, list + champions, contenders - 1 - champions);
    if (newcomers == 0)
        return false;
    size_t count = champions + newcomers;
    if (!search_heat(session, list, count, operations, session->budget.search))
        return false;
    operations *= session->racing.fixed_work ? 1 : SECOND_HEAT_WORK;
    count = racing_survivors(&session->settings->goal, &session->noise, list, count, ROUND_CANDIDATES / 2 + 1);
    if (count < 1 || room(session, session->budget.search, operations, count + 1) < count + 1)
        return true;
    return search_heat(session, list, count, operations, session->budget.search);
}

/* The best against each other for as long as there is time for it; without a budget once. */
static bool playoff(struct session *session)
{
    struct candidate *list[PLAYOFF_CANDIDATES];
    double share = session->budget.playoff;
    uint64_t operations = operations_of(session, share, PLAYOFF_HEATS * (1 + PLAYOFF_CANDIDATES));
    do {
        size_t count = add_champions(session, list, PLAYOFF_CANDIDATES);
        count = racing_survivors(&session->settings->goal, &session->noise, list, count, PLAYOFF_CANDIDATES);
        size_t contenders = room(session, share, operations, count + 1);
        if (contenders < 2)
            return true;
        if (!search_heat(session, list, contenders - 1, operations, share))
            return false;
    } while (isfinite(session->budget.total));
    return true;
}

static bool trials_left(const struct session *session)
{
    return session->settings->trials == 0 || session->count < session->settings->trials;
}

static bool search(struct session *session)
{
    while (trials_left(session) && search_round(session))
        continue;
    return session->outcome->status == SESSION_DONE && playoff(session);
}

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

/* The best, the best made simpler, and the runner-up; fewer where time is short. */
static bool choose_finalists(struct session *session)
{
    struct proof *proof = &session->outcome->proof;
    struct candidate *ranked[2];
    struct space_point simpler;
    char message[512] = "";
    size_t count = add_champions(session, ranked, 2);
    if (count == 0)
        return true;
    uint64_t seed = racing_seed(session->settings->seed, RACING_SEARCH, session->heats++);
    enum heat_status status = simplify(&session->racing, &session->settings->goal, &session->noise, &ranked[0]->point,
                                       seed, &simpler, message, sizeof message);
    if (status == HEAT_INTERRUPTED || status == HEAT_IMPOSSIBLE)
        return end_by_heat(session, status, message);
    add_finalist(session->settings->space, proof, &ranked[0]->point, ranked[0]->trial);
    add_finalist(session->settings->space, proof, &simpler, 0);
    if (count > 1)
        add_finalist(session->settings->space, proof, &ranked[1]->point, ranked[1]->trial);
    proof->count = proof_finalists(&session->racing, proof->count);
    return true;
}

static void pair_ended(void *context, size_t pair, const struct heat *heat)
{
    struct session *session = context;
    journal_line(session, record_pair(pair, heat, budget_elapsed(&session->budget)));
    const struct candidate *first = heat->candidates[0];
    struct statistics_mean time = candidate_time(first, &session->noise);
    tell(session, TUNE_PROVING, (unsigned)session->count,
         "proof: pair %zu, %zu finalist%s, the first %+.1f%% ± %.1f in speed", pair, heat->count,
         heat->count == 1 ? "" : "s", 100 * expm1(time.mean), 100 * STATISTICS_CLEARLY * time.error);
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
        tell(session, TUNE_NOTE, (unsigned)session->count,
             "no candidate was better than the default: there is nothing to prove");
        return true;
    }
    enum heat_status status = prove(&settings, proof, message, sizeof message);
    if (status != HEAT_OK)
        return end_by_heat(session, status, message);
    if (proof->baseline_seconds > 0) {
        session->outcome->baseline_seconds = proof->baseline_seconds;
        session->outcome->baseline_resident = proof->baseline_resident;
    }
    return true;
}

/* --- a whole session ---------------------------------------------------------------------------------------------- */

static void restore_candidates(struct session *session, const struct record_past *past)
{
    reserve_candidates(session, past->count);
    for (size_t i = 0; i < past->count; i++) {
        struct candidate *candidate = add_candidate(session, &past->candidates[i].point);
        *candidate = past->candidates[i];
        candidate->trial = (unsigned)session->count;
    }
    /* The calibration's heats came first and are not in the journal: what is skipped is never used twice. */
    session->heats = past->heats + 64;
    session->past_pairs = past->pairs;
}

static void tell_strategy_all(struct session *session)
{
    candidate_noise_learn(&session->noise, session->candidates, session->count, session->racing.has_blocks);
    for (size_t i = 0; i < session->count; i++)
        tell_strategy(session, &session->candidates[i]);
}

static bool start(struct session *session)
{
    const struct session_settings *settings = session->settings;
    struct record_past past = {0};
    char message[512];
    struct strategy_settings strategy = {settings->space, settings->seed, settings->goal.objective == GOAL_RSS};
    if (settings->resumed)
        record_restore(settings->space, settings->resumed, &past);
    budget_init(&session->budget, &settings->clock, settings->budget, past.elapsed);
    session->racing = (struct racing){.space = settings->space,
                                      .library = settings->library,
                                      .work = settings->work,
                                      .interleave = settings->interleave,
                                      .interrupted = settings->interrupted,
                                      .budget = &session->budget};
    session->racing.pace.overhead = 1;
    session->strategy = strategy_new(settings->strategy, &strategy);
    if (past.count > 0)
        restore_candidates(session, &past);
    free(past.candidates);
    if (!session->strategy)
        return end(session, SESSION_FAILED, "unknown strategy %s", settings->strategy);
    return workspace_open(&session->racing.workspace, message, sizeof message) ||
           end(session, SESSION_FAILED, "%s", message);
}

static void finish(struct session *session)
{
    struct session_outcome *outcome = session->outcome;
    const struct candidate *best = find_best(session);
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
        if (search(&session) && choose_finalists(&session))
            hold_proof(&session);
    }
    finish(&session);
}
