/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See compare_gate.h. */
#include "cli/verbs/compare_gate.h"

#include "cli/compare/significance.h"
#include "cli/options/table.h"
#include "cli/statistics/statistics.h"

#include <stdio.h>

#define EXIT_WORSE 4

static void tell_worse(const struct comparison *comparison, size_t index, double percent)
{
    struct worse_range range = verdict_worse_range(comparison, index);
    const char *word = verdict_text(comparison, verdict_of(comparison, index));
    fprintf(stderr, "hakmem-tune: compare: %s is %s than %s by %.1f%% to %.1f%% on %s, more than --fail-if-worse %g\n",
            comparison->entries[index].label, word, comparison->entries[0].label, range.nearer, range.farther,
            comparison->name, percent);
}

static void tell_unclear(const struct comparison *comparison, size_t index, double percent)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    fprintf(stderr, "hakmem-tune: compare: whether %s is worse than %s by more than %g%% on %s could not be told: ",
            entry->label, comparison->entries[0].label, percent, comparison->name);
    if (entry->has_interval)
        fprintf(stderr, "%s %+.1f%% to %+.1f%%", verdict_metric_name(comparison), 100 * (entry->low - 1),
                100 * (entry->high - 1));
    else
        fprintf(stderr, "%u rounds of the %d that a verdict needs", comparison->rounds, STATISTICS_LEAST_PAIRS);
    fputs("; give a longer --budget, or more --rounds\n", stderr);
}

int compare_gate(const struct options *options, const struct comparison *comparisons, size_t count)
{
    int status = 0;
    if (!option_given(options, fail_if_worse))
        return 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 1; j < comparisons[i].count; j++) {
            enum worse worse = verdict_worse(&comparisons[i], j, options->fail_if_worse);
            if (worse == WORSE_YES) {
                tell_worse(&comparisons[i], j, options->fail_if_worse);
                status = EXIT_WORSE;
            } else if (worse == WORSE_UNCLEAR) {
                tell_unclear(&comparisons[i], j, options->fail_if_worse);
            }
        }
    }
    return status;
}
