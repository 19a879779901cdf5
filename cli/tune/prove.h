/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proof: the best few against the default, in pairs of runs on seeds that the search never saw.
 *
 * Each pair is one race on one seed and gives one log ratio for each finalist. They are independent of each other and
 * of the search, so their spread tells how sure the mean is. Intervals hold for all finalists at a time (each has
 * confidence 1 - 0.05 / finalists), p-values are Holm's. When the proof ends is decided by time and by how wide the
 * intervals are, never by what they hold. One thread. Below: racing, statistics. */
#ifndef HAK_TUNE_PROVE_H
#define HAK_TUNE_PROVE_H

#include "cli/tune/racing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROOF_MAX_FINALISTS 3

/* From so many pairs on the proof ends early where its intervals are narrow: more tell nothing that a user would care
 * for. In noise it goes on while there is time, up to the most. */
#define PROOF_ENOUGH_PAIRS 40
#define PROOF_MAX_PAIRS 200

struct proof_finalist {
    struct space_point point;
    unsigned trial;  /* from which it comes; 0: simplified from the best */
    bool eliminated; /* it failed in the proof */
    char reason[256];
    bool has_interval;                 /* there were enough pairs */
    struct statistics_interval time;   /* log ratios default / finalist of active time */
    struct statistics_interval memory; /* and of peak resident memory */
    bool has_memory;                   /* peak memory is known for enough pairs */
    bool within_limits;                /* the interval of what is limited keeps to the limit */
    bool better;                       /* significantly, in the objective, and within the limits */
};

struct proof {
    struct proof_finalist finalists[PROOF_MAX_FINALISTS];
    size_t count;
    size_t pairs;               /* that were run */
    int winner;                 /* index, or -1: no significant improvement */
    double pair_deviation;      /* noise: standard deviation of one pair's log ratio, of the winner or else the first
                                   finalist */
    double baseline_deviation;  /* noise: of the logarithm of the default's own times, which pairing takes out */
    double baseline_seconds;    /* active seconds of one run under the default, mean */
    uint64_t baseline_resident; /* its largest peak, bytes */
};

struct proof_settings {
    struct racing *racing;
    const struct goal *goal;
    uint64_t seed;        /* the session's */
    uint64_t first_index; /* of racing_seed(RACING_PROOF); above those that an earlier part used */
    /* Called after every pair; may be NULL. HEAT has the finalists that are left. */
    void (*pair_ended)(void *context, const struct proof *proof, const struct heat *heat);
    void *context;
};

/* Of each finalist's interval, that all of them hold. So many finalists need statistics_least_pairs() of it. */
double proof_confidence(const struct proof *proof);

/* How many finalists the time that is left allows: as many as leave enough pairs, from 1 to WANTED. */
size_t proof_finalists(const struct racing *racing, size_t wanted);

/* Fills in PROOF for the finalists that it holds (point, trial, count). Runs pairs until the budget is used up. */
enum heat_status prove(const struct proof_settings *settings, struct proof *proof, char *message, size_t size);

#endif
