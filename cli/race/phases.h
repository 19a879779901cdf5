/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes before and after the measured work of a contender: prepare; of a server start, ready and warm-up; then
 * idle and stop.
 *
 * Each has its own time limit and says itself what went wrong in it. All others stand still meanwhile, but for the idle
 * time, which all of a race have at once. One thread. Below: runner, slicer, ready, place. */
#ifndef HAK_RACE_PHASES_H
#define HAK_RACE_PHASES_H

#include "cli/race/runner.h"

#include <stddef.h>

/* Leads RUNNER up to its measured work, which is started, stopped. Returns 0 also when it has a result at once, or -1
 * with errno when the race cannot be held. */
int phases_start(const struct runner_terms *terms, struct runner *runner);

/* Leads those of COUNT runners that rest to their end. */
void phases_end(const struct runner_terms *terms, struct runner *runners, size_t count);

#endif
