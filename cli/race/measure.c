/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See measure.h. */
#include "config.h"

#include "cli/race/measure.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

static bool is_good(const struct runner *runner)
{
    return race_took_part(runner->result);
}

/* One block for each contender that did all of its work. Returns 0, or -1 with errno ENOMEM. */
static int make_single_blocks(struct runner *runners, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct race_result *result = runners[i].result;
        free(result->block_s);
        result->block_s = NULL;
        result->blocks = 0;
        if (result->status != RACE_OK)
            continue;
        if (!(result->block_s = malloc(sizeof *result->block_s)))
            return -1;
        result->block_s[0] = result->sample.value[METRIC_TIME];
        result->blocks = 1;
    }
    return 0;
}

/* The milestones that are compared: those which all have passed that are not far behind (KEEP). 0: pages are of no use.
 */
static uint32_t common_milestones(const struct runner *runners, size_t count, bool *keep)
{
    uint32_t furthest = 0, common = BENCH_PROGRESS_MILESTONES;
    for (size_t i = 0; i < count; i++) {
        const struct runner *runner = &runners[i];
        uint32_t milestones = runner_milestones(runner);
        if (is_good(runner) && milestones > furthest)
            furthest = milestones;
        if (runner->result->status == RACE_OK && milestones < BENCH_PROGRESS_MILESTONES)
            return 0; /* it did everything and did not say so */
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t milestones = runner_milestones(&runners[i]);
        keep[i] = is_good(&runners[i]) && milestones > 0 && milestones * BLOCKS_FAR_BEHIND >= furthest;
        if (keep[i] && milestones < common)
            common = milestones;
    }
    return furthest ? common : 0;
}

static uint64_t shortest_ns(const struct runner *runners, size_t count, const bool *keep, uint32_t milestones)
{
    uint64_t shortest = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        const struct runner *runner = &runners[i];
        if (!keep[i])
            continue;
        uint64_t begin = blocks_time_ns(runner_page(runner), &runner->waits, 0);
        uint64_t end = blocks_time_ns(runner_page(runner), &runner->waits, milestones);
        uint64_t taken = end > begin ? end - begin : 0;
        shortest = taken < shortest ? taken : shortest;
    }
    return shortest;
}

/* Fills the blocks of RESULT, COUNT equal parts of MILESTONES milestones. Who is far behind has not passed them all:
 * its blocks are as long as they would be if it went on as it did so far. Returns 0, or -1 when its page is of no use.
 */
static int fill_blocks(const struct runner *runner, uint32_t milestones, size_t count, bool is_far_behind)
{
    double *block_s = runner->result->block_s;
    if (!is_far_behind)
        return blocks_fill(runner_page(runner), &runner->waits, milestones, count, block_s);
    double so_far;
    uint32_t passed = runner_milestones(runner);
    if (blocks_fill(runner_page(runner), &runner->waits, passed, 1, &so_far) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        block_s[i] = so_far * milestones / passed / (double)count;
    return 0;
}

/* Blocks from the progress pages. Returns 0, or -1 with errno: ENODATA when the pages are of no use, ENOMEM. */
static int make_blocks_of_progress(struct runner *runners, size_t count, uint64_t slice_ns)
{
    bool keep[RACE_MAX_CONTENDERS];
    uint32_t milestones = common_milestones(runners, count, keep);
    errno = ENODATA;
    if (milestones == 0)
        return -1;
    size_t blocks = blocks_count(milestones, shortest_ns(runners, count, keep, milestones), slice_ns);
    for (size_t i = 0; i < count; i++) {
        const struct runner *runner = &runners[i];
        struct race_result *result = runner->result;
        if (!is_good(runner) || runner_milestones(runner) == 0)
            continue;
        if (!(result->block_s = calloc(blocks, sizeof *result->block_s)))
            return -1;
        result->blocks = blocks;
        result->block_operations = blocks_operations(runner_page(runner), milestones) / blocks;
        if (fill_blocks(runner, milestones, blocks, !keep[i]) != 0) {
            errno = ENODATA;
            return -1;
        }
    }
    return 0;
}

int measure_blocks(struct runner *runners, size_t count, bool in_slices, uint64_t slice_ns)
{
    if (in_slices) {
        if (make_blocks_of_progress(runners, count, slice_ns) == 0)
            return 0;
        if (errno != ENODATA)
            return -1;
    }
    return make_single_blocks(runners, count);
}
