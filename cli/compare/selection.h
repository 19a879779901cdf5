/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of several allocators is best: all race as they come, the best of them are tuned one after the other as long as
 * there is time, and then all race each other, as they come and as tuned, on seeds that nobody has seen.
 *
 * How an allocator is tuned is the caller's. Main thread only, as the races. Below: comparison, selection_plan,
 * recommend. */
#ifndef HAK_COMPARE_SELECTION_H
#define HAK_COMPARE_SELECTION_H

#include "cli/compare/comparison.h"
#include "cli/compare/recommend.h"
#include "cli/compare/selection_plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each has two contenders at most in the last race. */
#define SELECTION_MOST (RACE_MAX_CONTENDERS / 2)

enum selection_fate {
    SELECTION_LEFT,       /* there was no time to tune it */
    SELECTION_TUNED,      /* its settings race as well */
    SELECTION_NOT_BETTER, /* tuning has proved nothing better than it comes */
    SELECTION_NOT_TUNED,  /* tuning was not possible: `why` */
    SELECTION_FAILED      /* the work does not run with it: `why` */
};

struct selection_allocator {
    const char *name; /* the caller's */
    enum selection_fate fate;
    bool is_behind; /* LEFT: it is surely behind the best as they come, so that the time was the others' */
    char why[768];  /* one line */
    struct selection_standing standing;
    /* Index of its contenders in the last race, where it takes part as it comes, and TUNED. */
    size_t as_it_comes, tuned;
};

/* What tuning an allocator brought. */
struct selection_tuning {
    bool failed;    /* `why` */
    bool is_better; /* `contender` is what it brought, which becomes the selection's */
    struct contender contender;
    double gain;     /* log gain in the objective over the allocator as it comes, proved: the mean... */
    double gain_low; /* ...and the bad end of its interval */
    char why[768];
};

enum selection_stage { SELECTION_FIRST_RACE, SELECTION_TUNING, SELECTION_LAST_RACE };

struct selection_request {
    /* What all races have in common: its contenders, seed, budget and rounds are not used. */
    struct comparison_request race;
    const struct goal *goal;      /* goal_for() an aim */
    struct contender *contenders; /* each allocator as it comes, the first is what all are compared with; owned by the
                                     selection from then on */
    const char *const *names;     /* of them */
    size_t count;                 /* at most SELECTION_MOST */
    double budget;                /* seconds; INFINITY: no limit */
    double begun;                 /* seconds of the clock at which the budget began */
    double run_seconds;           /* of one run alone; 0: the work is made to fit */
    uint64_t first_seed, last_seed;
    /* Whether it is *KNOWN already, and then what tuning allocator INDEX brought: before any is tuned. Returns 0, or a
     * status with which all ends. NULL: nothing is known. */
    int (*recall)(void *context, size_t index, bool *known, struct selection_tuning *tuning);
    /* Tunes allocator INDEX in SECONDS. Returns 0, or a status with which all ends. */
    int (*tune)(void *context, size_t index, double seconds, struct selection_tuning *tuning);
    /* INDEX and SECONDS: of the allocator that is tuned; else 0, and what is left. */
    void (*tell)(void *context, enum selection_stage stage, size_t index, double seconds);
    void *context;
};

struct selection {
    struct selection_allocator allocators[SELECTION_MOST];
    size_t count;
    struct contender contenders[RACE_MAX_CONTENDERS]; /* of the last race; owned */
    size_t contender_count;
    struct comparison race;               /* the last one; its p-values are adjusted for their number */
    bool was_first;                       /* there was time for one race alone */
    struct recommendation recommendation; /* where the race came to its end */
    double whole_budget;                  /* seconds in which none would have been left; 0: none was */
    double telling_budget; /* seconds in which the race would tell what it has left UNCLEAR, or had TOO_FEW rounds for;
                              0: it did tell; INFINITY: none would */
};

/* Fills in SELECTION, which is to be cleared in any case. Returns 0 where there is a race, which may have been
 * interrupted or lack its baseline; the status of `tune`, with the race of before; or -1 with errno where a race could
 * not be held. */
int selection_run(const struct selection_request *request, struct selection *selection);

void selection_clear(struct selection *selection);

#endif
