/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See cells.h. */
#include "config.h"

#include "cli/report/cells.h"

#include "cli/compare/significance.h"

#include <math.h>
#include <stdio.h>

/* Percentages of this ratio and more are no longer read as such. */
#define MANIFOLD 10

const char *cell_change(const struct comparison *comparison, size_t index, enum metric metric, bool as_speed,
                        char text[CELL])
{
    const struct comparison_entry *entry = &comparison->entries[index];
    const struct comparison_figure *figure = &entry->figure[metric];
    bool inverse = metric == METRIC_TIME && !as_speed;
    double ratio = inverse ? 1 / figure->ratio : figure->ratio, low = inverse ? 1 / figure->high : figure->low,
           high = inverse ? 1 / figure->low : figure->high;
    bool known = figure->has_interval && isfinite(high - low);
    if (!isfinite(ratio) || entry->failed || index == 0)
        snprintf(text, CELL, "-");
    else if (ratio >= MANIFOLD)
        snprintf(text, CELL, known ? "%.1fx ±%.1f" : "%.1fx", ratio, (high - low) / 2);
    else
        snprintf(text, CELL, known ? "%+.1f%% ±%.1f" : "%+.1f%%", 100 * (ratio - 1), 50 * (high - low));
    return text;
}

const char *cell_figure(const struct comparison *comparison, size_t index, enum metric metric, char text[CELL])
{
    const struct comparison_entry *entry = &comparison->entries[index];
    if (index > 0)
        return cell_change(comparison, index, metric, false, text);
    if (entry->failed)
        snprintf(text, CELL, "-");
    else
        metric_format(metric, entry->figure[metric].median, text, CELL);
    return text;
}

const char *cell_verdict(const struct comparison *comparison, size_t index)
{
    enum verdict verdict = verdict_of(comparison, index);
    if (verdict == VERDICT_NO_DIFFERENCE)
        return "no difference";
    return verdict == VERDICT_TOO_FEW ? "too few rounds" : verdict_text(comparison, verdict);
}

bool cell_is_known(const struct comparison *comparison, enum metric metric)
{
    for (size_t i = 0; i < comparison->count; i++)
        if (!comparison->entries[i].failed && comparison->entries[i].figure[metric].median > 0)
            return true;
    return false;
}
