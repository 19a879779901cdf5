/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the time of a selection is spent: how long all race as they come, which allocator is tuned next and for how long,
 * and what is kept for the last race.
 *
 * Pure functions; any thread. Below: cli/statistics. */
#ifndef HAK_COMPARE_SELECTION_PLAN_H
#define HAK_COMPARE_SELECTION_PLAN_H

#include <stdbool.h>
#include <stddef.h>

/* Rounds of the first race at most: their intervals tell who is far behind. */
#define SELECTION_FIRST_ROUNDS 10

/* One allocator, as the first race has seen it. */
struct selection_standing {
    double mean, high; /* log gain in the objective over the first allocator, and the good end of its interval */
    bool is_out;       /* it failed, it has had its turn, or it surely breaks a limit */
};

struct selection_plan {
    double budget;      /* seconds of all; INFINITY: no limit */
    double run_seconds; /* of one contender in one round, of the clock */
    size_t contenders;  /* that the last race has so far: allocators as they come, and those that were tuned */
    double bar;         /* log gain that the best one surely has */
    double tuning;      /* the largest log gain that tuning has proved so far; 0: none */
};

/* Rounds that a race of CONTENDERS needs for a verdict on one that is always ahead, corrected for their number. */
unsigned selection_rounds(size_t contenders);

/* Seconds that are kept for the last race of CONTENDERS. */
double selection_reserve(const struct selection_plan *plan, size_t contenders);

/* Seconds of the first race at most, unless there is no time for anything else. */
double selection_first_seconds(const struct selection_plan *plan);

/* Whether the first race is over after ROUNDS in ELAPSED seconds, with LEFT of the budget: it has told enough, and
 * there is time for a session, or ANYWAY. Else it goes on, and is the last race as well. */
bool selection_is_enough(const struct selection_plan *plan, unsigned rounds, double elapsed, double left, bool anyway);

/* Whether tuning may make the allocator the best: by as much as settings often gain, or have here. */
bool selection_can_win(const struct selection_plan *plan, const struct selection_standing *standing);

/* Chooses who of COUNT is tuned next, and for how many *SECONDS (INFINITY: without a limit), with LEFT of the budget.
 * Returns COUNT where there is nobody, or no time. */
size_t selection_next(const struct selection_plan *plan, const struct selection_standing *standings, size_t count,
                      double left, double *seconds);

/* The budget in which all of COUNT would be tuned, where what is before the first race takes BEFORE seconds and that
 * race ended at FIRST_END. PLAN is what the first choice of selection_next goes by: what tuning brings then is not
 * known the next time either. */
double selection_whole_budget(const struct selection_plan *plan, const struct selection_standing *standings,
                              size_t count, double before, double first_end);

#endif
