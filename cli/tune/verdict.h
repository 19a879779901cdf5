/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict of a proof: from the finalists' runs to intervals, tests and winners. Pure functions; one thread. Below:
 * proof, candidate, statistics. */
#ifndef HAK_TUNE_VERDICT_H
#define HAK_TUNE_VERDICT_H

#include "cli/tune/candidate.h"
#include "cli/tune/proof.h"

#include <stddef.h>

/* Writes the gains of CANDIDATE in METRIC that are known; PROOF_MAX_PAIRS of them at most. Returns how many. */
size_t verdict_gains(const struct candidate *candidate, enum metric metric, double *values);

/* Fills in the figures and tests of PROOF's finalists, of which CANDIDATES has the runs, and the winners. Each of GOALS
 * is of one aim, goal_for(); the user's is the first. The recommended winner is that of an end of the front too where
 * it is proved better in that as well, and none is surely better still with fewer changes. */
void verdict_reach(struct proof *proof, const struct candidate *candidates, const struct goal *goals,
                   const struct space *space);

#endif
