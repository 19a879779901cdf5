/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the options of tune and compare that say what is wanted amount to: metrics, objective, limits. Main thread.
 * Below: cli/options, cli/metric/goal, cli/workload, cli/race. */
#ifndef HAK_VERBS_GOAL_OPTIONS_H
#define HAK_VERBS_GOAL_OPTIONS_H

#include "cli/metric/goal.h"
#include "cli/options/options.h"
#include "cli/race/race.h"
#include "cli/workload/workload.h"

/* Fills in GOAL from the OPTIONS of VERB, for WORK. Returns 0; or 2 after a line on stderr that names what is wrong;
 * goal_options_clear() in both cases. */
int goal_options_apply(enum verb verb, const struct options *options, const struct workload *work, struct goal *goal);

/* The interleaving that is asked for; where it is not, whole runs for what the work itself prints, whose own clock does
 * not stand still between turns. */
enum race_interleave goal_options_interleave(const struct options *options, const struct goal *goal);

/* Gives back what GOAL owns since. */
void goal_options_clear(struct goal *goal);

#endif
