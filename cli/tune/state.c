/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See state.h. */
#include "config.h"

#include "cli/tune/state.h"

#include "cli/output/memory.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* --- telling and ending ------------------------------------------------------------------------------------------- */

struct candidate *session_best(struct session *session)
{
    struct candidate *best = NULL;
    double best_score = 0;
    for (size_t i = 0; i < session->count; i++) {
        double score = goal_cautious_score(&session->goals[GOAL_RECOMMENDED], &session->candidates[i], &session->noise);
        if (score > best_score) {
            best = &session->candidates[i];
            best_score = score;
        }
    }
    return best;
}

void session_begin(struct session *session, enum tune_stage stage)
{
    session->stage = stage;
    session_tell(session, (struct tune_event){.kind = TUNE_STAGE_BEGAN});
}

size_t session_failed(const struct session *session)
{
    size_t failed = 0;
    for (size_t i = 0; i < session->count; i++)
        failed += session->candidates[i].eliminated;
    return failed;
}

size_t session_measured(const struct session *session)
{
    size_t measured = 0;
    for (size_t i = 0; i < session->count; i++)
        measured += session->candidates[i].count > 0 || session->candidates[i].eliminated;
    return measured;
}

void session_tell(struct session *session, struct tune_event what)
{
    const struct session_settings *settings = session->settings;
    what.stage = session->stage;
    what.settings = settings;
    what.goal = &session->goals[GOAL_RECOMMENDED];
    what.racing = &session->racing;
    what.noise = &session->noise;
    what.best.candidate = session_best(session);
    if (what.best.candidate)
        what.best.gain = goal_score(&session->goals[GOAL_RECOMMENDED], what.best.candidate, &session->noise);
    what.trials = session->count;
    what.measured = session_measured(session);
    what.failed = session_failed(session);
    what.elapsed = budget_elapsed(&session->budget);
    what.seconds_left = budget_left(&session->budget, 1);
    for (size_t i = 0; i < settings->listener_count; i++)
        settings->listeners[i].hear(settings->listeners[i].context, &what);
}

bool session_end(struct session *session, enum session_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    session->outcome->status = status;
    vsnprintf(session->outcome->message, sizeof session->outcome->message, format, arguments);
    va_end(arguments);
    return false;
}

bool session_end_by_heat(struct session *session, enum heat_status status, const char *message)
{
    if (status == HEAT_INTERRUPTED)
        return session_end(session, SESSION_INTERRUPTED, "interrupted");
    if (status == HEAT_BASELINE_FAILED)
        return session_end(session, SESSION_WORK_FAILED, "the workload keeps failing: %s", message);
    return session_end(session, SESSION_FAILED, "%s", message);
}

/* --- candidates --------------------------------------------------------------------------------------------------- */

struct candidate *session_add_candidate(struct session *session, const struct space_point *point)
{
    if (session->count == session->capacity)
        abort(); /* session_reserve_candidates was not called */
    unsigned trial = session->count ? session->candidates[session->count - 1].trial + 1 : 1;
    struct candidate *candidate = &session->candidates[session->count++];
    candidate_init(candidate, trial, point);
    return candidate;
}

void session_reserve_candidates(struct session *session, size_t more)
{
    if (session->count + more <= session->capacity)
        return;
    session->capacity = 2 * (session->count + more);
    session->candidates = must_have(realloc(session->candidates, session->capacity * sizeof *session->candidates));
}

bool session_has(struct candidate *const *list, size_t count, const struct candidate *candidate)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == candidate)
            return true;
    }
    return false;
}

/* The candidate with the greatest promise that is not yet among the COUNT of LIST, or NULL: none has any. */
static struct candidate *most_promising(struct session *session, const struct goal *goal, struct candidate *const *list,
                                        size_t count)
{
    struct candidate *best = NULL;
    double most = 0;
    for (size_t i = 0; i < session->count; i++) {
        struct candidate *candidate = &session->candidates[i];
        struct statistics_mean promise = goal_promise(goal, candidate, &session->noise);
        if (promise.mean - promise.error > most && !session_has(list, count, candidate)) {
            best = candidate;
            most = promise.mean - promise.error;
        }
    }
    return best;
}

size_t session_add_champions(struct session *session, enum goal_aim aim, struct candidate **list, size_t max)
{
    const struct goal *goal = &session->goals[aim];
    struct candidate **ranked = must_have(malloc((session->count + 1) * sizeof *ranked));
    size_t count = 0;
    for (size_t i = 0; i < session->count; i++)
        ranked[i] = &session->candidates[i];
    racing_rank(goal, &session->noise, ranked, session->count);
    for (size_t i = 0; i < session->count && count < max; i++) {
        if (goal_score(goal, ranked[i], &session->noise).mean > 0)
            list[count++] = ranked[i];
    }
    free(ranked);
    struct candidate *promising;
    while (count < max && (promising = most_promising(session, goal, list, count)))
        list[count++] = promising;
    return count;
}

void session_tell_strategies(struct session *session, struct candidate *candidate)
{
    for (size_t i = 0; i < session->strategy_count; i++) {
        struct statistics_mean score = goal_score(&session->goals[i], candidate, &session->noise);
        struct strategy_result result = {candidate->point, score.mean, score.error};
        strategy_tell(session->strategies[i], &result);
    }
}
