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

/* The first one's own figure, of the others the change against it. */
static void format_figure(const struct comparison *comparison, size_t index, enum metric metric, char *text)
{
    const struct comparison_figure *figure = &comparison->entries[index].figure[metric];
    if (comparison->entries[index].failed)
        snprintf(text, CELL, "-");
    else if (index == 0)
        metric_format(metric, figure->median, text, CELL);
    else
        format_change(metric, figure, text);
}

static void add_row(struct table *table, const struct comparison *comparison, size_t index)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    char name[LONGEST_NAME + 1], cells[SHOWN][CELL];
    snprintf(name, sizeof name, "%s", entry->label);
    for (size_t i = 0; i < SHOWN; i++)
        format_figure(comparison, index, shown[i], cells[i]);
    table_add(table, (const char *const[]){name, cells[0], cells[1], cells[2], verdict_word(comparison, index)});
}

static bool is_known(const struct comparison *comparison, enum metric metric)
{
    for (size_t i = 0; i < comparison->count; i++)
        if (!comparison->entries[i].failed && comparison->entries[i].figure[metric].median > 0)
            return true;
    return false;
}

/* A server that was left without work has these. */
static void print_memory(FILE *stream, const struct comparison *comparison)
{
    static const char *const columns[] = {"Allocator", "Mean memory", "Memory after idle", NULL};
    static const enum metric metrics[] = {METRIC_MEAN_MEMORY, METRIC_IDLE_MEMORY};
    struct table *table = table_new(columns, "lrr");
    for (size_t i = 0; i < comparison->count; i++) {
        char name[LONGEST_NAME + 1], cells[2][CELL];
        snprintf(name, sizeof name, "%s", comparison->entries[i].label);
        for (size_t j = 0; j < 2; j++)
            format_figure(comparison, i, metrics[j], cells[j]);
        table_add(table, (const char *const[]){name, cells[0], cells[1]});
    }
    putc('\n', stream);
    table_print(table, stream, OUTPUT_TEXT, 0);
    table_free(table);
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
    if (is_known(comparison, METRIC_IDLE_MEMORY))
        print_memory(stream, comparison);
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->entries[i].failed)
            fprintf(stream, "%s\n", comparison->entries[i].message);
    fprintf(stream,
            "\nChanges are against the first, with half of the 95%% interval; verdicts are on %s, and corrected\n"
            "for the number of allocators.\n",
            metric_title(comparison->metrics, comparison->metric));
}
