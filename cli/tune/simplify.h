/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simplifying: which of a candidate's changes matter?
 *
 * The candidate runs against copies of itself in each of which one change is taken back. Those that lose nothing stay
 * back. Where there is no time for so many copies, changes are taken back in groups before, until there is. One thread.
 * Below: ablation, racing. */
#ifndef HAK_TUNE_SIMPLIFY_H
#define HAK_TUNE_SIMPLIFY_H

#include "cli/tune/ablation.h"
#include "cli/tune/racing.h"

/* BEST with fewer changes; BEST itself where there is nothing to take back, or no time before the proof. Guesses like
 * any other candidate: the proof decides. */
struct simplified {
    struct space_point simpler;  /* keeps what seems to matter */
    struct space_point simplest; /* keeps what clearly matters */
    bool is_doubtful;            /* what they keep has not brought half of the gain in the races that left it */
    struct ablation ablation;    /* what each change brings, the most first */
};

/* What of it is to be done, and by when. */
struct simplify_task {
    const struct space_point *best;
    enum metric objective;
    double gain;  /* log gain in the objective over the default that it seems to have */
    double speed; /* how many times as fast as the default it seems to be; 1: no faster */
    double until; /* share of the budget */
    uint64_t seed;
};

enum heat_status simplify(struct racing *racing, const struct simplify_task *task, const struct candidate_noise *noise,
                          struct simplified *simplified, char *message, size_t size);

#endif
