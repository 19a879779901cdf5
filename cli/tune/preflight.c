/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See preflight.h. */
#include "config.h"

#include "cli/tune/preflight.h"

#include "cli/compare/alone.h"
#include "cli/count/count.h"
#include "cli/race/allocator.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The start of a process takes one to some milliseconds, which no allocator changes. */
#define SHORT_SECONDS 0.020

/* A command that is on a processor for a smaller share of its time waits. On a machine that is busy, one that does not
 * may get half of a processor. */
#define WAITING_SHARE 0.25

/* What a wrapper may take of its program's processor time, before that is said. */
#define WRAPPER_SHARE 0.05

/* What a call of malloc or free takes, with what it does to the caches, and what it takes to get a page from the
 * kernel: a few times the usual, as what is claimed is that it is no more. */
#define CALL_SECONDS 50e-9
#define FAULT_SECONDS 500e-9
#define FAULT_BYTES 4096.0

/* Below these shares an allocator has nothing to win. */
#define LITTLE_TIME 0.01
#define LITTLE_MEMORY 0.05

/* A run that was counted for less time than this says nothing: it hardly began. */
#define LEAST_COUNTED_SECONDS 0.005

/* The share of the budget that the counted run may take, and that calibration and all of this may take together. */
#define COUNT_SHARE 0.03
#define WHOLE_SHARE 0.10
#define UNLIMITED_COUNT_SECONDS 60

/* Pairs of the baseline against itself: fewer tell nothing of noise, more tell little more. */
#define LEAST_PAIRS 3
#define MOST_PAIRS 6
/* Without a budget, the longest pair that is worth it. */
#define UNLIMITED_PAIR_SECONDS 5

/* The share of the budget that the proof has, in which a pair is two runs. Where a gain has to be this large to be
 * told, it is said. */
#define PROOF_SHARE 0.32
#define TELLABLE 0.03

/* Runs this short are looked at every millisecond, so that a process in them is seen often enough. */
#define LOOK_CLOSELY_SECONDS 0.1

/* --- judgements --------------------------------------------------------------------------------------------------- */

bool preflight_is_short(double seconds, struct remark *remark)
{
    *remark = (struct remark){.kind = REMARK_SHORT, .seconds = seconds};
    return seconds < SHORT_SECONDS;
}

bool preflight_waits(const struct preflight_run *run, struct remark *remark)
{
    *remark = (struct remark){.kind = REMARK_WAITS, .seconds = run->active_s, .cpu_seconds = run->cpu_s};
    return run->active_s >= SHORT_SECONDS && run->cpu_s < WAITING_SHARE * run->active_s;
}

bool preflight_is_wrapped(const struct preflight_run *run, const char *path, double beside, struct remark *remark)
{
    *remark = (struct remark){.kind = REMARK_WRAPPED, .seconds = run->cpu_s, .cpu_seconds = beside};
    snprintf(remark->message, sizeof remark->message, "%s", path);
    return path[0] && beside >= WRAPPER_SHARE * run->cpu_s;
}

bool preflight_hardly_allocates(const struct preflight_run *run, struct remark *remark)
{
    const struct call_count *count = &run->count;
    double time = fmin(run->cpu_s, run->active_s), calls = (double)count->calls;
    *remark = (struct remark){.kind = REMARK_HARDLY_ALLOCATES, .calls = count->calls};
    if (count->processes == 0 || time < LEAST_COUNTED_SECONDS || run->peak_resident == 0)
        return false;
    remark->time_share = (CALL_SECONDS * calls + FAULT_SECONDS * (double)count->bytes / FAULT_BYTES) / time;
    remark->memory_share = (double)count->heap / (double)run->peak_resident;
    return remark->time_share < LITTLE_TIME && remark->memory_share < LITTLE_MEMORY;
}

bool preflight_is_noisy(const double *log_ratios, size_t count, double pairs, struct remark *remark)
{
    *remark = (struct remark){.kind = REMARK_NOISY, .pairs = count, .budget_helps = pairs < PROOF_MAX_PAIRS};
    if (count < LEAST_PAIRS || !(pairs >= 1))
        return false;
    double square = 0;
    for (size_t i = 0; i < count; i++)
        square += log_ratios[i] * log_ratios[i] / (double)count; /* the mean is known: nothing differs */
    remark->deviation = sqrt(square);
    remark->tellable = STATISTICS_CLEARLY * remark->deviation / sqrt(fmin(pairs, PROOF_MAX_PAIRS));
    return remark->tellable >= TELLABLE;
}

/* --- programs without the library ----------------------------------------------------------------------------------
 */

#define CLEARED "tune what is started with the cleared environment, and give it its variables with --env"

const char *preflight_cure(int reason)
{
    static const char *const cures[] = {
        [ALLOCATOR_STATIC] = "link it dynamically",
        [ALLOCATOR_SET_USER_ID] = "run a copy of it without the bit, as the user that it is for",
        [ALLOCATOR_OTHER_CLASS] = "build the program and the library for the same word size",
        [ALLOCATOR_OWN] = "build it with the C library's malloc (redis: make MALLOC=libc)",
        [ALLOCATOR_PRELOADED] = "take the other library out of LD_PRELOAD",
        [ALLOCATOR_CLEARED] = CLEARED,
        [ALLOCATOR_LACKS_SETTINGS] = CLEARED,
    };
    return reason >= 0 && (size_t)reason < sizeof cures / sizeof *cures && cures[reason] ? cures[reason] : "";
}

/* --- what is seen before the first trial -------------------------------------------------------------------------- */

static void tell(struct session *session, const struct remark *remark)
{
    struct remarks *remarks = &session->outcome->remarks;
    if (remarks->count < REMARKS_MOST)
        remarks->list[remarks->count++] = *remark;
    session_tell(session, (struct tune_event){.kind = TUNE_REMARK, .remark = remark});
}

void preflight_tell_alone(struct session *session)
{
    struct racing *racing = &session->racing;
    if (!racing->alone_because[0])
        return;
    struct remark remark = {.kind = REMARK_ALONE, .cause = alone_cause_of(racing->alone_code, racing->alone_because)};
    snprintf(remark.message, sizeof remark.message, "%s", racing->alone_because);
    tell(session, &remark);
    racing->alone_because[0] = '\0';
}

static double seconds_for_count(const struct session *session)
{
    double total = session->budget.total;
    return isfinite(total) ? COUNT_SHARE * total : UNLIMITED_COUNT_SECONDS;
}

/* The counting library has not got into the processes: no other would have. The message names that one. */
static bool end_without_library(struct session *session, const struct race_result *result)
{
    const char *cure = preflight_cure(result->code);
    const char *name = strstr(result->message, COUNT_LIBRARY);
    const char *rest = name ? name + strlen(COUNT_LIBRARY) : "";
    return session_end(session, SESSION_WORK_FAILED, "%.*s%s%s%s%s",
                       name ? (int)(name - result->message) : (int)strlen(result->message), result->message,
                       name ? "a preloaded library" : "", rest, cure[0] ? "; " : "", cure);
}

/* The counted run may have been cut off: what is told is of the baseline's, of SECONDS, as everywhere. */
static void tell_waiting(struct session *session, struct remark *remark, double seconds)
{
    remark->cpu_seconds *= seconds / remark->seconds;
    remark->seconds = seconds;
    tell(session, remark);
}

/* What one more run says, with its calls counted; the baseline's took SECONDS. False: the session has ended. */
static bool judge_run(struct session *session, const struct race_result *result, const struct call_count *count,
                      double seconds, bool *again)
{
    struct remark remark;
    bool has_load = workload_kind(&session->settings->work)->has_load;
    const double *value = result->sample.value, peak = value[METRIC_PEAK_MEMORY];
    const struct preflight_run run = {value[METRIC_TIME], value[METRIC_CPU_TIME], isfinite(peak) ? (uint64_t)peak : 0,
                                      *count};
    if (result->status == RACE_NOT_LOADED && session->settings->space->subject.library)
        return end_without_library(session, result);
    if (!race_took_part(result))
        return true;
    if (!has_load && session->racing.interleave == RACE_SLICES && preflight_waits(&run, &remark)) {
        racing_run_one_by_one(&session->racing);
        *again = true;
        tell_waiting(session, &remark, seconds);
    }
    if (preflight_hardly_allocates(&run, &remark))
        tell(session, &remark);
    if (!has_load && result->status == RACE_OK && preflight_is_wrapped(&run, result->became, result->beside_s, &remark))
        tell(session, &remark);
    return true;
}

/* What the run of the baseline says by itself. */
static void judge_baseline(struct session *session, const struct heat *heat)
{
    struct remark remark;
    if (preflight_is_short(heat->baseline_sample.value[METRIC_TIME], &remark))
        tell(session, &remark);
    remark = (struct remark){.kind = REMARK_OTHER_ALLOCATOR};
    snprintf(remark.message, sizeof remark.message, "%s", heat->baseline_allocator);
    if (remark.message[0])
        tell(session, &remark);
}

bool preflight_first_run(struct session *session, const struct heat *heat, bool *again)
{
    const struct session_settings *settings = session->settings;
    struct race_result result;
    struct call_count count;
    *again = false;
    if (workload_kind(&settings->work)->is_ours || settings->is_checked)
        return true;
    judge_baseline(session, heat);
    if (!settings->counter)
        return true;
    struct race_options options = {
        .interleave = RACE_SLICES,
        .slice_ms = heat->baseline_sample.value[METRIC_TIME] < LOOK_CLOSELY_SECONDS ? 1 : 0,
        .seed = racing_seed(settings->seed, RACING_SEARCH, session->heats++),
        .time_limit_s = 2 * seconds_for_count(session),
        .deadline = budget_now(&session->budget) + seconds_for_count(session),
        .memory_limit = settings->memory,
        .interrupted = settings->interrupted,
    };
    if (!call_count_run(settings->counter, &session->racing.workspace.scratch, &settings->work, &options, &result,
                        &count))
        return errno != ECANCELED || session_end_by_heat(session, HEAT_INTERRUPTED, "");
    bool goes_on = judge_run(session, &result, &count, heat->baseline_sample.value[METRIC_TIME], again);
    race_results_clear(&result, 1);
    return goes_on;
}

/* How many pairs the proof has room for. */
static double proof_pairs(const struct session *session, double seconds)
{
    double total = session->budget.total;
    return isfinite(total) ? PROOF_SHARE * total / (2 * seconds * session->racing.pace.overhead) : PROOF_ENOUGH_PAIRS;
}

/* One race of the baseline against itself. *RATIO: of their times, log. HEAT_OK with NAN: one of them failed. */
static enum heat_status run_pair(struct session *session, double *ratio, char *message, size_t size)
{
    struct space_point point = space_default(session->settings->space);
    struct candidate same, *list[] = {&same};
    candidate_init(&same, 0, &point);
    struct heat heat = {
        .candidates = list,
        .count = 1,
        .operations = session->racing.work.operations,
        .seed = racing_seed(session->settings->seed, RACING_SEARCH, session->heats++),
    };
    enum heat_status status = racing_heat(&session->racing, &heat);
    *ratio = status == HEAT_OK && same.count > 0 ? same.runs[0].gain.value[METRIC_TIME] : NAN;
    snprintf(message, size, "%s", heat.message);
    candidate_clear(&same);
    return status == HEAT_BASELINE_FAILED ? HEAT_OK : status;
}

/* Whether there is time for one more than COUNT pairs. */
static bool has_time_for_pair(const struct session *session, size_t count, double seconds)
{
    double pair = 2 * seconds * session->racing.pace.overhead;
    if (!isfinite(session->budget.total))
        return count < LEAST_PAIRS && pair < UNLIMITED_PAIR_SECONDS;
    return count < MOST_PAIRS && pair < budget_left(&session->budget, WHOLE_SHARE);
}

bool preflight_pairs(struct session *session, double seconds)
{
    double ratios[MOST_PAIRS];
    size_t count = 0;
    char message[512];
    struct remark remark;
    if (workload_kind(&session->settings->work)->is_ours || session->settings->is_checked)
        return true;
    while (has_time_for_pair(session, count, seconds)) {
        enum heat_status status = run_pair(session, &ratios[count], message, sizeof message);
        if (status != HEAT_OK)
            return session_end_by_heat(session, status, message);
        preflight_tell_alone(session);
        if (!isfinite(ratios[count++]))
            return true; /* the search will say what fails */
    }
    if (preflight_is_noisy(ratios, count, proof_pairs(session, seconds), &remark))
        tell(session, &remark);
    return true;
}
