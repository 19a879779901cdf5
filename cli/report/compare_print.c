/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See compare_print.h. */
#include "cli/report/compare_print.h"

#include "cli/compare/significance.h"
#include "cli/output/style.h"
#include "cli/output/table.h"
#include "cli/output/units.h"
#include "cli/report/compare_data.h"
#include "cli/report/compare_summary.h"
#include "cli/report/remark_words.h"
#include "cli/statistics/statistics.h"

#include <math.h>
#include <string.h>

/* Room for any number that is written here. */
#define CELL 40

/* --- for people --------------------------------------------------------------------------------------------------- */

static void format_ratio(const struct comparison_entry *entry, size_t index, char *gain, char *interval)
{
    char low[UNITS_TEXT], high[UNITS_TEXT];
    snprintf(gain, CELL, "-");
    snprintf(interval, CELL, "-");
    if (index == 0 || entry->seconds == 0)
        return;
    units_gain(entry->ratio, gain, CELL);
    if (entry->has_interval)
        snprintf(interval, CELL, "%s to %s", units_gain(entry->low, low, sizeof low),
                 units_gain(entry->high, high, sizeof high));
}

static void format_rate(const struct comparison_entry *entry, bool counts_operations, char *text)
{
    if (entry->seconds == 0)
        snprintf(text, CELL, "-");
    else if (counts_operations)
        snprintf(text, CELL, "%.1f", entry->million_operations);
    else
        snprintf(text, CELL, "%.3f", entry->seconds);
}

/* Whether memory was measured after an idle time too. */
static bool has_idle(const struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->entries[i].idle_resident)
            return true;
    return false;
}

static const char *format_bytes(uint64_t bytes, char *text)
{
    return bytes ? units_size(bytes, text, UNITS_TEXT) : "-";
}

/* "+12.3% ±0.4": the change in METRIC, with half of its interval. */
static const char *format_change(const struct comparison_entry *entry, enum metric metric, char *text)
{
    const struct comparison_figure *figure = &entry->figure[metric];
    if (!isfinite(figure->ratio) || entry->failed)
        snprintf(text, CELL, "-");
    else if (figure->has_interval)
        snprintf(text, CELL, "%+.1f%% ±%.1f", 100 * (figure->ratio - 1), 50 * (figure->high - figure->low));
    else
        snprintf(text, CELL, "%+.1f%%", 100 * (figure->ratio - 1));
    return text;
}

/* Better or worse than the baseline, where that is sure. */
static enum style style_of(const struct comparison *comparison, size_t index)
{
    enum verdict verdict = verdict_of(comparison, index);
    if (verdict != VERDICT_MORE && verdict != VERDICT_LESS)
        return STYLE_PLAIN;
    return verdict_worse_range(comparison, index).farther > 0 ? STYLE_BAD : STYLE_GOOD;
}

static void add_entry(struct table *table, const struct comparison *comparison, size_t index, bool can_color)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    char rate[CELL], gain[CELL], interval[CELL], resident[UNITS_TEXT], idle[UNITS_TEXT], memory[CELL], cost[CELL];
    char verdict[CELL];
    enum style style = style_of(comparison, index);
    snprintf(verdict, sizeof verdict, "%s%s%s", style_begin(style, can_color),
             verdict_text(comparison, verdict_of(comparison, index)), style_end(style, can_color));
    format_rate(entry, comparison->entries[0].million_operations > 0, rate);
    format_ratio(entry, index, gain, interval);
    table_add(table, (const char *const[]){
                         entry->label, rate, gain, interval, format_bytes(entry->peak_resident, resident),
                         format_change(entry, METRIC_PEAK_MEMORY, memory), format_change(entry, METRIC_COST, cost),
                         has_idle(comparison) ? format_bytes(entry->idle_resident, idle) : verdict, verdict});
}

static void print_messages(FILE *stream, const struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->entries[i].failed)
            fprintf(stream, "%s\n", comparison->entries[i].message);
}

static void print_one(FILE *stream, enum output_format format, const struct comparison *comparison)
{
    char versus[CELL + 16];
    snprintf(versus, sizeof versus, "%s vs. baseline", verdict_metric_name(comparison));
    bool counts_operations = comparison->entries[0].million_operations > 0;
    bool idle = has_idle(comparison);
    const char *const columns[] = {
        "Contender",
        counts_operations ? "M ops/s" : "Seconds",
        versus,
        "95% interval",
        "Peak resident",
        "vs. baseline",
        "Cost",
        idle ? "After idle" : "Verdict",
        idle ? "Verdict" : NULL,
        NULL,
    };
    struct table *table = table_new(columns, idle ? "lrrrrrrrl" : "lrrrrrrl");
    for (size_t i = 0; i < comparison->count; i++)
        add_entry(table, comparison, i, format == OUTPUT_TEXT && style_can_color(stream));
    fprintf(stream, format == OUTPUT_MARKDOWN ? "### %s (%u round%s)\n\n" : "%s (%u round%s)\n", comparison->name,
            comparison->rounds, comparison->rounds == 1 ? "" : "s");
    table_print(table, stream, format, 0);
    table_free(table);
    if (format == OUTPUT_MARKDOWN)
        fputc('\n', stream);
    print_messages(stream, comparison);
}

static bool has_too_few(const struct comparison *comparisons, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < comparisons[i].count && !comparisons[i].baseline_failed && !comparisons[i].interrupted;
             j++)
            if (verdict_of(&comparisons[i], j) == VERDICT_TOO_FEW)
                return true;
    return false;
}

/* Contenders that had to run one by one, and what would spare that. */
static void print_alone(FILE *stream, const struct comparison *comparison)
{
    struct remark remark = {.kind = REMARK_ALONE, .cause = comparison->alone_cause};
    char text[1024];
    if (!comparison->alone_because[0])
        return;
    snprintf(remark.message, sizeof remark.message, "%s", comparison->alone_because);
    fprintf(stream, "\n%s: %s.\n", comparison->name, remark_describe(&remark, text, sizeof text));
}

static void print_remarks(FILE *stream, const struct comparison *comparisons, size_t count)
{
    if (count > 1 || comparisons[0].count > 2)
        fputs("\nVerdicts are corrected for the number of comparisons; intervals are each contender's own.\n", stream);
    for (size_t i = 0; i < count; i++)
        if (comparisons[i].has_no_room)
            fprintf(stream,
                    "\n%s: memory does not suffice for all contenders at once: they ran one after the other, as with "
                    "--interleave run.\n",
                    comparisons[i].name);
    for (size_t i = 0; i < count; i++)
        print_alone(stream, &comparisons[i]);
    if (has_too_few(comparisons, count))
        fprintf(stream, "\nA verdict needs at least %d rounds: give a longer --budget, or more --rounds.\n",
                STATISTICS_LEAST_PAIRS);
}

static void print_for_people(FILE *stream, enum output_format format, const struct comparison *comparisons,
                             size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            fputc('\n', stream);
        print_one(stream, format, &comparisons[i]);
    }
    compare_summary_print(stream, format, comparisons, count);
    print_remarks(stream, comparisons, count);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

void compare_print(FILE *stream, enum output_format format, const struct comparison *comparisons, size_t count)
{
    if (format == OUTPUT_JSON)
        compare_data_json(stream, comparisons, count);
    else if (format == OUTPUT_CSV)
        compare_data_csv(stream, comparisons, count);
    else
        print_for_people(stream, format, comparisons, count);
}
