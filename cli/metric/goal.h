/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is best: an objective, limits on other metrics, and the ends of the front beside it.
 *
 * An aim is what one saved profile is named for: the recommended one is best in the objective; the fastest and the
 * smallest are the ends of the front between time and memory. Each aim is a goal of its own, with the limits that are
 * usual for it unless others are given. Pure functions; any thread may call anything. Below: metric. */
#ifndef HAK_METRIC_GOAL_H
#define HAK_METRIC_GOAL_H

#include "cli/metric/metric.h"

#include <stdbool.h>
#include <stddef.h>

#define GOAL_MOST_LIMITS 8

/* In place of a percentage. */
#define GOAL_NO_LIMIT (-1.0)

/* How much worse than the baseline a metric may be. */
struct goal_limit {
    enum metric metric;
    double percent; /* of the baseline's figure; GOAL_NO_LIMIT: as much as it likes, the usual limit included */
    bool is_given;  /* by the user: a figure that is not known breaks it; else it keeps to it */
};

/* Zeroed: the least cost, at the usual price. */
struct goal {
    enum metric objective;
    bool is_front; /* the search looks for all aims in turn, else for the objective alone */
    struct goal_limit limits[GOAL_MOST_LIMITS];
    size_t limit_count;
    struct metric_set metrics;
};

/* The smallest is so by its peak: that is what a container's limit and a machine's size have to hold. The mean is in
 * the cost already. */
enum goal_aim { GOAL_RECOMMENDED, GOAL_FASTEST, GOAL_SMALLEST, GOAL_AIMS };

/* "recommended", "fastest", "smallest" */
const char *goal_aim_name(enum goal_aim aim);

/* How many aims there are: all where the objective is the cost or the front, else the recommended one alone. */
size_t goal_aims(const struct goal *goal);

/* GOAL as that of one AIM, the limits that are usual for it included. */
struct goal goal_for(const struct goal *goal, enum goal_aim aim);

/* "front", or the objective's name. */
const char *goal_name(const struct goal *goal);

/* Whether METRIC may be an objective and may be limited: any of the user's, and those of the table's that may. */
bool goal_may_be(enum metric metric);

/* Adds a limit that the user gave, in place of an earlier one for the same metric. False: there are too many. */
bool goal_limit(struct goal *goal, enum metric metric, double percent);

/* The loss, a logarithm of 0 or more, that LIMIT allows; INFINITY: any. */
double goal_allowed(const struct goal *goal, const struct goal_limit *limit);

/* Whether a gain (the logarithm of how many times better it is) keeps to LIMIT. */
bool goal_keeps(const struct goal *goal, const struct goal_limit *limit, double gain);

#endif
