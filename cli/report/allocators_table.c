/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See allocators_table.h. */
#include "config.h"

#include "cli/report/allocators_table.h"

#include "cli/output/table.h"
#include "cli/report/cells.h"

#include <ctype.h>
#include <stdbool.h>

/* What has a column always. */
static const enum metric usual[] = {METRIC_TIME, METRIC_PEAK_MEMORY, METRIC_COST};
#define USUAL (sizeof usual / sizeof *usual)
#define MOST_COLUMNS (USUAL + 4) /* with the names, what the verdicts are about, the verdicts, and NULL */

static bool is_usual(enum metric metric)
{
    for (size_t i = 0; i < USUAL; i++)
        if (usual[i] == metric)
            return true;
    return false;
}

static void add_row(struct table *table, const struct comparison *comparison, size_t index)
{
    char text[MOST_COLUMNS][CELL];
    const char *cells[MOST_COLUMNS] = {comparison->entries[index].label};
    size_t count = 1;
    if (!is_usual(comparison->metric)) {
        cells[count] = cell_figure(comparison, index, comparison->metric, text[count]);
        count++;
    }
    for (size_t i = 0; i < USUAL; i++, count++)
        cells[count] = cell_figure(comparison, index, usual[i], text[count]);
    cells[count] = cell_verdict(comparison, index);
    table_add(table, cells);
}

void allocators_table_print_idle(FILE *stream, enum output_format format, const struct comparison *comparison,
                                 const char *heading)
{
    const char *const columns[] = {heading, "Mean memory", "Memory after idle", NULL};
    if (!cell_is_known(comparison, METRIC_IDLE_MEMORY))
        return;
    struct table *table = table_new(columns, "lrr");
    for (size_t i = 0; i < comparison->count; i++) {
        char mean[CELL], idle[CELL];
        table_add(table, (const char *const[]){comparison->entries[i].label,
                                               cell_figure(comparison, i, METRIC_MEAN_MEMORY, mean),
                                               cell_figure(comparison, i, METRIC_IDLE_MEMORY, idle)});
    }
    putc('\n', stream);
    table_print(table, stream, format, table_stream_width(stream));
    table_free(table);
}

void allocators_table_print(FILE *stream, enum output_format format, const struct comparison *comparison)
{
    static const char *const headings[USUAL] = {"Time", "Peak memory", "Cost"};
    char objective[CELL];
    const char *columns[MOST_COLUMNS] = {"Allocator"};
    size_t count = 1;
    snprintf(objective, sizeof objective, "%s", metric_title(comparison->metrics, comparison->metric));
    objective[0] = (char)toupper((unsigned char)objective[0]);
    if (!is_usual(comparison->metric))
        columns[count++] = objective;
    for (size_t i = 0; i < USUAL; i++)
        columns[count++] = headings[i];
    columns[count] = "Verdict";
    struct table *table = table_new(columns, is_usual(comparison->metric) ? "lrrrl" : "lrrrrl");
    for (size_t i = 0; i < comparison->count; i++)
        add_row(table, comparison, i);
    table_print(table, stream, format, table_stream_width(stream));
    table_free(table);
    allocators_table_print_idle(stream, format, comparison, columns[0]);
}
