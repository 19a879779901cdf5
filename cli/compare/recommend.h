/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which contender of a comparison is to be used, and how sure that is. Pure functions; any thread. Below: significance,
 * cli/metric/goal. */
#ifndef HAK_COMPARE_RECOMMEND_H
#define HAK_COMPARE_RECOMMEND_H

#include "cli/compare/comparison.h"
#include "cli/metric/goal.h"

#include <stdbool.h>
#include <stddef.h>

/* What a gain has to be for anybody to care: 1 %. */
#define RECOMMEND_WORTH 0.01

enum recommend_kind {
    RECOMMEND_BETTER,  /* `best` is surely better than the first, and keeps to the limits */
    RECOMMEND_FIRST,   /* none can be better by RECOMMEND_WORTH and keep to the limits */
    RECOMMEND_UNCLEAR, /* one may be, and is not known to */
    RECOMMEND_TOO_FEW  /* there were too few rounds for any verdict */
};

struct recommendation {
    enum recommend_kind kind;
    size_t best;   /* index of the contender; 0 unless BETTER */
    double rounds; /* UNCLEAR: about so many times as many would tell; INFINITY: too many */
};

/* After significance_adjust. Of those that are surely better than the first, and keep to the limits of GOAL, the best
 * is the one that is so by the most. What a program has of its own in place of the C library's malloc takes no settings
 * of that, and is never recommended. */
struct recommendation recommend(const struct comparison *comparison, const struct goal *goal);

/* The contender with the largest mean gain among those that could be BEST as well, where that is larger than BEST's,
 * which is surer; else 0. */
size_t recommend_larger(const struct comparison *comparison, const struct goal *goal, size_t best);

/* A figure's interval as log gains over the first: `low` is the bad end. False: there is none, and the mean alone is
 * good. */
struct recommend_gain {
    double mean, low, high;
};
bool recommend_gain(const struct comparison *comparison, size_t index, enum metric metric, struct recommend_gain *gain);

/* Whether a contender surely breaks a limit of GOAL. */
bool recommend_breaks_limit(const struct comparison *comparison, size_t index, const struct goal *goal);

#endif
