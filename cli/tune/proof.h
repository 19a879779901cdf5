/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a proof is about, and what it showed: finalists, each named for one aim of the goal or more, their gains in
 * every metric, and who won.
 *
 * Plain data. Below: cli/metric/goal, cli/search_space, statistics. */
#ifndef HAK_TUNE_PROOF_H
#define HAK_TUNE_PROOF_H

#include "cli/metric/goal.h"
#include "cli/search_space/space.h"
#include "cli/statistics/statistics.h"

#include <stdbool.h>
#include <stddef.h>

#define PROOF_MAX_FINALISTS 7

/* Of one aim, where there is no other. */
#define PROOF_MAX_OF_ONE_AIM 3

/* From so many pairs on the proof ends early where its intervals are narrow: more tell nothing that a user would care
 * for. In noise it goes on while there is time, up to the most. */
#define PROOF_ENOUGH_PAIRS 40
#define PROOF_MAX_PAIRS 200

/* The gain in one metric: log ratios by metric_gain(). */
struct proof_figure {
    bool is_known; /* there were enough pairs; else the mean alone is good, where there is one */
    struct statistics_interval gain;
};

/* Whether a finalist is better than the baseline in what an aim asks for. */
struct proof_test {
    bool is_held;       /* the finalist stands for this aim */
    bool within_limits; /* the bad ends of the intervals of what is limited keep to the limits */
    bool better;        /* significantly, in the aim's objective, and within the limits */
    double p_value;     /* corrected for all tests of the proof */
};

struct proof_finalist {
    struct space_point point;
    unsigned trial;  /* from which it comes; 0: simplified from the best */
    bool eliminated; /* it failed in the proof */
    char reason[256];
    struct proof_figure figure[METRICS];
    struct proof_test test[GOAL_AIMS];
};

struct proof {
    struct proof_finalist finalists[PROOF_MAX_FINALISTS];
    size_t count;
    uint64_t operations;       /* of a run, for each thread; 0: the work is what it is */
    size_t pairs;              /* that were run */
    int winner[GOAL_AIMS];     /* index, or -1: no significant improvement */
    double pair_deviation;     /* noise: standard deviation of one pair's log ratio of times, of the winner or else the
                                  first finalist */
    double baseline_deviation; /* noise: of the logarithm of the baseline's own times, which pairing takes out */
    struct metric_sample baseline; /* its figures, means over the pairs; the largest peak */
};

/* How many tests are held. */
size_t proof_tests(const struct proof *proof);

/* Of each interval, so that all of them hold together. So many tests need statistics_least_pairs() of it. */
double proof_confidence(const struct proof *proof);

/* The winner of AIM, or NULL. */
const struct proof_finalist *proof_winner(const struct proof *proof, enum goal_aim aim);

#endif
