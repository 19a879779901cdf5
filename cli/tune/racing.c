/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See racing.h. */
#include "config.h"

#include "cli/tune/racing.h"

#include "cli/compare/alone.h"
#include "cli/output/memory.h"
#include "cli/race/blocks.h"
#include "lib/base/splitmix.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run that takes so many times as long as the default's hangs, as far as a tuner is concerned. For runs so short that
 * starting a process, or one moment's standstill of the machine, counts, the limit is at least so many seconds. */
#define HANG_FACTOR 10.0
#define HANG_SECONDS 0.5

/* A candidate may take so many times what the default takes without passing the memory that there is... */
#define CANDIDATE_PEAK 1.25
/* ...and where fewer contenders than this fit in, they run one after the other. */
#define FEWEST_AT_ONCE 3

/* --- how many at once ------------------------------------------------------------------------------------------------
 */

size_t racing_most(const struct racing *racing, size_t wanted)
{
    size_t most = racing->most_contenders ? racing->most_contenders : RACE_MAX_CONTENDERS;
    return wanted < most ? wanted : most;
}

void racing_run_one_by_one(struct racing *racing)
{
    racing->interleave = RACE_RUNS;
    racing->most_contenders = 0;
    racing->has_blocks = false;
}

bool racing_bound(struct racing *racing, uint64_t peak)
{
    if (racing->memory == 0 || peak == 0 || racing->interleave == RACE_RUNS)
        return false;
    double most = (double)racing->memory / (CANDIDATE_PEAK * (double)peak);
    if (most >= RACE_MAX_CONTENDERS)
        return false;
    racing->most_contenders = (size_t)most;
    if (most < FEWEST_AT_ONCE)
        racing_run_one_by_one(racing);
    return true;
}

/* --- one heat ----------------------------------------------------------------------------------------------------- */

static double sum(const double *values, size_t count)
{
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += values[i];
    return total;
}

/* Blocks of the same work, one by one; the run's mean is that of the sums, its error that of the blocks' ratios. */
static bool compare_times(const struct race_result *baseline, const struct race_result *own, struct candidate_run *run)
{
    size_t blocks = baseline->blocks < own->blocks ? baseline->blocks : own->blocks;
    double baseline_sum = sum(baseline->block_s, blocks), own_sum = sum(own->block_s, blocks);
    if (blocks == 0 || baseline_sum <= 0 || own_sum <= 0)
        return false;
    double *ratios = must_have(malloc(blocks * sizeof *ratios));
    for (size_t i = 0; i < blocks; i++)
        ratios[i] = log(baseline->block_s[i] / own->block_s[i]);
    run->gain.value[METRIC_TIME] = log(baseline_sum / own_sum);
    run->time_error = statistics_mean_of_blocks(ratios, blocks).error;
    free(ratios);
    return true;
}

static bool is_far_behind(const struct race_result *baseline, const struct race_result *own)
{
    return baseline->blocks > 1 ||
           own->sample.value[METRIC_TIME] > BLOCKS_FAR_BEHIND * baseline->sample.value[METRIC_TIME];
}

static void take_result(const struct racing *racing, struct candidate *candidate, const struct race_result *baseline,
                        const struct race_result *own)
{
    struct candidate_run run = {.gain = metric_unknown()};
    if (!race_took_part(own)) {
        candidate_fail(candidate, own->message);
        return;
    }
    if (!compare_times(baseline, own, &run)) {
        /* Cut at the deadline so far behind that nothing can be compared; if the baseline was cut too, or a command had
         * hardly more time than it, it is nobody's fault. */
        if (baseline->status == RACE_OK && is_far_behind(baseline, own))
            candidate_fail(candidate, "far behind the reference when its time was over");
        return;
    }
    run.gain = metric_gains(racing->metrics, &baseline->sample, &own->sample, run.gain.value[METRIC_TIME],
                            baseline->status == RACE_OK && own->status == RACE_OK);
    run.own = metric_with_cost(racing->metrics, &own->sample);
    candidate_add_run(candidate, &run);
}

/* Moves the turns of RESULTS to the heat. */
static void take_turns(struct heat *heat, struct race_result *results)
{
    for (size_t i = 0; heat->turns && i <= heat->count; i++) {
        heat->turns->lane[i] = (struct heat_lane){results[i].turns, results[i].turn_count};
        results[i].turns = NULL;
    }
}

void heat_turns_clear(struct heat_turns *turns)
{
    for (size_t i = 0; i < RACE_MAX_CONTENDERS; i++)
        free(turns->lane[i].list);
    memset(turns, 0, sizeof *turns);
}

static enum heat_status take_results(const struct racing *racing, struct heat *heat, const struct race_result *results)
{
    const struct race_result *baseline = &results[0];
    heat->baseline_status = baseline->status;
    heat->baseline_code = baseline->code;
    heat->baseline_own_status = baseline->own_status;
    heat->baseline_sample = metric_with_cost(racing->metrics, &baseline->sample);
    heat->baseline_blocks = baseline->blocks;
    snprintf(heat->baseline_allocator, sizeof heat->baseline_allocator, "%s", baseline->allocator);
    if (!race_took_part(baseline)) {
        snprintf(heat->message, sizeof heat->message, "%s", baseline->message);
        return HEAT_BASELINE_FAILED;
    }
    for (size_t i = 0; i < heat->count; i++)
        take_result(racing, heat->candidates[i], baseline, &results[i + 1]);
    return HEAT_OK;
}

/* The contenders of a heat, and what they point at. */
struct contenders {
    struct race_contender list[RACE_MAX_CONTENDERS];
    struct launch_environment environments[RACE_MAX_CONTENDERS];
    char labels[RACE_MAX_CONTENDERS][32];
};

/* The default has a file as well: reading one costs time and memory, which are not a candidate's. */
static bool enter(struct racing *racing, struct contenders *contenders, size_t slot, const struct space_point *point,
                  const char *label)
{
    struct launch_environment *environment = &contenders->environments[slot];
    snprintf(contenders->labels[slot], sizeof contenders->labels[slot], "%s", label);
    bool entered = workspace_launch(&racing->workspace, (unsigned)slot, racing->space, point, environment);
    contenders->list[slot] =
        (struct race_contender){contenders->labels[slot], launch_of(racing->space->subject.library, environment)};
    return entered;
}

static void clear_contenders(struct contenders *contenders)
{
    for (size_t i = 0; i < RACE_MAX_CONTENDERS; i++)
        launch_clear(&contenders->environments[i]);
    free(contenders);
}

/* How a failure names CANDIDATE. */
static void name_candidate(const struct space *space, const struct candidate *candidate, char *label, size_t size)
{
    struct space_point usual = space_default(space);
    if (candidate->trial > 0)
        snprintf(label, size, "candidate %u", candidate->trial);
    else
        snprintf(label, size, "%s",
                 space_equal(space, &candidate->point, &usual) ? "a copy of the default" : "a simplified candidate");
}

static bool enter_all(struct racing *racing, const struct heat *heat, struct contenders *contenders)
{
    char label[32];
    struct space_point default_point = space_default(racing->space);
    if (!enter(racing, contenders, 0, heat->baseline ? heat->baseline : &default_point,
               heat->baseline ? "reference" : racing->space->subject.baseline))
        return false;
    for (size_t i = 0; i < heat->count; i++) {
        name_candidate(racing->space, heat->candidates[i], label, sizeof label);
        if (!enter(racing, contenders, i + 1, &heat->candidates[i]->point, label))
            return false;
    }
    return true;
}

static enum heat_status impossible(struct heat *heat, const char *what, const char *where)
{
    if (errno == ECANCELED)
        return HEAT_INTERRUPTED;
    snprintf(heat->message, sizeof heat->message, "%s%.300s: %s", what, where, strerror(errno));
    return HEAT_IMPOSSIBLE;
}

/* A command may have something of which there is one: a port, a lock, a timer that goes on while it stands still. So
 * where none does its work beside another all try once more, one by one; what that brings is what counts. */
static int try_one_by_one(struct racing *racing, const struct contenders *contenders, size_t count,
                          const struct workload *work, struct race_options *options, struct race_result *results)
{
    const struct race_result *failed = alone_suspect(results, count);
    if (!failed || count < 2 || racing->alone_tried || racing->interleave == RACE_RUNS || workload_kind(work)->is_ours)
        return 0;
    racing->alone_tried = true;
    racing->alone_code = failed->status == RACE_FAILED ? failed->code : 0;
    snprintf(racing->alone_because, sizeof racing->alone_because, "%s", failed->message);
    race_results_clear(results, count);
    options->interleave = RACE_RUNS;
    int status = race_run(contenders->list, count, work, options, results);
    if (status == 0 && !alone_suspect(results, count))
        racing_run_one_by_one(racing);
    else
        racing->alone_because[0] = '\0';
    return status;
}

/* One race; another of whole runs where the contenders turn out to be too large to be up at once, or fail together. */
static int hold_race(struct racing *racing, const struct contenders *contenders, size_t count,
                     const struct workload *work, struct race_options *options, struct race_result *results)
{
    int status = race_run(contenders->list, count, work, options, results);
    if (status == 0)
        return try_one_by_one(racing, contenders, count, work, options, results);
    if (errno != EDQUOT || racing->interleave == RACE_RUNS)
        return status;
    racing_run_one_by_one(racing);
    options->interleave = RACE_RUNS;
    return race_run(contenders->list, count, work, options, results);
}

enum heat_status racing_heat(struct racing *racing, struct heat *heat)
{
    struct race_result results[RACE_MAX_CONTENDERS];
    struct workload work = racing->work;
    double expected = pace_race(&racing->pace, heat->count + 1, heat->operations);
    struct race_options options = {
        .interleave = racing->interleave,
        .seed = heat->seed,
        .time_limit_s = heat->time_limit > 0
                            ? heat->time_limit
                            : fmax(HANG_SECONDS, HANG_FACTOR * pace_run(&racing->pace, heat->operations)),
        .deadline = heat->deadline,
        .memory_limit = racing->memory,
        .metrics = racing->metrics,
        .keep_turns = heat->turns != NULL,
        .interrupted = racing->interrupted,
    };
    struct contenders *contenders = must_have(calloc(1, sizeof *contenders));
    if (heat->operations)
        work.operations = heat->operations;
    enum heat_status status;
    double start = budget_now(racing->budget);
    memset(results, 0, sizeof results);
    if (!enter_all(racing, heat, contenders)) {
        status = impossible(heat, "cannot write a candidate's profile into ", racing->workspace.scratch.directory);
    } else if (hold_race(racing, contenders, heat->count + 1, &work, &options, results) != 0) {
        status = impossible(heat, "cannot hold a race", "");
    } else {
        heat->wall = budget_now(racing->budget) - start;
        if (results[0].status == RACE_OK)
            pace_learn(&racing->pace, expected, heat->wall);
        status = take_results(racing, heat, results);
        take_turns(heat, results);
        race_results_clear(results, heat->count + 1);
    }
    clear_contenders(contenders);
    return status;
}

/* --- who stays ---------------------------------------------------------------------------------------------------- */

void racing_rank(const struct goal *goal, const struct candidate_noise *noise, struct candidate **candidates,
                 size_t count)
{
    for (size_t i = 1; i < count; i++) { /* insertion: a handful, and the order of equals is kept */
        struct candidate *moving = candidates[i];
        double score = goal_cautious_score(goal, moving, noise);
        size_t at = i;
        for (; at > 0 && goal_cautious_score(goal, candidates[at - 1], noise) < score; at--)
            candidates[at] = candidates[at - 1];
        candidates[at] = moving;
    }
}

size_t racing_survivors(const struct goal *goal, const struct candidate_noise *noise, struct candidate **candidates,
                        size_t count, size_t max)
{
    double best_low = -INFINITY;
    racing_rank(goal, noise, candidates, count);
    for (size_t i = 0; i < count; i++) {
        struct statistics_mean score = goal_score(goal, candidates[i], noise);
        if (isfinite(score.mean))
            best_low = fmax(best_low, score.mean - STATISTICS_CLEARLY * score.error);
    }
    size_t left = 0;
    for (size_t i = 0; i < count && left < max; i++) {
        struct statistics_mean score = goal_score(goal, candidates[i], noise);
        if (isfinite(score.mean) && score.mean + STATISTICS_CLEARLY * score.error >= best_low)
            candidates[left++] = candidates[i];
    }
    return left;
}

/* --- seeds -------------------------------------------------------------------------------------------------------- */

static uint64_t scramble(uint64_t value)
{
    return splitmix_next(&value);
}

uint64_t racing_seed(uint64_t session_seed, enum racing_stream stream, uint64_t index)
{
    /* 31 bits, since workloads with 32-bit generators are common; never 0, which stands for "no seed". */
    uint64_t number = scramble(scramble(session_seed) + index) & UINT64_C(0x7ffffffe);
    return stream == RACING_SEARCH ? number | 1 : (number ? number : 2);
}
