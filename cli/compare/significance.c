/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See significance.h. */
#include "cli/compare/significance.h"

#include "cli/output/memory.h"
#include "cli/statistics/statistics.h"

#include <math.h>
#include <stdlib.h>

void significance_adjust(struct comparison *comparisons, size_t count)
{
    double *p_values = must_have(malloc(count * RACE_MAX_CONTENDERS * sizeof *p_values));
    size_t used = 0, taken = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 1; j < comparisons[i].count; j++)
            if (comparisons[i].entries[j].has_interval)
                p_values[used++] = comparisons[i].entries[j].p_value;
    statistics_holm(p_values, used);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 1; j < comparisons[i].count; j++)
            if (comparisons[i].entries[j].has_interval)
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
    bool holds_one = entry->low <= 1 && entry->high >= 1; /* where test and interval disagree, nothing is claimed */
    if (holds_one || entry->p_value >= STATISTICS_SIGNIFICANCE)
        return VERDICT_NO_DIFFERENCE;
    return entry->ratio > 1 ? VERDICT_MORE : VERDICT_LESS;
}

bool verdict_more_is_better(const struct comparison *comparison)
{
    return comparison->metric == METRIC_TIME || metric_more_is_better(comparison->metrics, comparison->metric);
}

/* What more, or less, of the metric is called; of time it is a speed. */
static const char *word_of_difference(const struct comparison *comparison, bool is_more)
{
    if (comparison->metric == METRIC_TIME)
        return is_more ? "faster" : "slower";
    if (comparison->metric == METRIC_COST)
        return is_more ? "dearer" : "cheaper";
    if (comparison->metric < METRIC_OWN && metric_unit(comparison->metric) == METRIC_BYTES)
        return is_more ? "larger" : "smaller";
    return is_more == verdict_more_is_better(comparison) ? "better" : "worse";
}

const char *verdict_text(const struct comparison *comparison, enum verdict verdict)
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
        return word_of_difference(comparison, true);
    case VERDICT_LESS:
        return word_of_difference(comparison, false);
    }
    return "";
}

struct worse_range verdict_worse_range(const struct comparison *comparison, size_t index)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    if (!verdict_more_is_better(comparison))
        return (struct worse_range){100 * (entry->low - 1), 100 * (entry->high - 1)};
    return (struct worse_range){100 * (1 - entry->high), 100 * (1 - entry->low)};
}

enum worse verdict_worse(const struct comparison *comparison, size_t index, double percent)
{
    enum verdict verdict = verdict_of(comparison, index),
                 worse = verdict_more_is_better(comparison) ? VERDICT_LESS : VERDICT_MORE;
    if (verdict == VERDICT_BASELINE || verdict == VERDICT_FAILED)
        return WORSE_NO;
    if (verdict == VERDICT_TOO_FEW)
        return WORSE_UNCLEAR;
    struct worse_range range = verdict_worse_range(comparison, index);
    if (range.farther <= percent)
        return WORSE_NO;
    return verdict == worse && range.nearer > percent ? WORSE_YES : WORSE_UNCLEAR;
}

static bool was_measured(const struct comparison_entry *entry)
{
    return !entry->failed && entry->seconds > 0;
}

/* Comparisons are independent, so half widths of logarithms add up in squares. */
bool verdict_mean(const struct comparison *comparisons, size_t count, size_t index, struct mean_ratio *mean)
{
    double sum = 0, squares = 0;
    size_t used = 0, intervals = 0;
    for (size_t i = 0; i < count; i++) {
        const struct comparison_entry *entry = &comparisons[i].entries[index];
        if (comparisons[i].rounds == 0)
            continue;
        if (!was_measured(entry))
            return false;
        double half = entry->has_interval ? log(entry->high / entry->low) / 2 : 0;
        sum += log(entry->ratio);
        squares += half * half;
        intervals += entry->has_interval;
        used++;
    }
    if (used == 0)
        return false;
    double centre = sum / (double)used, half = sqrt(squares) / (double)used;
    *mean = (struct mean_ratio){exp(centre), exp(centre - half), exp(centre + half), intervals == used};
    return true;
}

size_t verdict_measured(const struct comparison *comparisons, size_t count)
{
    size_t measured = 0;
    for (size_t i = 0; i < count; i++)
        measured += comparisons[i].rounds > 0;
    return measured;
}

const char *verdict_metric_name(const struct comparison *comparison)
{
    if (comparison->metric == METRIC_TIME)
        return "speed";
    return comparison->metric == METRIC_PEAK_MEMORY ? "peak resident"
                                                    : metric_title(comparison->metrics, comparison->metric);
}

static bool is_better(const struct comparison *comparison, const struct comparison_entry *entry,
                      const struct comparison_entry *than)
{
    return verdict_more_is_better(comparison) ? entry->ratio > than->ratio : entry->ratio < than->ratio;
}

bool verdict_best_other(const struct comparison *comparison, struct versus *versus)
{
    const struct comparison_entry *best = NULL;
    for (size_t i = 1; i < comparison->count; i++) {
        const struct comparison_entry *entry = &comparison->entries[i];
        if (was_measured(entry) && (!best || is_better(comparison, entry, best)))
            best = entry;
    }
    if (!best)
        return false;
    *versus = (struct versus){best->label, 1 / best->ratio, 1 / best->high, 1 / best->low, best->has_interval};
    return true;
}

bool verdict_leanest_other(const struct comparison *comparison, struct versus *versus)
{
    const struct comparison_entry *least = NULL, *own = &comparison->entries[0];
    for (size_t i = 1; i < comparison->count; i++) {
        const struct comparison_entry *entry = &comparison->entries[i];
        if (!entry->failed && entry->peak_resident && (!least || entry->peak_resident < least->peak_resident))
            least = entry;
    }
    if (!least || !own->peak_resident)
        return false;
    double ratio = (double)own->peak_resident / (double)least->peak_resident;
    *versus = (struct versus){least->label, ratio, ratio, ratio, false};
    return true;
}

bool verdict_mean_resident(const struct comparison *comparisons, size_t count, size_t index, double *mean)
{
    double sum = 0;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const struct comparison_entry *entry = &comparisons[i].entries[index], *own = &comparisons[i].entries[0];
        if (comparisons[i].rounds == 0)
            continue;
        if (entry->failed || !entry->peak_resident || !own->peak_resident)
            return false;
        sum += log((double)entry->peak_resident / (double)own->peak_resident);
        used++;
    }
    *mean = exp(sum / (double)used);
    return used > 0;
}
