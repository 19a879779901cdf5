/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A candidate and what its runs brought; and what the goal makes of that.
 *
 * One thread. Below: statistics, cli/search_space. */
#ifndef HAK_TUNE_CANDIDATE_H
#define HAK_TUNE_CANDIDATE_H

#include "cli/search_space/space.h"
#include "cli/statistics/statistics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- what was measured -------------------------------------------------------------------------------------------- */

/* One run against the baseline in the same race. */
struct candidate_run {
    double time;       /* log(baseline's seconds / its own) for the same work */
    double time_error; /* standard error of it from the run's own blocks; INFINITY: the run is one block */
    double memory;     /* log(baseline's peak resident bytes / its own); NAN: not known (the run was cut) */
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

/* How much runs of the same candidate differ beyond what their blocks tell (standard deviation of a log ratio), learnt
 * as they come in. */
struct candidate_noise {
    double squares; /* of deviations from each candidate's mean */
    double freedom; /* degrees of it */
};

/* Starts from what a quiet machine has (section "noise" of the architecture): a percent for runs with blocks, two for
 * those without. */
void candidate_noise_init(struct candidate_noise *noise, bool has_blocks);
/* Learns from all runs of the candidate at once; call it for one that will not be run again, or once at the end of a
 * heat for all. */
void candidate_noise_learn(struct candidate_noise *noise, const struct candidate *candidates, size_t count,
                           bool has_blocks);
double candidate_noise_deviation(const struct candidate_noise *noise);

/* The mean over all runs, each weighted by its error. No run: 0 and INFINITY. */
struct statistics_mean candidate_time(const struct candidate *candidate, const struct candidate_noise *noise);
struct statistics_mean candidate_memory(const struct candidate *candidate);

/* --- what is wanted ----------------------------------------------------------------------------------------------- */

enum goal_objective { GOAL_THROUGHPUT, GOAL_RSS };

#define GOAL_NO_LIMIT (-1.0)

struct goal {
    enum goal_objective objective;
    double max_rss_growth; /* percent more peak memory than the default at most, or GOAL_NO_LIMIT */
    double max_slowdown;   /* percent more time than the default at most, or GOAL_NO_LIMIT */
    bool has_growth;       /* max_rss_growth was asked for: else memory that is not known is taken to keep to it */
};

/* "throughput", "rss" */
const char *goal_name(enum goal_objective objective);

/* Whether growth by a factor of exp(-LOG_RATIO) keeps to LIMIT percent. */
bool goal_keeps(double limit, double log_ratio);

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
