/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See selection_plan.h. */
#include "config.h"

#include "cli/compare/selection_plan.h"

#include "cli/statistics/statistics.h"

#include <math.h>

/* The first race takes this share of the budget at most, but as many rounds in any case: one alone is luck. */
#define FIRST_SHARE 0.2
#define FIRST_LEAST_ROUNDS 3

/* The last race has this share of the budget at least: more rounds make narrower intervals. */
#define LAST_SHARE 0.25

/* Rounds beyond those that a verdict needs, as one or the other gives none. */
#define SPARE_ROUNDS 2

/* How long a session is at least, in runs and in seconds. */
enum session_length {
    LEAST, /* it is possible (calibrate.c has the same number of runs); the best one may have it, where that is all */
    GOOD,  /* it finds the most of what there is to find */
    AMPLE, /* those that are behind are tuned where all can have as much: before that it is the others' */
};
static const struct {
    double runs, seconds;
} lengths[] = {[LEAST] = {24, 3.0}, [GOOD] = {72, 4.5}, [AMPLE] = {144, 6.0}};

/* What settings often gain (a logarithm): who is behind by less may still win by them. */
#define USUAL_GAIN 0.05

unsigned selection_rounds(size_t contenders)
{
    double comparisons = contenders > 1 ? (double)contenders - 1 : 1;
    return (unsigned)statistics_least_pairs(1 - STATISTICS_SIGNIFICANCE / comparisons) + SPARE_ROUNDS;
}

static double session_seconds(const struct selection_plan *plan, enum session_length length)
{
    return fmax(lengths[length].seconds, lengths[length].runs * plan->run_seconds);
}

double selection_reserve(const struct selection_plan *plan, size_t contenders)
{
    if (!isfinite(plan->budget))
        return 0;
    double rounds = fmax(SELECTION_FIRST_ROUNDS, selection_rounds(contenders));
    return fmax(LAST_SHARE * plan->budget, rounds * (double)contenders * plan->run_seconds);
}

double selection_first_seconds(const struct selection_plan *plan)
{
    return FIRST_SHARE * plan->budget;
}

bool selection_is_enough(const struct selection_plan *plan, unsigned rounds, double elapsed, double left, bool anyway)
{
    bool is_long = isfinite(plan->budget) && rounds >= FIRST_LEAST_ROUNDS && elapsed >= selection_first_seconds(plan);
    if (rounds < SELECTION_FIRST_ROUNDS && !is_long)
        return false;
    return anyway || left - selection_reserve(plan, plan->contenders + 1) >= session_seconds(plan, LEAST);
}

bool selection_can_win(const struct selection_plan *plan, const struct selection_standing *standing)
{
    return standing->high + fmax(USUAL_GAIN, plan->tuning) >= plan->bar;
}

/* Seconds that each of NUMBER sessions is to have at least, where CAN_WIN allocators can still win. */
static double wanted_session(const struct selection_plan *plan, size_t number, size_t can_win)
{
    if (number == 1)
        return session_seconds(plan, LEAST);
    return session_seconds(plan, number <= can_win ? GOOD : AMPLE);
}

/* How many of REMAINING are to be tuned, and the seconds of each. */
static size_t choose_number(const struct selection_plan *plan, size_t remaining, size_t can_win, double left,
                            double *seconds)
{
    for (size_t number = remaining; number > 0; number--) {
        *seconds = (left - selection_reserve(plan, plan->contenders + number)) / (double)number;
        if (*seconds >= wanted_session(plan, number, can_win))
            return number;
    }
    return 0;
}

/* Whether ONE goes before OTHER: who can still win first, then who was better. */
static bool goes_before(const struct selection_plan *plan, const struct selection_standing *one,
                        const struct selection_standing *other)
{
    bool can = selection_can_win(plan, one), other_can = selection_can_win(plan, other);
    return can != other_can ? can : one->mean > other->mean;
}

size_t selection_next(const struct selection_plan *plan, const struct selection_standing *standings, size_t count,
                      double left, double *seconds)
{
    size_t first = count, remaining = 0, can_win = 0;
    for (size_t i = 0; i < count; i++) {
        if (standings[i].is_out)
            continue;
        remaining++;
        can_win += selection_can_win(plan, &standings[i]);
        if (first == count || goes_before(plan, &standings[i], &standings[first]))
            first = i;
    }
    return choose_number(plan, remaining, can_win, left, seconds) > 0 ? first : count;
}

double selection_whole_budget(const struct selection_plan *plan, const struct selection_standing *standings,
                              size_t count, double before, double first_end)
{
    size_t can_win = 0;
    for (size_t i = 0; i < count; i++)
        can_win += selection_can_win(plan, &standings[i]);
    double first = fmax(first_end, before + SELECTION_FIRST_ROUNDS * (double)count * plan->run_seconds);
    double sessions = (double)count * wanted_session(plan, count, can_win);
    double rounds = fmax(SELECTION_FIRST_ROUNDS, selection_rounds(2 * count));
    double last = rounds * (double)(2 * count) * plan->run_seconds;
    return fmax((first + sessions) / (1 - LAST_SHARE), first + sessions + last);
}
