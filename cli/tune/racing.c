/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See racing.h. */
#include "config.h"

#include "cli/tune/racing.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run that takes so much longer than the default hangs, as far as a tuner is concerned. The seconds are for runs so
 * short that starting a process, or one moment's standstill of the machine, counts. */
#define HANG_FACTOR 10.0
#define HANG_SECONDS 5.0

/* --- one heat ----------------------------------------------------------------------------------------------------- */

static double sum(const double *values, size_t count)
{
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += values[i];
    return total;
}

/* Blocks of the same work, one by one; the run's mean is that of the sums, its error that of the blocks' ratios. */
static bool compare_times(const struct trial_result *reference, const struct trial_result *own,
                          struct candidate_run *run)
{
    size_t blocks = reference->blocks < own->blocks ? reference->blocks : own->blocks;
    double reference_sum = sum(reference->block_s, blocks), own_sum = sum(own->block_s, blocks);
    if (blocks == 0 || reference_sum <= 0 || own_sum <= 0)
        return false;
    double *ratios = malloc(blocks * sizeof *ratios);
    if (!ratios)
        abort();
    for (size_t i = 0; i < blocks; i++)
        ratios[i] = log(reference->block_s[i] / own->block_s[i]);
    run->time = log(reference_sum / own_sum);
    run->time_error = statistics_mean_of_blocks(ratios, blocks).error;
    free(ratios);
    return true;
}

static void take_result(struct candidate *candidate, const struct trial_result *reference,
                        const struct trial_result *own)
{
    struct candidate_run run = {.memory = NAN};
    if (!trial_took_part(own)) {
        candidate_fail(candidate, own->message);
        return;
    }
    if (!compare_times(reference, own, &run)) {
        /* Cut at the deadline so far behind that nothing can be compared; if the reference was cut too it is nobody's
         * fault. */
        if (reference->status == TRIAL_OK)
            candidate_fail(candidate, "far behind the reference when its time was over");
        return;
    }
    if (reference->status == TRIAL_OK && own->status == TRIAL_OK && reference->peak_resident && own->peak_resident)
        run.memory = log((double)reference->peak_resident / (double)own->peak_resident);
    candidate_add_run(candidate, &run);
}

static enum heat_status take_results(struct heat *heat, const struct trial_result *results)
{
    const struct trial_result *reference = &results[0];
    heat->reference_status = reference->status;
    heat->reference_code = reference->code;
    heat->reference_seconds = reference->active_s;
    heat->reference_resident = reference->peak_resident;
    heat->reference_blocks = reference->blocks;
    if (!trial_took_part(reference)) {
        snprintf(heat->message, sizeof heat->message, "%s", reference->message);
        return HEAT_REFERENCE_FAILED;
    }
    for (size_t i = 0; i < heat->count; i++)
        take_result(heat->candidates[i], reference, &results[i + 1]);
    return HEAT_OK;
}

/* The contenders of a heat, and the text that they point at. */
struct line_up {
    struct trial_contender contenders[TRIAL_MAX_CONTENDERS];
    char paths[TRIAL_MAX_CONTENDERS][PATH_MAX];
    char labels[TRIAL_MAX_CONTENDERS][32];
};

static bool enter(struct racing *racing, struct line_up *line_up, size_t slot, const struct space_point *point,
                  const char *label)
{
    snprintf(line_up->labels[slot], sizeof line_up->labels[slot], "%s", label);
    line_up->contenders[slot] = (struct trial_contender){line_up->labels[slot], racing->library, NULL};
    if (!point)
        return true;
    line_up->contenders[slot].profile = line_up->paths[slot];
    return workspace_write(&racing->workspace, (unsigned)slot, racing->space, point, line_up->paths[slot], PATH_MAX);
}

static bool enter_all(struct racing *racing, const struct heat *heat, struct line_up *line_up)
{
    char label[32];
    if (!enter(racing, line_up, 0, heat->reference, heat->reference ? "reference" : "default profile"))
        return false;
    for (size_t i = 0; i < heat->count; i++) {
        snprintf(label, sizeof label, "candidate %u", heat->candidates[i]->trial);
        if (!enter(racing, line_up, i + 1, &heat->candidates[i]->point, label))
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

enum heat_status racing_heat(struct racing *racing, struct heat *heat)
{
    struct trial_result results[TRIAL_MAX_CONTENDERS];
    struct trial_work work = racing->work;
    double expected = pace_race(&racing->pace, heat->count + 1, heat->operations);
    struct trial_options options = {
        .interleave = racing->interleave,
        .seed = heat->seed,
        .time_limit_s = heat->time_limit > 0 ? heat->time_limit
                                             : HANG_SECONDS + HANG_FACTOR * pace_run(&racing->pace, heat->operations),
        .deadline = heat->deadline,
        .interrupted = racing->interrupted,
    };
    struct line_up *line_up = calloc(1, sizeof *line_up);
    if (!line_up)
        abort();
    if (heat->operations)
        work.operations = heat->operations;
    enum heat_status status;
    double start = budget_now(racing->budget);
    memset(results, 0, sizeof results);
    if (!enter_all(racing, heat, line_up)) {
        status = impossible(heat, "cannot write a candidate's profile into ", racing->workspace.directory);
    } else if (trial_race(line_up->contenders, heat->count + 1, &work, &options, results) != 0) {
        status = impossible(heat, "cannot hold a race", "");
    } else {
        heat->wall = budget_now(racing->budget) - start;
        if (results[0].status == TRIAL_OK)
            pace_learn(&racing->pace, expected, heat->wall);
        status = take_results(heat, results);
        trial_results_clear(results, heat->count + 1);
    }
    free(line_up);
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

/* The finalizer of splitmix64 (Steele, Lea and Flood 2014): neighbouring numbers become unrelated ones. */
static uint64_t scramble(uint64_t value)
{
    value += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

uint64_t racing_seed(uint64_t session_seed, enum racing_stream stream, uint64_t index)
{
    /* 31 bits, since workloads with 32-bit generators are common; never 0, which stands for "no seed". */
    uint64_t number = scramble(scramble(session_seed) + index) & UINT64_C(0x7ffffffe);
    return stream == RACING_SEARCH ? number | 1 : (number ? number : 2);
}
