/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A candidate and what its runs brought; and what a goal (of one aim, goal_for()) makes of that.
 *
 * One thread. Below: cli/metric/goal, statistics, cli/search_space. */
#ifndef HAK_TUNE_CANDIDATE_H
#define HAK_TUNE_CANDIDATE_H

#include "cli/metric/goal.h"
#include "cli/search_space/space.h"
#include "cli/statistics/statistics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- what was measured -------------------------------------------------------------------------------------------- */

/* One run against the baseline in the same race. */
struct candidate_run {
    struct metric_sample gain; /* of metric_gain(), by metric; NAN: not known. Its time is that of the blocks */
    struct metric_sample own;  /* the run's own figures */
    double time_error;         /* standard error of the gain in time from the run's own blocks; INFINITY: it is one
                                  block */
};

struct candidate {
    unsigned trial; /* its number in the session, from 1; 0: made for the proof */
    struct space_point point;
    struct candidate_run *runs;
    size_t count, capacity;
    bool eliminated;  /* crashed, hung or failed: is not run again */
    char reason[256]; /* why it is eliminated */
};

void candidate_init(struct candidate *candidate, unsigned trial, const struct space_point *point);
void candidate_clear(struct candidate *candidate);
void candidate_add_run(struct candidate *candidate, const struct candidate_run *run);
void candidate_fail(struct candidate *candidate, const char *reason);

/* How much runs of the same candidate differ in each metric beyond what their blocks tell (standard deviation of a log
 * ratio), learnt as they come in. What two thirds of the runs keep to counts: those that a neighbour disturbed are far
 * off, and few. Memory is not disturbed, and all runs count. */
struct candidate_noise {
    struct {
        double squares; /* of deviations from each candidate's middle */
        double freedom; /* degrees of it */
    } of[METRICS];
};

/* Starts from what a quiet machine has: in time and cost a percent for runs with blocks, two for those without. */
void candidate_noise_init(struct candidate_noise *noise, bool has_blocks);
/* Learns from all runs of the candidate at once; call it for one that will not be run again, or once at the end of a
 * heat for all. */
void candidate_noise_learn(struct candidate_noise *noise, const struct candidate *candidates, size_t count,
                           bool has_blocks);
double candidate_noise_deviation(const struct candidate_noise *noise, enum metric metric);

/* The mean gain over all runs in which it is known, each weighted by its error. Of three or more, a run that is further
 * from their median than it can be without having been disturbed counts as if it was just as far, save in memory. None:
 * 0 and INFINITY. */
struct statistics_mean candidate_gain(const struct candidate *candidate, const struct candidate_noise *noise,
                                      enum metric metric);

/* --- what is wanted ----------------------------------------------------------------------------------------------- */

/* A candidate's worth to the search: its log gain in the objective. What is eliminated or has no run has -INFINITY;
 * what is not sure to keep to the limits has less than the default's 0, the further beyond the less, so that the search
 * finds its way back. */
struct statistics_mean goal_score(const struct goal *goal, const struct candidate *candidate,
                                  const struct candidate_noise *noise);

/* The log gain in the objective of a candidate that may yet turn out to keep to the limits: those which it does not
 * break for certain are left out of account. Of others it is -INFINITY. */
struct statistics_mean goal_promise(const struct goal *goal, const struct candidate *candidate,
                                    const struct candidate_noise *noise);

/* score.mean - score.error: what a candidate is sure to be worth. */
double goal_cautious_score(const struct goal *goal, const struct candidate *candidate,
                           const struct candidate_noise *noise);

#endif
