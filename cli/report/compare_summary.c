/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See compare_summary.h. */
#include "cli/report/compare_summary.h"

#include "cli/compare/significance.h"
#include "cli/output/table.h"
#include "cli/output/units.h"

#include <string.h>

/* Room for any number that is written here. */
#define CELL 40

static void print_heading(FILE *stream, enum output_format format, const char *text, size_t count)
{
    fprintf(stream, format == OUTPUT_MARKDOWN ? "### %s of %zu workload%s\n\n" : "\n%s of %zu workload%s\n", text,
            count, count == 1 ? "" : "s");
}

/* --- against the best --------------------------------------------------------------------------------------------- */

static void format_versus(const struct versus *versus, char *ratio, char *interval)
{
    snprintf(ratio, CELL, "%.3fx", versus->ratio);
    if (versus->has_interval)
        snprintf(interval, CELL, "%.3f to %.3f", versus->low, versus->high);
}

static void add_best(struct table *table, const struct comparison *comparison)
{
    struct versus best, leanest;
    char ratio[CELL] = "-", interval[CELL] = "-", resident[UNITS_TEXT] = "-", resident_ratio[CELL] = "-";
    const char *best_label = "-", *leanest_label = "-";
    if (verdict_best_other(comparison, &best)) {
        best_label = best.label;
        format_versus(&best, ratio, interval);
    }
    if (comparison->entries[0].peak_resident)
        units_size(comparison->entries[0].peak_resident, resident, sizeof resident);
    if (verdict_leanest_other(comparison, &leanest)) {
        leanest_label = leanest.label;
        snprintf(resident_ratio, sizeof resident_ratio, "%.3fx", leanest.ratio);
    }
    table_add(table, (const char *const[]){comparison->name, best_label, ratio, interval, resident, leanest_label,
                                           resident_ratio});
}

static void print_best(FILE *stream, enum output_format format, const struct comparison *comparisons, size_t count)
{
    char heading[CELL * 2];
    const char *const columns[] = {
        "Workload",       comparisons[0].metric == METRIC_PEAK_MEMORY ? "Smallest other" : "Best other",
        "Baseline to it", "95% interval",
        "Peak resident",  "Leanest other",
        "Baseline to it", NULL};
    struct table *table = table_new(columns, "llrrrlr");
    for (size_t i = 0; i < count; i++)
        add_best(table, &comparisons[i]);
    snprintf(heading, sizeof heading, "%.40s against the best other", comparisons[0].entries[0].label);
    print_heading(stream, format, heading, count);
    table_print(table, stream, format, table_stream_width(stream));
    table_free(table);
    if (format == OUTPUT_MARKDOWN)
        fputc('\n', stream);
}

/* --- means -------------------------------------------------------------------------------------------------------- */

static void add_mean(struct table *table, const struct comparison *comparisons, size_t count, size_t index)
{
    struct mean_ratio mean;
    double resident;
    char gain[UNITS_TEXT] = "-", interval[CELL] = "-", low[UNITS_TEXT], high[UNITS_TEXT], memory[UNITS_TEXT] = "-";
    if (verdict_mean(comparisons, count, index, &mean)) {
        units_gain(mean.ratio, gain, sizeof gain);
        if (mean.has_interval)
            snprintf(interval, sizeof interval, "%s to %s", units_gain(mean.low, low, sizeof low),
                     units_gain(mean.high, high, sizeof high));
    }
    if (verdict_mean_resident(comparisons, count, index, &resident))
        units_gain(resident, memory, sizeof memory);
    table_add(table, (const char *const[]){comparisons[0].entries[index].label, gain, interval, memory});
}

static void print_means(FILE *stream, enum output_format format, const struct comparison *comparisons, size_t count)
{
    char versus[CELL + 16];
    snprintf(versus, sizeof versus, "%s vs. baseline", verdict_metric_name(&comparisons[0]));
    const char *const columns[] = {"Contender", versus, "95% interval", "Memory vs. baseline", NULL};
    struct table *table = table_new(columns, "lrrr");
    for (size_t i = 1; i < comparisons[0].count; i++)
        add_mean(table, comparisons, count, i);
    print_heading(stream, format, "Geometric mean", verdict_measured(comparisons, count));
    table_print(table, stream, format, table_stream_width(stream));
    table_free(table);
}

void compare_summary_print(FILE *stream, enum output_format format, const struct comparison *comparisons, size_t count)
{
    if (comparisons[0].count > 2)
        print_best(stream, format, comparisons, count);
    if (count > 1)
        print_means(stream, format, comparisons, count);
}

/* --- for programs ------------------------------------------------------------------------------------------------- */

/* As everywhere in JSON, the other's figure to the baseline's; the table has it the other way round. */
static json_t *json_versus(const struct versus *versus)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "contender", json_text(versus->label), "ratio",
                     json_real_or_null(true, 1 / versus->ratio), "ratio_low",
                     json_real_or_null(versus->has_interval, 1 / versus->high), "ratio_high",
                     json_real_or_null(versus->has_interval, 1 / versus->low));
}

json_t *compare_summary_best(const struct comparison *comparison)
{
    struct versus versus;
    return verdict_best_other(comparison, &versus) ? json_versus(&versus) : json_null();
}

json_t *compare_summary_leanest(const struct comparison *comparison)
{
    struct versus versus;
    return verdict_leanest_other(comparison, &versus) ? json_versus(&versus) : json_null();
}

json_t *compare_summary_means(const struct comparison *comparisons, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 1; i < comparisons[0].count; i++) {
        struct mean_ratio mean;
        double resident;
        if (!verdict_mean(comparisons, count, i, &mean))
            continue;
        bool known = verdict_mean_resident(comparisons, count, i, &resident);
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:o}", "contender",
                                              json_text(comparisons[0].entries[i].label), "ratio",
                                              json_real_or_null(true, mean.ratio), "ratio_low",
                                              json_real_or_null(mean.has_interval, mean.low), "ratio_high",
                                              json_real_or_null(mean.has_interval, mean.high), "peak_resident_ratio",
                                              json_real_or_null(known, resident)));
    }
    return list;
}
