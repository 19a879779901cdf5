/* What comparisons amount to: significance over all of them together, and means over several workloads. Below this file: comparison. */
#ifndef HAK_COMPARE_VERDICT_H
#define HAK_COMPARE_VERDICT_H

#include "cli/compare/comparison.h"

enum verdict { VERDICT_BASELINE, VERDICT_FAILED, VERDICT_TOO_FEW, VERDICT_NO_DIFFERENCE, VERDICT_MORE, VERDICT_LESS };

/* Adjusts the p values of all contenders in all COMPARISONS together (Holm), so that the chance of any false claim in the whole output is
 * at most 5 %. To be called once. */
void verdicts_adjust(struct comparison *comparisons, size_t count);

/* After verdicts_adjust: more or less of the metric than the baseline. */
enum verdict verdict_of(const struct comparison *comparison, size_t index);

/* "faster", "smaller", "no significant difference", ... */
const char *verdict_text(enum comparison_metric metric, enum verdict verdict);

/* Geometric mean of one contender's ratios over all comparisons, with its interval. False: it has not taken part in all. */
struct mean_ratio {
    double ratio, low, high;
};
bool verdict_mean(const struct comparison *comparisons, size_t count, size_t index, struct mean_ratio *mean);

#endif
