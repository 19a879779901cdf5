/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local search, the default: the first points that it is given and a few Sobol points to start from, then refinement
 * around the best point so far.
 *
 * A refinement is one of three moves from the best point: along coordinates (one of them, or several where the single
 * ones are used up), by a step that shrinks while nothing better turns up; along the pattern of the last success once
 * more (Hooke and Jeeves 1961); or a mixture with another good point, since most parameters act on their own.
 * Everything adapts to results as they come, so any number of points can be asked for at a time. */
#include "config.h"

#include "cli/output/memory.h"
#include "cli/strategy/sobol_sequence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Far points seldom win, but nothing else finds a second hill. */
#define SOBOL_START 8

/* The first step spans a quarter of a dimension's levels; a step never gets below one level. */
#define FIRST_RADIUS 0.25
#define SHRINK 0.6

/* How the moves share the proposals, in percent; the rest are coordinate moves. */
#define PATTERN_SHARE 15
#define MIXTURE_SHARE 30

/* Partners for a mixture come from so many of the best. */
#define MIXTURE_POOL 6

struct local {
    size_t first_used; /* of the first points that were given */
    struct sobol_sequence *sobol;
    size_t sobol_used;
    struct space_point best, previous_best; /* their difference is the pattern */
    bool has_pattern;
    double radius;
    size_t since_success; /* refinements accepted since the best point changed */
    size_t known_before;  /* strategy->known_count at the last proposal: did it get accepted? */
    size_t rejected;      /* proposals in a row that were known already */
    size_t next_coordinate;
};

static void *start(struct strategy *strategy)
{
    struct local *local = must_have(calloc(1, sizeof *local));
    local->sobol = sobol_sequence_new(strategy);
    local->radius = FIRST_RADIUS;
    local->best = space_default(strategy->settings.space);
    return local;
}

static void stop(void *state)
{
    struct local *local = state;
    sobol_sequence_free(local->sobol);
    free(local);
}

/* What a point is sure to be worth: a lucky measurement with a wide error does not lead the search. */
static double cautious_score(const struct strategy_result *result)
{
    double score = result->score - result->error;
    return isfinite(score) ? score : -INFINITY;
}

static int by_cautious_score(const void *a, const void *b)
{
    double first = cautious_score(a), second = cautious_score(b);
    return (first < second) - (first > second);
}

/* Writes the best MAX results, best first; returns how many there are. */
static size_t best_results(const struct strategy *strategy, struct strategy_result *best, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < strategy->known_count; i++) {
        const struct strategy_result *result = &strategy->known[i];
        if (cautious_score(result) == -INFINITY)
            continue;
        if (count < max)
            best[count++] = *result;
        else if (cautious_score(result) > cautious_score(&best[count - 1]))
            best[count - 1] = *result;
        else
            continue;
        qsort(best, count, sizeof *best, by_cautious_score);
    }
    return count;
}

/* Notes whether the best point has changed, and shrinks the step when a whole round of coordinates brought nothing. */
static void follow_best(struct strategy *strategy, struct local *local, const struct space_point *best)
{
    const struct space *space = strategy->settings.space;
    bool accepted = strategy->known_count != local->known_before;
    local->rejected = accepted ? 0 : local->rejected + 1;
    local->known_before = strategy->known_count;
    if (!space_equal(space, best, &local->best)) {
        local->previous_best = local->best;
        local->best = *best;
        local->has_pattern = true;
        local->since_success = 0;
    } else if (accepted && ++local->since_success >= space->count) {
        local->since_success = 0;
        local->has_pattern = false;
        local->radius *= SHRINK;
    }
}

static uint8_t clamp_level(const struct space_dimension *dimension, long level)
{
    if (level < 0)
        return 0;
    return level >= (long)dimension->count ? (uint8_t)(dimension->count - 1) : (uint8_t)level;
}

static void move_coordinate(struct strategy *strategy, const struct local *local, struct space_point *point,
                            size_t index)
{
    const struct space_dimension *dimension = &strategy->settings.space->dimension[index];
    if (dimension->row->scale == HAK_SCALE_CATEGORY) {
        size_t other = gsl_rng_uniform_int(strategy->random, dimension->count - 1);
        point->level[index] = (uint8_t)(other + (other >= point->level[index]));
        return;
    }
    long longest = lround(local->radius * (double)dimension->count);
    long step = longest > 1 ? 1 + (long)gsl_rng_uniform_int(strategy->random, (unsigned long)longest) : 1;
    if (gsl_rng_uniform_int(strategy->random, 2))
        step = -step;
    uint8_t moved = clamp_level(dimension, point->level[index] + step);
    point->level[index] = moved != point->level[index] ? moved : clamp_level(dimension, point->level[index] - step);
}

/* One coordinate after the other, so that none is forgotten; more at once as single moves run out. */
static void move_coordinates(struct strategy *strategy, struct local *local, struct space_point *point)
{
    size_t dimensions = strategy->settings.space->count;
    size_t moves = 1 + gsl_rng_uniform_int(strategy->random, 2) + local->rejected / dimensions;
    move_coordinate(strategy, local, point, local->next_coordinate++ % dimensions);
    for (size_t i = 1; i < moves && i < dimensions; i++)
        move_coordinate(strategy, local, point, gsl_rng_uniform_int(strategy->random, dimensions));
}

static void repeat_pattern(const struct strategy *strategy, const struct local *local, struct space_point *point)
{
    const struct space *space = strategy->settings.space;
    for (size_t i = 0; i < space->count; i++) {
        if (space->dimension[i].row->scale != HAK_SCALE_CATEGORY)
            point->level[i] =
                clamp_level(&space->dimension[i], 2L * local->best.level[i] - local->previous_best.level[i]);
    }
}

static void mix(struct strategy *strategy, struct space_point *point, const struct space_point *partner)
{
    for (size_t i = 0; i < strategy->settings.space->count; i++) {
        if (gsl_rng_uniform_int(strategy->random, 2))
            point->level[i] = partner->level[i];
    }
}

static void refine(struct strategy *strategy, struct local *local, struct space_point *point)
{
    struct strategy_result best[MIXTURE_POOL];
    size_t count = best_results(strategy, best, MIXTURE_POOL);
    follow_best(strategy, local, &best[0].point);
    *point = best[0].point;
    unsigned long draw = gsl_rng_uniform_int(strategy->random, 100);
    /* After many vain proposals the neighbourhood is known: only ever wider coordinate moves lead out of it. */
    bool used_up = local->rejected > 4 * strategy->settings.space->count;
    if (!used_up && draw < PATTERN_SHARE && local->has_pattern)
        repeat_pattern(strategy, local, point);
    else if (!used_up && draw < PATTERN_SHARE + MIXTURE_SHARE && count > 1)
        mix(strategy, point, &best[1 + gsl_rng_uniform_int(strategy->random, count - 1)].point);
    else
        move_coordinates(strategy, local, point);
}

static bool propose(struct strategy *strategy, struct space_point *point)
{
    struct local *local = strategy->state;
    if (local->first_used < strategy->settings.first_count) {
        *point = strategy->settings.first[local->first_used++];
    } else if (local->sobol_used < SOBOL_START) {
        local->sobol_used++;
        *point = sobol_sequence_next(local->sobol);
    } else {
        refine(strategy, local, point);
    }
    return true;
}

const struct strategy_kind strategy_local = {"local", start, propose, stop};
