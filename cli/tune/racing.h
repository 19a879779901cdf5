/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heats: races of candidates against one reference, and who stays in.
 *
 * One thread. Below: cli/trial, candidate, workspace, budget. Knows nothing of strategies. */
#ifndef HAK_TUNE_RACING_H
#define HAK_TUNE_RACING_H

#include "cli/space.h"
#include "cli/trial/trial.h"
#include "cli/tune/budget.h"
#include "cli/tune/candidate.h"
#include "cli/tune/workspace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What all heats of a session have in common. */
struct racing {
    const struct space *space;
    const char *library;    /* absolute path */
    struct trial_work work; /* operations are each heat's own */
    enum trial_interleave interleave;
    const volatile int *interrupted; /* may be NULL */
    struct workspace workspace;
    struct budget *budget;
    struct pace pace;
    bool fixed_work; /* operations are given by the user, or it is a command */
    bool has_blocks; /* runs come in blocks, as the calibration saw */
};

enum heat_status {
    HEAT_OK,
    HEAT_INTERRUPTED,
    HEAT_REFERENCE_FAILED, /* nothing can be said of the candidates */
    HEAT_IMPOSSIBLE        /* the race could not be held */
};

struct heat {
    const struct space_point *reference; /* what candidates are compared with; NULL: the built-in default */
    struct candidate **candidates;
    size_t count; /* at most TRIAL_MAX_CONTENDERS - 1 */
    uint64_t operations;
    uint64_t seed;
    double deadline;   /* as trial_options.deadline; 0: none */
    double time_limit; /* active seconds of one run; 0: ten times what a run should take */
    /* filled in: */
    enum trial_status reference_status;
    int reference_code;
    double reference_seconds;    /* active */
    uint64_t reference_resident; /* peak, bytes */
    size_t reference_blocks;
    double wall;       /* seconds that the heat took */
    char message[512]; /* when the status is not HEAT_OK */
};

/* Runs one heat. Each candidate gets a run, or is out with its reason. */
enum heat_status racing_heat(struct racing *racing, struct heat *heat);

/* Leaves in CANDIDATES those that can still be the best, the best first: who is out goes, who is clearly behind the
 * best (intervals of two standard errors apart) goes, and so does all beyond the first MAX. Returns how many are left.
 */
size_t racing_survivors(const struct goal *goal, const struct candidate_noise *noise, struct candidate **candidates,
                        size_t count, size_t max);

/* Puts CANDIDATES in order, the best (by cautious score) first. */
void racing_rank(const struct goal *goal, const struct candidate_noise *noise, struct candidate **candidates,
                 size_t count);

/* A seed for the workload. Seeds of the search and of the proof are odd and even, so that they never meet. */
enum racing_stream { RACING_SEARCH, RACING_PROOF };
uint64_t racing_seed(uint64_t session_seed, enum racing_stream stream, uint64_t index);

#endif
