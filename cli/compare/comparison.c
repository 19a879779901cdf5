/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See comparison.h. */
#include "cli/compare/comparison.h"

#include "cli/compare/alone.h"
#include "cli/compare/handover.h"
#include "cli/output/memory.h"
#include "cli/statistics/statistics.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEAST_RACES = 10, /* that a budget is divided into: an interval needs STATISTICS_LEAST_PAIRS, and some slip */
    LEAST_BLOCKS = 5, /* of a race that the end of the budget cut short; each is several turns of every contender */
    MOST_USELESS = 6  /* races in a row from which nothing could be taken */
};

/* The work of the first race, from which that of the others is worked out, as a share of the workload's own, which
 * takes about a second. */
static const double FIRST_SHARE = 1.0 / 16;
/* Seconds of a run in a race: no longer on average, for more races say more than longer ones; no shorter for the
 * quickest, which is a dozen turns. */
static const double LONGEST_RUN = 1.0, SHORTEST_RUN = 0.1;
/* The work of the next race is at most this many times the last one's: the first few milliseconds of a run are not
 * typical. */
static const double MOST_GROWTH = 32;
/* A race is not begun with less than this part of the last one's time left. */
static const double WORTHWHILE_PART = 0.6;

/* What the races so far gave for one contender. */
struct series {
    struct race_figures {
        struct metric_sample gain, own;
        double seconds, rate;
    } * races;
    size_t count;
};

struct run_state {
    const struct comparison_request *request;
    struct comparison *result;
    struct handover handover;
    struct series series[RACE_MAX_CONTENDERS];
    double start, last_race; /* seconds */
    double share;            /* of the workload's own work in the next race; 0: all of it, or what was asked for */
    unsigned useless;        /* races in a row that were of no use */
    bool alone_tried;        /* whether contenders that fail together do their work one by one */
};

static double block_sum(const struct race_result *result)
{
    double sum = 0;
    for (size_t i = 0; i < result->blocks; i++)
        sum += result->block_s[i];
    return sum;
}

static struct metric_sample gains(const struct comparison_request *request, const struct race_result *result,
                                  const struct race_result *baseline)
{
    return metric_gains(request->metrics, &baseline->sample, &result->sample,
                        log(block_sum(baseline) / block_sum(result)),
                        baseline->status == RACE_OK && result->status == RACE_OK);
}

static void record(const struct comparison_request *request, struct series *series, const struct race_result *result,
                   const struct race_result *baseline)
{
    double seconds = block_sum(result);
    double rate =
        result->block_operations ? 1e-6 * (double)result->block_operations * (double)result->blocks / seconds : 0;
    series->races = must_have(realloc(series->races, (series->count + 1) * sizeof *series->races));
    series->races[series->count++] = (struct race_figures){
        gains(request, result, baseline), metric_with_cost(request->metrics, &result->sample), seconds, rate};
}

static void drop_failed(struct run_state *state, size_t index, const struct race_result *result)
{
    struct comparison_entry *entry = &state->result->entries[index];
    char cure[96] = "";
    entry->failed = true;
    if (index == 0) {
        state->result->baseline_failed = true;
        workload_cure(&state->request->work, result->own_status, cure, sizeof cure);
    }
    snprintf(entry->message, sizeof entry->message, "%s%s", result->message, cure);
}

/* Blocks that a ratio can be made of. */
static bool has_blocks(const struct race_result *result)
{
    bool enough = race_took_part(result) && result->blocks >= (result->status == RACE_CUT ? LEAST_BLOCKS : 1);
    return enough && block_sum(result) > 0;
}

/* Whether the race with RESULTS says something of the metric for contender INDEX. */
static bool is_usable(const struct comparison_request *request, const struct race_result *results, size_t index)
{
    if (!has_blocks(&results[0]) || !has_blocks(&results[index]))
        return false;
    return isfinite(gains(request, &results[index], &results[0]).value[request->metric]);
}

static size_t count_usable(const struct comparison_request *request, const struct race_result *results, size_t count)
{
    size_t usable = 0;
    for (size_t i = 0; i < count; i++)
        usable += is_usable(request, results, i);
    return usable;
}

static double quickest_run(const struct comparison_request *request, const struct race_result *results, size_t count)
{
    double quickest = INFINITY;
    for (size_t i = 0; i < count; i++)
        if (is_usable(request, results, i))
            quickest = fmin(quickest, block_sum(&results[i]));
    return quickest;
}

/* Whether the metric is a memory: that is of the workload as it is, and may be still to come where a run is cut. */
static bool is_memory(const struct comparison_request *request)
{
    return request->metric < METRIC_OWN && metric_unit(request->metric) == METRIC_BYTES;
}

/* Whether the work may be made to fit the budget. */
static bool can_scale(const struct comparison_request *request)
{
    return workload_may_scale(&request->work) && request->budget_s > 0 && !is_memory(request);
}

/* Chooses the next race's work so that the budget has room for enough races, and none is too short to be measured. */
static void scale_work(struct run_state *state, const struct race_result *results, size_t count)
{
    const struct comparison_request *request = state->request;
    double most = request->round_seconds > 0 ? request->round_seconds : request->budget_s / LEAST_RACES;
    double wanted = fmin(most, (double)count * LONGEST_RUN);
    double growth = fmax(wanted / state->last_race, SHORTEST_RUN / quickest_run(request, results, count));
    growth = fmin(fmax(growth, 1 / MOST_GROWTH), MOST_GROWTH);
    state->share *= growth;
}

/* "lib:glibc" is what the program has when nothing is preloaded. Where that is something else, the row says so; a label
 * of the user's stays. */
static void name_by_allocator(struct comparison_entry *entry, bool gives_way, const char *allocator)
{
    snprintf(entry->allocator, sizeof entry->allocator, "%s", allocator);
    if (gives_way)
        entry->label = entry->allocator;
}

/* INDEX_OF[i] is the contender behind RESULTS[i]; INDEX_OF[0] is the baseline. */
static void take_results(struct run_state *state, const struct race_result *results, const size_t *index_of,
                         size_t count)
{
    const struct comparison_request *request = state->request;
    for (size_t i = 0; i < count; i++)
        if (!race_took_part(&results[i]))
            drop_failed(state, index_of[i], &results[i]);
    for (size_t i = 0; i < count; i++)
        if (results[i].allocator[0])
            name_by_allocator(&state->result->entries[index_of[i]], request->contenders[index_of[i]].gives_way,
                              results[i].allocator);
    state->useless++;
    if (!has_blocks(&results[0]) || count_usable(request, results, count) < 2)
        return;
    if (state->share > 0) {
        scale_work(state, results, count);
        if (quickest_run(request, results, count) < SHORTEST_RUN / 2)
            return;
    }
    state->useless = 0;
    state->result->rounds++;
    state->result->round_seconds += (state->last_race - state->result->round_seconds) / state->result->rounds;
    for (size_t i = 0; i < count; i++)
        if (is_usable(request, results, i))
            record(request, &state->series[index_of[i]], &results[i], &results[0]);
}

/* Whether a race that is cut short has given anything: a workload that takes turns has, a command or a whole run has
 * not; and a peak of memory may have been still to come. */
static bool can_be_cut(const struct run_state *state)
{
    const struct comparison_request *request = state->request;
    return workload_kind(&request->work)->publishes && state->result->interleave == RACE_SLICES &&
           (request->metric == METRIC_TIME || request->metric == METRIC_COST);
}

/* When a race has to end; 0: when all have done their work. */
static double race_deadline(const struct run_state *state)
{
    const struct comparison_request *request = state->request;
    if (can_be_cut(state) && request->budget_s > 0)
        return state->start + request->budget_s;
    return request->latest;
}

/* Who has failed and may not have if each had been alone; NULL: nobody. Where not even the baseline works, that is no
 * more likely than that it never does, unless the failure names the reason. */
static const struct race_result *find_suspect(const struct run_state *state, const struct workload *work,
                                              const struct race_result *results, size_t count)
{
    const struct race_result *failed = alone_suspect(results, count);
    if (!failed || count < 2 || state->alone_tried || state->result->interleave == RACE_RUNS ||
        workload_kind(work)->is_ours)
        return NULL;
    return race_took_part(&results[0]) || alone_names_reason(failed) ? failed : NULL;
}

/* Where there is such a one, all try once more, one by one. What that brings is what counts. */
static int try_one_by_one(struct run_state *state, const struct race_contender *contenders, size_t count,
                          const struct workload *work, struct race_options *options, struct race_result *results)
{
    struct comparison *comparison = state->result;
    const struct race_result *failed = find_suspect(state, work, results, count);
    if (!failed)
        return 0;
    state->alone_tried = true;
    comparison->alone_cause = alone_cause_of(failed->status == RACE_FAILED ? failed->code : 0, failed->message);
    snprintf(comparison->alone_because, sizeof comparison->alone_because, "%s", failed->message);
    race_results_clear(results, count);
    options->interleave = RACE_RUNS;
    int status = race_run(contenders, count, work, options, results);
    if (status == 0 && !alone_suspect(results, count))
        comparison->interleave = RACE_RUNS;
    else
        comparison->alone_because[0] = '\0';
    return status;
}

static int race(struct run_state *state, unsigned round)
{
    const struct comparison_request *request = state->request;
    struct race_contender contenders[RACE_MAX_CONTENDERS];
    struct race_result results[RACE_MAX_CONTENDERS];
    size_t index_of[RACE_MAX_CONTENDERS], count = 0;
    memset(results, 0, sizeof results);
    for (size_t i = 0; i < request->count; i++) {
        if (state->result->entries[i].failed)
            continue;
        const struct contender *contender = &request->contenders[i];
        const struct launch_environment *environment = handover_environment(&state->handover, contender, i);
        contenders[count] = (struct race_contender){contender->label, launch_of(contender->library, environment)};
        index_of[count++] = i;
    }
    double begin = clock_read(&request->clock);
    struct race_options options = {
        .interleave = state->result->interleave,
        .memory_limit = request->memory,
        .seed = request->seed + round,
        .time_limit_s = request->time_limit_s,
        .deadline = race_deadline(state),
        .cut_far_behind = can_be_cut(state),
        .interrupted = request->interrupted,
        .metrics = request->metrics,
        .show_output = request->show_output,
    };
    struct workload work = request->work;
    work.share = state->share;
    int status = race_run(contenders, count, &work, &options, results);
    if (status == 0)
        status = try_one_by_one(state, contenders, count, &work, &options, results);
    state->last_race = clock_read(&request->clock) - begin;
    if (status == 0)
        take_results(state, results, index_of, count);
    race_results_clear(results, count);
    return status;
}

static size_t still_in(const struct comparison *result)
{
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++)
        count += !result->entries[i].failed;
    return count;
}

static double seconds_left(const struct run_state *state)
{
    return state->start + state->request->budget_s - clock_read(&state->request->clock);
}

/* Whether there is nothing to be held, or nothing more is wanted. */
static bool is_over(const struct run_state *state)
{
    const struct comparison_request *request = state->request;
    struct comparison *result = state->result;
    if (result->baseline_failed || still_in(result) < 2 || state->useless >= MOST_USELESS)
        return true;
    if (request->rounds && result->rounds >= request->rounds)
        return true;
    return request->is_enough && request->is_enough(request->enough_context, result);
}

static bool has_room(const struct run_state *state, unsigned round)
{
    const struct comparison_request *request = state->request;
    if (is_over(state))
        return false;
    if (request->budget_s == 0 || round == 0)
        return true;
    double part = can_be_cut(state) ? WORTHWHILE_PART : 1;
    return seconds_left(state) >= part * fmax(state->last_race, state->result->round_seconds);
}

static void announce(const struct run_state *state)
{
    const struct comparison_request *request = state->request;
    if (request->on_round)
        request->on_round(request->context, request->name, state->result->rounds + 1,
                          request->budget_s > 0 ? seconds_left(state) : -1);
}

/* After a race that failed: whether the next one goes on with whole runs, as memory does not suffice for all at once.
 */
static bool takes_turns_by_runs(struct run_state *state)
{
    if (errno != EDQUOT || state->result->interleave == RACE_RUNS)
        return false;
    state->result->interleave = RACE_RUNS;
    state->result->has_no_room = true;
    return true;
}

static int hold_races(struct run_state *state)
{
    for (unsigned round = 0; has_room(state, round); round++) {
        announce(state);
        if (race(state, round) == 0 || takes_turns_by_runs(state))
            continue;
        state->result->interrupted = errno == ECANCELED;
        return state->result->interrupted ? 0 : -1;
    }
    return 0;
}

static int by_value(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* Sorts VALUES. */
static double median(double *values, size_t count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Room for one figure of each race of SERIES. */
static double *room_for(const struct series *series)
{
    return must_have(malloc((series->count + 1) * sizeof(double)));
}

/* Writes the values of METRIC that are known: gains or the contender's own. */
static size_t collect(const struct series *series, enum metric metric, bool gain, double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < series->count; i++) {
        double value = (gain ? &series->races[i].gain : &series->races[i].own)->value[metric];
        if (isfinite(value))
            values[count++] = value;
    }
    return count;
}

/* A gain as a ratio of figures; of time as one of speeds. */
static double ratio_of(const struct metric_set *metrics, enum metric metric, double gain)
{
    return exp(metric == METRIC_TIME || metric_more_is_better(metrics, metric) ? gain : -gain);
}

static void conclude_figure(const struct run_state *state, size_t index, enum metric metric,
                            struct comparison_figure *figure)
{
    const struct series *series = &state->series[index];
    const struct metric_set *metrics = state->request->metrics;
    struct statistics_interval gain;
    double *values = room_for(series);
    size_t count = collect(series, metric, false, values);
    *figure = (struct comparison_figure){count ? median(values, count) : NAN, false, NAN, NAN, NAN, 1};
    count = collect(series, metric, true, values);
    if (index > 0 && count > 0) {
        figure->has_interval = statistics_interval(values, count, STATISTICS_CONFIDENCE, &gain);
        double one = ratio_of(metrics, metric, gain.low), other = ratio_of(metrics, metric, gain.high);
        figure->ratio = ratio_of(metrics, metric, gain.mean);
        figure->low = fmin(one, other);
        figure->high = fmax(one, other);
        figure->p_value = gain.p_value;
    }
    free(values);
}

static double median_seconds(const struct series *series, bool of_rate)
{
    double *values = room_for(series);
    for (size_t i = 0; i < series->count; i++)
        values[i] = of_rate ? series->races[i].rate : series->races[i].seconds;
    double result = median(values, series->count);
    free(values);
    return result;
}

static uint64_t whole_bytes(double bytes)
{
    return isfinite(bytes) ? (uint64_t)bytes : 0;
}

static void conclude(const struct run_state *state, size_t index)
{
    struct comparison_entry *entry = &state->result->entries[index];
    const struct series *series = &state->series[index];
    for (enum metric metric = 0; metric < METRICS; metric++)
        conclude_figure(state, index, metric, &entry->figure[metric]);
    entry->seconds = median_seconds(series, false);
    entry->million_operations = median_seconds(series, true);
    entry->peak_resident = whole_bytes(entry->figure[METRIC_PEAK_MEMORY].median);
    entry->idle_resident = whole_bytes(entry->figure[METRIC_IDLE_MEMORY].median);
    entry->ratio = entry->low = entry->high = entry->p_value = 1;
    const struct comparison_figure *figure = &entry->figure[state->request->metric];
    if (index == 0 || series->count == 0)
        return;
    entry->has_interval = figure->has_interval;
    entry->ratio = figure->ratio;
    entry->low = figure->low;
    entry->high = figure->high;
    entry->p_value = figure->p_value;
}

int comparison_run(const struct comparison_request *request, struct comparison *result)
{
    struct run_state state = {.request = request, .result = result, .start = clock_read(&request->clock)};
    state.share = can_scale(request) ? FIRST_SHARE : 0;
    memset(result, 0, sizeof *result);
    result->name = request->name;
    result->metric = request->metric;
    result->metrics = request->metrics;
    result->interleave = request->interleave;
    result->count = request->count;
    for (size_t i = 0; i < request->count; i++)
        result->entries[i].label = request->contenders[i].label;
    int status = handover_open(&state.handover, request->contenders, request->count) ? hold_races(&state) : -1;
    int error = errno;
    handover_close(&state.handover);
    for (size_t i = 0; i < request->count; i++) {
        if (status == 0)
            conclude(&state, i);
        free(state.series[i].races);
    }
    errno = error;
    return status;
}
