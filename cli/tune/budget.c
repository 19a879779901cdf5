/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See budget.h. */
#include "config.h"

#include "cli/tune/budget.h"

#include <math.h>

/* A third of the budget proves: a dozen pairs of runs as long as two of the search's. Of the rest, what is not searched
 * is spent on choosing well: luck must not decide who is proved. */
#define SEARCH_SHARE 0.50
#define PLAYOFF_SHARE 0.61
#define SIMPLIFY_SHARE 0.68

/* Before the first race: waiting for the stops costs a few percent, starting a process a few milliseconds. */
#define FIRST_OVERHEAD 1.15

/* How fast the overhead follows the last race, and how far it may go: slower candidates are part of it. */
#define OVERHEAD_SHARE 0.3
#define LEAST_OVERHEAD 0.8
#define MOST_OVERHEAD 4.0

void budget_init(struct budget *budget, const struct clock *clock, double total, double used)
{
    budget->clock = *clock;
    budget->total = total;
    budget->search = SEARCH_SHARE;
    budget->playoff = PLAYOFF_SHARE;
    budget->simplify = SIMPLIFY_SHARE;
    budget->reserved = 0;
    if (used > total * SIMPLIFY_SHARE)
        used = total * SIMPLIFY_SHARE;
    budget->start = budget_now(budget) - used;
}

void budget_begin_again(struct budget *budget)
{
    double gone = fmin(budget_elapsed(budget) / budget->total, 1);
    budget->search = gone + SEARCH_SHARE * (1 - gone);
    budget->playoff = gone + PLAYOFF_SHARE * (1 - gone);
    budget->simplify = gone + SIMPLIFY_SHARE * (1 - gone);
    budget_reserve(budget, budget->reserved);
}

double budget_now(const struct budget *budget)
{
    return clock_read(&budget->clock);
}

double budget_elapsed(const struct budget *budget)
{
    return budget_now(budget) - budget->start;
}

void budget_reserve(struct budget *budget, double seconds)
{
    budget->reserved = seconds;
    double until = fmax(0, 1 - seconds / budget->total);
    budget->search = fmin(budget->search, until);
    budget->playoff = fmin(budget->playoff, until);
    budget->simplify = fmin(budget->simplify, until);
}

void budget_end_search(struct budget *budget)
{
    double elapsed = budget_elapsed(budget);
    budget->total = fmax(elapsed / budget->search, elapsed + budget->reserved);
    budget_reserve(budget, budget->reserved);
}

double budget_left(const struct budget *budget, double share)
{
    return fmax(0, budget->total * share - budget_elapsed(budget));
}

void pace_init(struct pace *pace, uint64_t fewer, double seconds_fewer, uint64_t more, double seconds_more)
{
    double slope = (seconds_more - seconds_fewer) / (double)(more - fewer);
    if (slope <= 0) /* noise: take the whole run for work */
        slope = seconds_more / (double)more;
    *pace = (struct pace){fmax(0, seconds_more - slope * (double)more), slope, FIRST_OVERHEAD};
}

void pace_init_fixed(struct pace *pace, double seconds)
{
    *pace = (struct pace){seconds, 0, FIRST_OVERHEAD};
}

bool pace_scales(const struct pace *pace)
{
    return pace->per_operation > 0;
}

double pace_run(const struct pace *pace, uint64_t operations)
{
    return pace->fixed + pace->per_operation * (double)operations;
}

double pace_race(const struct pace *pace, size_t contenders, uint64_t operations)
{
    return pace_run(pace, operations) * (double)contenders * pace->overhead;
}

uint64_t pace_operations(const struct pace *pace, double active, double least)
{
    if (!pace_scales(pace))
        return 0;
    double operations = fmax(active - pace->fixed, least) / pace->per_operation;
    return operations < 1 ? 1 : (uint64_t)operations;
}

void pace_learn(struct pace *pace, double expected, double actual)
{
    if (expected <= 0)
        return;
    double seen = pace->overhead * actual / expected;
    pace->overhead += OVERHEAD_SHARE * (seen - pace->overhead);
    pace->overhead = fmin(fmax(pace->overhead, LEAST_OVERHEAD), MOST_OVERHEAD);
}
