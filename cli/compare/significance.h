/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comparisons amount to: significance over all of them together, and means over several workloads. Below this
 * file: comparison. */
#ifndef HAK_COMPARE_SIGNIFICANCE_H
#define HAK_COMPARE_SIGNIFICANCE_H

#include "cli/compare/comparison.h"

enum verdict { VERDICT_BASELINE, VERDICT_FAILED, VERDICT_TOO_FEW, VERDICT_NO_DIFFERENCE, VERDICT_MORE, VERDICT_LESS };

/* Adjusts the p values of all contenders in all COMPARISONS together (Holm), so that the chance of any false claim in
 * the whole output is at most 5 %. To be called once. */
void significance_adjust(struct comparison *comparisons, size_t count);

/* After significance_adjust: more or less of the metric than the baseline. */
enum verdict verdict_of(const struct comparison *comparison, size_t index);

/* "faster", "smaller", "no significant difference", ... */
const char *verdict_text(const struct comparison *comparison, enum verdict verdict);

/* Whether a ratio above 1 is the better one. */
bool verdict_more_is_better(const struct comparison *comparison);

/* Whether a contender is worse than the baseline by more than PERCENT of its speed or memory. WORSE_YES: its verdict
 * says that it is worse, and the nearer end of its interval is beyond. WORSE_UNCLEAR: the interval reaches beyond, or
 * there is none. After significance_adjust. */
enum worse { WORSE_NO, WORSE_UNCLEAR, WORSE_YES };
enum worse verdict_worse(const struct comparison *comparison, size_t index, double percent);

/* By how many percent each end of a contender's interval is worse than the baseline; below 0: better. */
struct worse_range {
    double nearer, farther;
};
struct worse_range verdict_worse_range(const struct comparison *comparison, size_t index);

/* How many of the comparisons have a round at all: an interruption, or a budget that is too short, leaves some without.
 */
size_t verdict_measured(const struct comparison *comparisons, size_t count);

/* What ratios are of: "speed", "peak resident", "cost". */
const char *verdict_metric_name(const struct comparison *comparison);

/* Geometric mean of one contender's ratios over all comparisons that have a round, with its interval where all of them
 * have one. False: it was not measured in all. */
struct mean_ratio {
    double ratio, low, high;
    bool has_interval;
};
bool verdict_mean(const struct comparison *comparisons, size_t count, size_t index, struct mean_ratio *mean);

/* The same of peak resident memory, without an interval. False: it is not known in all. */
bool verdict_mean_resident(const struct comparison *comparisons, size_t count, size_t index, double *mean);

/* The baseline's metric or memory as a multiple of another contender's. */
struct versus {
    const char *label; /* the other's */
    double ratio, low, high;
    bool has_interval;
};
/* Against the best of the others by the metric. False: no other has been measured. */
bool verdict_best_other(const struct comparison *comparison, struct versus *versus);
/* Against the one of the others with the least peak resident memory. False: it is not known. */
bool verdict_leanest_other(const struct comparison *comparison, struct versus *versus);

#endif
