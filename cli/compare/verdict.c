/* See verdict.h. */
#include "cli/compare/verdict.h"

#include "cli/tune/statistics.h"

#include <math.h>
#include <stdlib.h>

static bool counts(const struct comparison *comparison, size_t index)
{
    return index > 0 && comparison->entries[index].has_interval;
}

void verdicts_adjust(struct comparison *comparisons, size_t count)
{
    double *p_values = malloc(count * TRIAL_MAX_CONTENDERS * sizeof *p_values);
    size_t used = 0, taken = 0;
    if (!p_values)
        abort();
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < comparisons[i].count; j++)
            if (counts(&comparisons[i], j))
                p_values[used++] = comparisons[i].entries[j].p_value;
    statistics_holm(p_values, used);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < comparisons[i].count; j++)
            if (counts(&comparisons[i], j))
                comparisons[i].entries[j].p_value = p_values[taken++];
    free(p_values);
}

enum verdict verdict_of(const struct comparison *comparison, size_t index)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    if (entry->failed)
        return VERDICT_FAILED;
    if (index == 0)
        return VERDICT_BASELINE;
    if (!entry->has_interval)
        return VERDICT_TOO_FEW;
    if (entry->p_value >= STATISTICS_SIGNIFICANCE)
        return VERDICT_NO_DIFFERENCE;
    return entry->ratio > 1 ? VERDICT_MORE : VERDICT_LESS;
}

const char *verdict_text(enum comparison_metric metric, enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_BASELINE:
        return "baseline";
    case VERDICT_FAILED:
        return "failed";
    case VERDICT_TOO_FEW:
        return "too few rounds to tell";
    case VERDICT_NO_DIFFERENCE:
        return "no significant difference";
    case VERDICT_MORE:
        return metric == COMPARE_RSS ? "larger" : "faster";
    case VERDICT_LESS:
        return metric == COMPARE_RSS ? "smaller" : "slower";
    }
    return "";
}

/* Comparisons are independent, so half widths of logarithms add up in squares. */
bool verdict_mean(const struct comparison *comparisons, size_t count, size_t index, struct mean_ratio *mean)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        const struct comparison_entry *entry = &comparisons[i].entries[index];
        if (!counts(&comparisons[i], index) || entry->failed)
            return false;
        double half = log(entry->high / entry->low) / 2;
        sum += log(entry->ratio);
        squares += half * half;
    }
    double centre = sum / (double)count, half = sqrt(squares) / (double)count;
    *mean = (struct mean_ratio){exp(centre), exp(centre - half), exp(centre + half)};
    return true;
}
