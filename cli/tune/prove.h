/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proof: the best few against the default, in pairs of runs on seeds that the search never saw.
 *
 * Each pair is one race on one seed and gives one log ratio for each finalist. They are independent of each other and
 * of the search, so their spread tells how sure the mean is. Intervals hold for all finalists at a time (each has
 * confidence 1 - 0.05 / tests), p-values are Holm's. When the proof ends is decided by time and by how wide the
 * intervals are, never by what they hold. One thread. Below: proof, verdict, racing,
 * statistics. */
#ifndef HAK_TUNE_PROVE_H
#define HAK_TUNE_PROVE_H

#include "cli/tune/proof.h"
#include "cli/tune/racing.h"

#include <stddef.h>
#include <stdint.h>

struct proof_settings {
    struct racing *racing;
    const struct goal *goals; /* of each aim, goal_for() */
    uint64_t seed;            /* the session's */
    uint64_t first_index;     /* of racing_seed(RACING_PROOF); above those that an earlier part used */
    /* Called after every pair; may be NULL. HEAT has the finalists that are left. */
    void (*pair_ended)(void *context, const struct proof *proof, const struct heat *heat);
    void *context;
};

/* How many finalists the time that is left allows: as many as leave enough pairs, from 1 to WANTED. */
size_t proof_finalists(const struct racing *racing, size_t wanted);

/* Fills in PROOF for the finalists that it holds (point, trial, count). Runs pairs until the budget is used up. */
enum heat_status prove(const struct proof_settings *settings, struct proof *proof, char *message, size_t size);

#endif
