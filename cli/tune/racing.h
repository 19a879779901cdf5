/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heats: races of candidates against one baseline, and who stays in.
 *
 * One thread. Below: cli/race, candidate, workspace, budget. Knows nothing of strategies. */
#ifndef HAK_TUNE_RACING_H
#define HAK_TUNE_RACING_H

#include "cli/race/race.h"
#include "cli/search_space/space.h"
#include "cli/tune/budget.h"
#include "cli/tune/candidate.h"
#include "cli/tune/workspace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What all heats of a session have in common. */
struct racing {
    const struct space *space;
    struct workload work;            /* operations are each heat's own */
    enum race_interleave interleave; /* becomes whole runs where memory does not suffice for a few contenders at once */
    uint64_t memory;                 /* bytes that all contenders may take together; 0: no limit */
    size_t most_contenders;          /* of a race, the baseline included; 0: RACE_MAX_CONTENDERS */
    const struct metric_set *metrics;
    const volatile int *interrupted; /* may be NULL */
    struct workspace workspace;
    struct budget *budget;
    struct pace pace;
    bool fixed_work; /* operations are given by the user, or it is a command */
    bool has_blocks; /* runs come in blocks, as the calibration saw */
    /* Why contenders run one after the other though all were to be up at once: a contender's failure, which says so;
     * empty: they are up at once, or never were to be. Its exit status. */
    char alone_because[256];
    int alone_code;
    bool alone_tried; /* it has been tried whether contenders that fail together do their work one by one */
};

enum heat_status {
    HEAT_OK,
    HEAT_INTERRUPTED,
    HEAT_BASELINE_FAILED, /* nothing can be said of the candidates */
    HEAT_IMPOSSIBLE       /* the race could not be held */
};

/* When each contender of a heat ran, the baseline first; all zeros at first, heat_turns_clear(). */
struct heat_turns {
    struct heat_lane {
        struct race_turn *list; /* as race_result.turns */
        size_t count;
    } lane[RACE_MAX_CONTENDERS];
};

struct heat {
    const struct space_point *baseline; /* what candidates are compared with; NULL: the built-in default */
    struct candidate **candidates;
    size_t count; /* at most RACE_MAX_CONTENDERS - 1 */
    uint64_t operations;
    uint64_t seed;
    double deadline;          /* as race_options.deadline; 0: none */
    struct heat_turns *turns; /* filled in with what a race keeps of them; NULL: it keeps none */
    double time_limit;        /* active seconds of one run; 0: ten times what the default takes */
    /* filled in: */
    enum race_status baseline_status;
    int baseline_code;
    int baseline_own_status;
    struct metric_sample baseline_sample; /* its figures, the cost among them */
    size_t baseline_blocks;
    char baseline_allocator[96]; /* as race_result.allocator */
    double wall;                 /* seconds that the heat took */
    char message[512];           /* when the status is not HEAT_OK */
};

/* From now on contenders run one after the other, each at one go. */
void racing_run_one_by_one(struct racing *racing);

/* Of WANTED contenders of a race, how many may be in it at once. */
size_t racing_most(const struct racing *racing, size_t wanted);

/* Bounds races by PEAK, the most that one contender has resident. True: fewer run at once for that. */
bool racing_bound(struct racing *racing, uint64_t peak);

/* Runs one heat. Each candidate gets a run, or is eliminated with its reason. */
enum heat_status racing_heat(struct racing *racing, struct heat *heat);

void heat_turns_clear(struct heat_turns *turns);

/* Leaves in CANDIDATES those that can still be the best, the best first: who is eliminated goes, who is clearly behind
 * the best (intervals of two standard errors apart) goes, and so does all beyond the first MAX. Returns how many are
 * left. */
size_t racing_survivors(const struct goal *goal, const struct candidate_noise *noise, struct candidate **candidates,
                        size_t count, size_t max);

/* Puts CANDIDATES in order, the best (by cautious score) first. */
void racing_rank(const struct goal *goal, const struct candidate_noise *noise, struct candidate **candidates,
                 size_t count);

/* A seed for the workload. Seeds of the search and of the proof are odd and even, so that they never meet. */
enum racing_stream { RACING_SEARCH, RACING_PROOF };
uint64_t racing_seed(uint64_t session_seed, enum racing_stream stream, uint64_t index);

#endif
