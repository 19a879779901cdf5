/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See allocators_table.h. */
#include "config.h"

#include "cli/report/allocators_table.h"

#include "cli/output/table.h"
#include "cli/report/cells.h"

static void add_row(struct table *table, const struct comparison *comparison, size_t index)
{
    char time[CELL], memory[CELL], cost[CELL];
    table_add(table, (const char *const[]){
                         comparison->entries[index].label, cell_figure(comparison, index, METRIC_TIME, time),
                         cell_figure(comparison, index, METRIC_PEAK_MEMORY, memory),
                         cell_figure(comparison, index, METRIC_COST, cost), cell_verdict(comparison, index)});
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
    static const char *const columns[] = {"Allocator", "Time", "Peak memory", "Cost", "Verdict", NULL};
    struct table *table = table_new(columns, "lrrrl");
    for (size_t i = 0; i < comparison->count; i++)
        add_row(table, comparison, i);
    table_print(table, stream, format, table_stream_width(stream));
    table_free(table);
    allocators_table_print_idle(stream, format, comparison, columns[0]);
}
