/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See compare_data.h. */
#include "config.h"

#include "cli/report/compare_data.h"

#include "cli/compare/significance.h"
#include "cli/output/json.h"
#include "cli/output/memory.h"
#include "cli/output/table.h"
#include "cli/report/compare_summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Room for any number that is written here. */
#define CELL 40

/* --- CSV ---------------------------------------------------------------------------------------------------------- */

/* Columns that come first, and for each metric. */
#define FIRST_COLUMNS 13
#define METRIC_COLUMNS 4
#define MOST_COLUMNS (FIRST_COLUMNS + METRIC_COLUMNS * METRICS + COMPARE_DATA_MOST_MORE)

/* A row as it is made. */
struct row {
    char cells[MOST_COLUMNS][CELL];
    const char *list[MOST_COLUMNS + 1];
    size_t count;
};

static void add_text(struct row *row, const char *text)
{
    row->list[row->count++] = text;
}

static void __attribute__((format(printf, 3, 4))) add_number(struct row *row, bool known, const char *format, ...)
{
    char *cell = row->cells[row->count];
    cell[0] = '\0';
    va_list arguments;
    va_start(arguments, format);
    if (known)
        vsnprintf(cell, CELL, format, arguments);
    va_end(arguments);
    add_text(row, cell);
}

/* Whether any contender has a figure. */
static bool is_known(const struct comparison *comparisons, size_t count, enum metric metric)
{
    for (size_t i = 0; i < count && metric_exists(comparisons[0].metrics, metric); i++)
        for (size_t j = 0; j < comparisons[i].count; j++)
            if (isfinite(comparisons[i].entries[j].figure[metric].median) && comparisons[i].entries[j].seconds > 0)
                return true;
    return false;
}

/* By name, with "_ratio" and its interval; a time has one of times here, not of speeds. */
static void add_headings(struct row *row, const char *name)
{
    static const char *const endings[METRIC_COLUMNS] = {"", "_ratio", "_ratio_low", "_ratio_high"};
    for (size_t i = 0; i < METRIC_COLUMNS; i++)
        add_number(row, true, "%.24s%s", name, endings[i]);
}

static struct table *make_table(const struct comparison *comparisons, size_t count,
                                const struct compare_data_more *more)
{
    static const char *const first[FIRST_COLUMNS] = {"workload",
                                                     "contender",
                                                     "rounds",
                                                     "million_operations_per_second",
                                                     "seconds",
                                                     "ratio",
                                                     "ratio_low",
                                                     "ratio_high",
                                                     "p_value",
                                                     "peak_resident_bytes",
                                                     "idle_resident_bytes",
                                                     "verdict",
                                                     "message"};
    struct row *row = must_have(calloc(1, sizeof *row));
    char alignment[MOST_COLUMNS + 1];
    for (size_t i = 0; i < FIRST_COLUMNS; i++)
        add_text(row, first[i]);
    for (enum metric metric = 0; metric < METRICS; metric++)
        if (is_known(comparisons, count, metric))
            add_headings(row, metric_name(comparisons[0].metrics, metric));
    for (size_t i = 0; more && more->columns[i]; i++)
        add_text(row, more->columns[i]);
    memset(alignment, 'l', row->count);
    alignment[row->count] = '\0';
    struct table *table = table_new(row->list, alignment);
    free(row);
    return table;
}

static void add_figure(struct row *row, enum metric metric, const struct comparison_figure *figure)
{
    bool is_speed = metric == METRIC_TIME, known = figure->has_interval;
    add_number(row, isfinite(figure->median), "%.9g", figure->median);
    add_number(row, isfinite(figure->ratio), "%.5f", is_speed ? 1 / figure->ratio : figure->ratio);
    add_number(row, known, "%.5f", is_speed ? 1 / figure->high : figure->low);
    add_number(row, known, "%.5f", is_speed ? 1 / figure->low : figure->high);
}

static void add_row(struct table *table, const struct comparison *comparisons, size_t count, size_t i, size_t j,
                    const struct compare_data_more *more)
{
    const struct comparison_entry *entry = &comparisons[i].entries[j];
    struct row *row = must_have(calloc(1, sizeof *row));
    add_text(row, comparisons[i].name);
    add_text(row, entry->label);
    add_number(row, true, "%u", comparisons[i].rounds);
    add_number(row, entry->million_operations > 0, "%.3f", entry->million_operations);
    add_number(row, entry->seconds > 0, "%.6f", entry->seconds);
    add_number(row, entry->seconds > 0, "%.5f", entry->ratio);
    add_number(row, entry->has_interval, "%.5f", entry->low);
    add_number(row, entry->has_interval, "%.5f", entry->high);
    add_number(row, entry->has_interval, "%.5f", entry->p_value);
    add_number(row, entry->peak_resident, "%" PRIu64, entry->peak_resident);
    add_number(row, entry->idle_resident, "%" PRIu64, entry->idle_resident);
    add_text(row, verdict_text(&comparisons[i], verdict_of(&comparisons[i], j)));
    add_text(row, entry->message);
    for (enum metric metric = 0; metric < METRICS; metric++)
        if (is_known(comparisons, count, metric))
            add_figure(row, metric, &entry->figure[metric]);
    for (size_t column = 0; more && more->columns[column]; column++)
        add_text(row, more->cell(more->context, j, column));
    table_add(table, row->list);
    free(row);
}

void compare_data_csv(FILE *stream, const struct comparison *comparisons, size_t count,
                      const struct compare_data_more *more)
{
    struct table *table = make_table(comparisons, count, more);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < comparisons[i].count; j++)
            add_row(table, comparisons, count, i, j, more);
    table_print(table, stream, OUTPUT_CSV, 0);
    table_free(table);
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

/* All metrics that are known; ratios are of figures, of time too. */
static json_t *json_figures(const struct comparison *comparison, const struct comparison_entry *entry)
{
    json_t *object = json_object();
    for (enum metric metric = 0; metric < METRICS && metric_exists(comparison->metrics, metric); metric++) {
        const struct comparison_figure *figure = &entry->figure[metric];
        bool is_speed = metric == METRIC_TIME, known = figure->has_interval;
        if (!isfinite(figure->median))
            continue;
        json_object_set_new(object, metric_name(comparison->metrics, metric),
                            json_pack("{s:o, s:o, s:o, s:o, s:o}", "median", json_finite(figure->median), "ratio",
                                      json_finite(is_speed ? 1 / figure->ratio : figure->ratio), "ratio_low",
                                      json_real_or_null(known, is_speed ? 1 / figure->high : figure->low), "ratio_high",
                                      json_real_or_null(known, is_speed ? 1 / figure->low : figure->high), "p_value",
                                      json_real_or_null(known, figure->p_value)));
    }
    return object;
}

static json_t *json_entry(const struct comparison *comparison, size_t index)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    bool measured = entry->seconds > 0, interval = entry->has_interval;
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "contender", json_text(entry->label),
        "million_operations_per_second", json_real_or_null(entry->million_operations > 0, entry->million_operations),
        "seconds", json_real_or_null(measured, entry->seconds), "ratio", json_real_or_null(measured, entry->ratio),
        "ratio_low", json_real_or_null(interval, entry->low), "ratio_high", json_real_or_null(interval, entry->high),
        "p_value", json_real_or_null(interval, entry->p_value), "peak_resident_bytes",
        entry->peak_resident ? json_integer((json_int_t)entry->peak_resident) : json_null(), "idle_resident_bytes",
        entry->idle_resident ? json_integer((json_int_t)entry->idle_resident) : json_null(), "verdict",
        verdict_text(comparison, verdict_of(comparison, index)), "message",
        entry->message[0] ? json_text(entry->message) : json_null(), "metrics", json_figures(comparison, entry));
}

json_t *compare_data_object(const struct comparison *comparisons, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *entries = json_array();
        for (size_t j = 0; j < comparisons[i].count; j++)
            json_array_append_new(entries, json_entry(&comparisons[i], j));
        json_array_append_new(list, json_pack("{s:o, s:i, s:s, s:b, s:o, s:o, s:o}", "workload",
                                              json_text(comparisons[i].name), "rounds", (int)comparisons[i].rounds,
                                              "interleave", comparisons[i].interleave == RACE_RUNS ? "run" : "slice",
                                              "interrupted", comparisons[i].interrupted, "contenders", entries,
                                              "best_other", compare_summary_best(&comparisons[i]), "leanest_other",
                                              compare_summary_leanest(&comparisons[i])));
    }
    const char *metric = metric_name(comparisons[0].metrics, comparisons[0].metric);
    return json_pack("{s:s, s:o, s:o}", "metric", metric, "comparisons", list, "geometric_means",
                     compare_summary_means(comparisons, count));
}

void compare_data_json(FILE *stream, const struct comparison *comparisons, size_t count)
{
    output_json(stream, compare_data_object(comparisons, count));
}
