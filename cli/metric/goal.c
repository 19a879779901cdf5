/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See goal.h. */
#include "config.h"

#include "cli/metric/goal.h"

#include <math.h>
#include <string.h>

/* Speed at any price in memory is seldom meant: twice as much is the most... */
#define USUAL_MEMORY_PERCENT 100.0
/* ...nor is less memory, or fewer events, at any price in time. */
#define USUAL_TIME_PERCENT 5.0

const char *goal_aim_name(enum goal_aim aim)
{
    static const char *const names[GOAL_AIMS] = {"recommended", "fastest", "smallest"};
    return names[aim];
}

size_t goal_aims(const struct goal *goal)
{
    return goal->is_front || goal->objective == METRIC_COST ? GOAL_AIMS : 1;
}

static bool is_memory(enum metric metric)
{
    return metric == METRIC_PEAK_MEMORY || metric == METRIC_MEAN_MEMORY || metric == METRIC_IDLE_MEMORY;
}

static struct goal_limit *find_limit(struct goal *goal, enum metric metric)
{
    for (size_t i = 0; i < goal->limit_count; i++)
        if (goal->limits[i].metric == metric)
            return &goal->limits[i];
    return NULL;
}

static void add_limit(struct goal *goal, enum metric metric, double percent)
{
    if (!find_limit(goal, metric) && goal->limit_count < GOAL_MOST_LIMITS)
        goal->limits[goal->limit_count++] = (struct goal_limit){metric, percent, false};
}

static bool is_event(enum metric metric)
{
    return metric_unit(metric) == METRIC_COUNT;
}

/* The cost has the price of memory in it. */
static void add_usual_limit(struct goal *goal)
{
    if (is_memory(goal->objective) || is_event(goal->objective))
        add_limit(goal, METRIC_TIME, USUAL_TIME_PERCENT);
    if (!is_memory(goal->objective) && goal->objective != METRIC_COST)
        add_limit(goal, METRIC_PEAK_MEMORY, USUAL_MEMORY_PERCENT);
}

struct goal goal_for(const struct goal *goal, enum goal_aim aim)
{
    struct goal own = *goal;
    own.is_front = false;
    if (aim == GOAL_FASTEST)
        own.objective = METRIC_TIME;
    else if (aim == GOAL_SMALLEST)
        own.objective = METRIC_PEAK_MEMORY;
    add_usual_limit(&own);
    return own;
}

const char *goal_name(const struct goal *goal)
{
    return goal->is_front ? "front" : metric_name(&goal->metrics, goal->objective);
}

bool goal_may_be(enum metric metric)
{
    return metric >= METRIC_OWN || metric_row(metric)->may_be_goal;
}

bool goal_limit(struct goal *goal, enum metric metric, double percent)
{
    struct goal_limit *limit = find_limit(goal, metric);
    if (!limit && goal->limit_count == GOAL_MOST_LIMITS)
        return false;
    if (!limit)
        limit = &goal->limits[goal->limit_count++];
    *limit = (struct goal_limit){metric, percent, true};
    return true;
}

double goal_allowed(const struct goal *goal, const struct goal_limit *limit)
{
    if (limit->percent < 0)
        return INFINITY;
    if (!metric_more_is_better(&goal->metrics, limit->metric))
        return log1p(limit->percent / 100);
    return limit->percent < 100 ? -log1p(-limit->percent / 100) : INFINITY;
}

bool goal_keeps(const struct goal *goal, const struct goal_limit *limit, double gain)
{
    return -gain <= goal_allowed(goal, limit);
}
