/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See allocators_table.h. */
#include "config.h"

#include "cli/report/allocators_table.h"

#include "cli/compare/significance.h"
#include "cli/output/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Room for a figure. */
#define CELL 48

/* Names that are longer are cut: the table is to be pasted where lines are 80 columns. */
#define LONGEST_NAME 22

static const enum metric shown[] = {METRIC_TIME, METRIC_PEAK_MEMORY, METRIC_COST};
#define SHOWN (sizeof shown / sizeof *shown)

/* The change of a figure, with half of its interval; of the time itself, not of the speed. */
static void format_change(enum metric metric, const struct comparison_figure *figure, char *text)
{
    bool is_speed = metric == METRIC_TIME;
    double ratio = is_speed ? 1 / figure->ratio : figure->ratio, low = is_speed ? 1 / figure->high : figure->low,
           high = is_speed ? 1 / figure->low : figure->high;
    if (!isfinite(ratio))
        snprintf(text, CELL, "-");
    else if (figure->has_interval && isfinite(high - low))
        snprintf(text, CELL, "%+.1f%% ±%.1f", 100 * (ratio - 1), 50 * (high - low));
    else
        snprintf(text, CELL, "%+.1f%%", 100 * (ratio - 1));
}

/* Shorter than elsewhere. */
static const char *verdict_word(const struct comparison *comparison, size_t index)
{
    enum verdict verdict = verdict_of(comparison, index);
    if (verdict == VERDICT_NO_DIFFERENCE)
        return "no difference";
    return verdict == VERDICT_TOO_FEW ? "too few rounds" : verdict_text(comparison, verdict);
}

static void add_row(struct table *table, const struct comparison *comparison, size_t index)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    char name[LONGEST_NAME + 1], cells[SHOWN][CELL];
    snprintf(name, sizeof name, "%s", entry->label);
    for (size_t i = 0; i < SHOWN; i++) {
        const struct comparison_figure *figure = &entry->figure[shown[i]];
        if (entry->failed)
            snprintf(cells[i], CELL, "-");
        else if (index == 0)
            metric_format(shown[i], figure->median, cells[i], CELL);
        else
            format_change(shown[i], figure, cells[i]);
    }
    table_add(table, (const char *const[]){name, cells[0], cells[1], cells[2], verdict_word(comparison, index)});
}

void allocators_table_print(FILE *stream, const struct comparison *comparison)
{
    static const char *const columns[] = {"Allocator", "Time", "Peak memory", "Cost", "Verdict", NULL};
    struct table *table = table_new(columns, "lrrrl");
    for (size_t i = 0; i < comparison->count; i++)
        add_row(table, comparison, i);
    fprintf(stream, "%s (%u round%s on unseen seeds)\n", comparison->name, comparison->rounds,
            comparison->rounds == 1 ? "" : "s");
    table_print(table, stream, OUTPUT_TEXT, 0);
    table_free(table);
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->entries[i].failed)
            fprintf(stream, "%s\n", comparison->entries[i].message);
    fprintf(stream,
            "\nChanges are against the first, with half of the 95%% interval; verdicts are on %s, and corrected\n"
            "for the number of allocators.\n",
            metric_title(comparison->metrics, comparison->metric));
}
