/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See calibrate.h. */
#include "config.h"

#include "cli/tune/calibrate.h"

#include "cli/tune/preflight.h"

#include <math.h>
#include <stdio.h>

/* Begins with so few operations that any workload does them in an instant, and goes on until a run is long
 * enough to tell its work from its start-up. It may take a tenth of the budget. */
#define FIRST_OPERATIONS 50000
#define OPERATIONS_GROWTH 4
#define LONG_ENOUGH 0.2
#define CALIBRATION_SHARE 0.1

/* A workload that does them in an instant does not count operations. */
#define MOST_OPERATIONS UINT64_C(1000000000000)

/* The default may take a quarter of the budget for one run, or this long where there is no budget: then it hangs. */
#define FIRST_RUN_SHARE 0.25
#define FIRST_RUN_SECONDS 600

/* Runs of work that is what it is, from which its time is taken. */
#define MOST_FIRST_RUNS 3

/* What is kept back for the proof, in runs: one pair more than it needs, as pairs differ. */
#define PROOF_RUNS (2 * (STATISTICS_LEAST_PAIRS + 1))

/* The shortest session, in runs: calibration, a heat of three candidates, the proof; and a fifth more for waiting. */
#define LEAST_RUNS (1.2 * (1 + 4 + PROOF_RUNS))

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

/* Whether the user's limit for a run is what counts, not ours. */
static bool has_own_limit(const struct session *session)
{
    double timeout = session->settings->work.timeout_s;
    return timeout > 0 && timeout < first_run_limit(session);
}

/* What to do where the baseline failed; may be empty. */
static const char *baseline_cure(const struct session *session, const struct heat *heat)
{
    if (heat->baseline_status == RACE_CRASHED && session->settings->space->subject.library)
        return "if it ends well by itself, the reason may be that " RACE_DEEP_BIND;
    return heat->baseline_status == RACE_NOT_LOADED ? preflight_cure(heat->baseline_code) : "";
}

static bool baseline_failed(struct session *session, const struct heat *heat)
{
    const struct workload *work = &session->settings->work;
    const struct workload_kind *kind = workload_kind(work);
    char name[128], limit[32], status[96];
    kind->name(work, name, sizeof name);
    if (heat->baseline_status == RACE_FAILED && heat->baseline_code == kind->usage_status)
        return session_end(session, SESSION_WORK_UNKNOWN, "%s %s: %s", kind->label, name, heat->message);
    if (kind->is_ours && heat->baseline_status == RACE_NOT_STARTED)
        return session_end(session, SESSION_FAILED, "%s: %s", name, heat->message);
    if (heat->baseline_status == RACE_HUNG && !has_own_limit(session))
        return session_end(session, SESSION_NOT_ENDED, "%s: %s: did not end within %s (%s)", name,
                           session->settings->space->subject.baseline,
                           in_seconds(first_run_limit(session), limit, sizeof limit),
                           isfinite(session->budget.total) ? "a quarter of the budget; try a longer --budget"
                                                           : "the limit for one run");
    const char *cure = baseline_cure(session, heat);
    return session_end(session, SESSION_WORK_FAILED, "%s: %s%s%s%s", name, heat->message, cure[0] ? "; " : "", cure,
                       workload_cure(work, heat->baseline_own_status, status, sizeof status));
}

/* What to do where METRIC is not known of a run. */
static const char *advice(enum metric metric)
{
    if (metric >= METRIC_OWN)
        return "its expression matches no number in what the work printed";
    if (metric == METRIC_IDLE_MEMORY)
        return "it is that of a server, after --idle";
    if (metric_unit(metric) == METRIC_NANOSECONDS)
        return "it is that of a workload of hakmem-bench";
    if (metric == METRIC_INSTRUCTIONS || metric == METRIC_CACHE_MISSES || metric == METRIC_TLB_MISSES)
        return "this machine does not count it, or does not let us; see /proc/sys/kernel/perf_event_paranoid";
    return "nothing measured it";
}

/* Whether METRIC is known of HEAT's baseline; else the session has ended. */
static bool is_measured(struct session *session, const struct heat *heat, enum metric metric)
{
    const struct metric_set *set = &session->settings->goal.metrics;
    return !isnan(heat->baseline_sample.value[metric]) ||
           session_end(session, SESSION_NO_METRIC, "%s is not known of a run: %s", metric_name(set, metric),
                       advice(metric));
}

/* Whether all that the user asks for is known. */
static bool knows_goal(struct session *session, const struct heat *heat)
{
    const struct goal *goal = &session->settings->goal;
    if (!is_measured(session, heat, goal->objective))
        return false;
    for (size_t i = 0; i < goal->limit_count; i++)
        if (goal->limits[i].percent >= 0 && !is_measured(session, heat, goal->limits[i].metric))
            return false;
    return true;
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
        return session_end_by_heat(session, status, heat->message);
    session->outcome->baseline = heat->baseline_sample;
    session->outcome->baseline_operations = heat->operations;
    session->racing.has_blocks = heat->baseline_blocks > 1;
    return knows_goal(session, heat);
}

/* How many runs the budget has to have room for. */
static double least_runs(const struct session *session)
{
    return session->settings->only_checks_for ? session->settings->check_runs : LEAST_RUNS;
}

/* Whether the budget has room for the shortest session with runs of SECONDS. */
static bool suffices(struct session *session, double seconds)
{
    const char *what = session->settings->only_checks_for;
    char budget[32], run[32];
    double least = least_runs(session) * seconds;
    budget_reserve(&session->budget, PROOF_RUNS * seconds * session->racing.pace.overhead);
    if (session->budget.total >= least)
        return true;
    return session_end(session, SESSION_TOO_SHORT,
                       "a budget of %s is too short: one run takes %s, and %s needs at least %.0f s",
                       in_seconds(session->budget.total, budget, sizeof budget), in_seconds(seconds, run, sizeof run),
                       what ? what : "a search with its proof", ceil(least));
}

/* The shortest of some runs, if the first is too long for the budget: a machine that was busy for a moment, or had to
 * read the program from the disk, must not refuse the session. */
static bool calibrate_fixed(struct session *session, struct heat *heat)
{
    bool again;
    uint64_t operations = session->settings->work.operations;
    if (!run_baseline(session, operations, heat) || !preflight_first_run(session, heat, &again))
        return false;
    if (again && !run_baseline(session, operations, heat))
        return false;
    double active = heat->baseline_sample.value[METRIC_TIME], seconds = fmax(active, heat->wall);
    for (unsigned run = 1; run < MOST_FIRST_RUNS && session->budget.total < least_runs(session) * seconds; run++) {
        if ((run + 1) * heat->wall > first_run_limit(session)) /* too long, whatever the next one takes */
            break;
        if (!run_baseline(session, operations, heat))
            return false;
        active = fmin(active, heat->baseline_sample.value[METRIC_TIME]);
        seconds = fmin(seconds, fmax(heat->baseline_sample.value[METRIC_TIME], heat->wall));
    }
    session->outcome->run_seconds = seconds;
    pace_init_fixed(&session->racing.pace, active);
    return suffices(session, seconds);
}

/* Runs more and more operations until the last run is LONG_ENOUGH longer than the one before. */
static bool calibrate_scaled(struct session *session, struct heat *heat)
{
    uint64_t operations = FIRST_OPERATIONS, before;
    double seconds_before, total = session->budget.total;
    double until = isfinite(total) ? budget_now(&session->budget) + CALIBRATION_SHARE * total : INFINITY;
    if (!run_baseline(session, operations, heat))
        return false;
    if (session->settings->only_checks_for)
        return true;
    do {
        before = operations;
        seconds_before = heat->baseline_sample.value[METRIC_TIME];
        operations *= OPERATIONS_GROWTH;
        if (!run_baseline(session, operations, heat))
            return false;
    } while (heat->baseline_sample.value[METRIC_TIME] - seconds_before < LONG_ENOUGH && operations < MOST_OPERATIONS &&
             budget_now(&session->budget) + OPERATIONS_GROWTH * heat->wall < until);
    pace_init(&session->racing.pace, before, seconds_before, operations, heat->baseline_sample.value[METRIC_TIME]);
    return suffices(session, session->racing.pace.fixed + SESSION_LEAST_MEASURED);
}

/* All contenders of a race have their memory at once: where that is too much, fewer run in each. */
static void bound_memory(struct session *session, const struct heat *heat)
{
    double known = heat->baseline_sample.value[METRIC_PEAK_MEMORY];
    uint64_t peak = isfinite(known) ? (uint64_t)known : 0;
    if (racing_bound(&session->racing, peak))
        session_tell(session, (struct tune_event){.kind = TUNE_FEWER_AT_ONCE, .heat = heat});
}

bool calibrate(struct session *session)
{
    struct heat heat;
    session_begin(session, TUNE_CALIBRATING);
    session->racing.fixed_work = !workload_may_scale(&session->settings->work);
    bool calibrated = session->racing.fixed_work ? calibrate_fixed(session, &heat) : calibrate_scaled(session, &heat);
    if (calibrated)
        session_tell(session, (struct tune_event){.kind = TUNE_CALIBRATED, .heat = &heat});
    if (calibrated)
        bound_memory(session, &heat);
    candidate_noise_init(&session->noise, session->racing.has_blocks);
    if (!calibrated || !session->racing.fixed_work || session->settings->only_checks_for)
        return calibrated;
    return preflight_pairs(session, heat.baseline_sample.value[METRIC_TIME]);
}
