/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See compare_print.h. */
#include "config.h"

#include "cli/report/compare_print.h"

#include "cli/compare/significance.h"
#include "cli/output/style.h"
#include "cli/output/table.h"
#include "cli/output/units.h"
#include "cli/report/allocators_table.h"
#include "cli/report/cells.h"
#include "cli/report/compare_data.h"
#include "cli/report/compare_summary.h"
#include "cli/report/remark_words.h"
#include "cli/statistics/statistics.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

/* Room for a line below the tables. */
#define LONGEST_REMARK 2048

/* --- within 80 columns -------------------------------------------------------------------------------------------- */

/* Better or worse than the baseline, where that is sure. */
static enum style style_of(const struct comparison *comparison, size_t index)
{
    enum verdict verdict = verdict_of(comparison, index);
    if (verdict != VERDICT_MORE && verdict != VERDICT_LESS)
        return STYLE_PLAIN;
    return verdict_worse_range(comparison, index).farther > 0 ? STYLE_BAD : STYLE_GOOD;
}

static bool counts_operations(const struct comparison *comparison)
{
    return comparison->entries[0].million_operations > 0;
}

static const char *format_rate(const struct comparison *comparison, size_t index, char text[CELL])
{
    const struct comparison_entry *entry = &comparison->entries[index];
    if (entry->seconds == 0)
        snprintf(text, CELL, "-");
    else if (counts_operations(comparison))
        snprintf(text, CELL, "%.1f", entry->million_operations);
    else
        snprintf(text, CELL, "%.3f", entry->seconds);
    return text;
}

/* Of what the verdict is about: of time the change of the speed. */
static const char *format_objective(const struct comparison *comparison, size_t index, char text[CELL])
{
    return comparison->metric == METRIC_TIME ? cell_change(comparison, index, METRIC_TIME, true, text)
                                             : cell_figure(comparison, index, comparison->metric, text);
}

/* Peak memory and cost have columns of their own. */
static bool has_column(const struct comparison *comparison)
{
    return comparison->metric != METRIC_PEAK_MEMORY && comparison->metric != METRIC_COST;
}

static void add_short_row(struct table *table, const struct comparison *comparison, size_t index, bool can_color)
{
    char rate[CELL], objective[CELL], memory[CELL], cost[CELL], verdict[CELL];
    const char *cells[7] = {comparison->entries[index].label, format_rate(comparison, index, rate)};
    size_t count = 2;
    enum style style = style_of(comparison, index);
    snprintf(verdict, sizeof verdict, "%s%s%s", style_begin(style, can_color), cell_verdict(comparison, index),
             style_end(style, can_color));
    if (has_column(comparison))
        cells[count++] = format_objective(comparison, index, objective);
    cells[count++] = cell_figure(comparison, index, METRIC_PEAK_MEMORY, memory);
    cells[count++] = cell_figure(comparison, index, METRIC_COST, cost);
    cells[count] = verdict;
    table_add(table, cells);
}

static void print_short(FILE *stream, const struct comparison *comparison)
{
    char objective[CELL];
    const char *columns[7] = {"Contender", counts_operations(comparison) ? "M ops/s" : "Seconds"};
    size_t count = 2;
    snprintf(objective, sizeof objective, "%s", verdict_metric_name(comparison));
    objective[0] = (char)toupper((unsigned char)objective[0]);
    if (has_column(comparison))
        columns[count++] = objective;
    columns[count++] = "Peak memory";
    columns[count++] = "Cost";
    columns[count] = "Verdict";
    struct table *table = table_new(columns, count == 5 ? "lrrrrl" : "lrrrl");
    for (size_t i = 0; i < comparison->count; i++)
        add_short_row(table, comparison, i, style_can_color(stream));
    table_print(table, stream, OUTPUT_TEXT, table_stream_width(stream));
    table_free(table);
    allocators_table_print_idle(stream, OUTPUT_TEXT, comparison, "Contender");
}

/* --- with all that is known --------------------------------------------------------------------------------------- */

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

static const char *format_bytes(uint64_t bytes, char *text)
{
    return bytes ? units_size(bytes, text, UNITS_TEXT) : "-";
}

static void add_long_row(struct table *table, const struct comparison *comparison, size_t index, bool idle)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    char rate[CELL], gain[CELL], interval[CELL], resident[UNITS_TEXT], after[UNITS_TEXT], memory[CELL], cost[CELL];
    const char *verdict = verdict_text(comparison, verdict_of(comparison, index));
    format_ratio(entry, index, gain, interval);
    table_add(table, (const char *const[]){entry->label, format_rate(comparison, index, rate), gain, interval,
                                           format_bytes(entry->peak_resident, resident),
                                           cell_change(comparison, index, METRIC_PEAK_MEMORY, false, memory),
                                           cell_change(comparison, index, METRIC_COST, false, cost),
                                           idle ? format_bytes(entry->idle_resident, after) : verdict, verdict});
}

static void print_long(FILE *stream, const struct comparison *comparison)
{
    char versus[CELL + 16];
    bool idle = cell_is_known(comparison, METRIC_IDLE_MEMORY);
    snprintf(versus, sizeof versus, "%s vs. baseline", verdict_metric_name(comparison));
    const char *const columns[] = {
        "Contender",
        counts_operations(comparison) ? "M ops/s" : "Seconds",
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
        add_long_row(table, comparison, i, idle);
    table_print(table, stream, OUTPUT_MARKDOWN, 0);
    table_free(table);
    fputc('\n', stream);
}

/* --- what is beside the tables ------------------------------------------------------------------------------------ */

static void print_messages(FILE *stream, const struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->entries[i].failed)
            table_print_line(stream, "%s", comparison->entries[i].message);
}

static void print_one(FILE *stream, enum output_format format, const struct comparison *comparison)
{
    fprintf(stream, format == OUTPUT_MARKDOWN ? "### %s (%u round%s)\n\n" : "%s (%u round%s)\n", comparison->name,
            comparison->rounds, comparison->rounds == 1 ? "" : "s");
    if (format == OUTPUT_MARKDOWN)
        print_long(stream, comparison);
    else
        print_short(stream, comparison);
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

/* What is to be said below the tables, with one empty line before the first. */
struct remarks_below {
    FILE *stream;
    bool begun;
};

static void __attribute__((format(printf, 2, 3))) say(struct remarks_below *below, const char *format, ...)
{
    char text[LONGEST_REMARK];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!below->begun)
        fputc('\n', below->stream);
    below->begun = true;
    table_print_line(below->stream, "%s", text);
}

/* Contenders that had to run one by one, and what would spare that. */
static void say_how_they_ran(struct remarks_below *below, const struct comparison *comparison)
{
    struct remark remark = {.kind = REMARK_ALONE, .cause = comparison->alone_cause};
    char text[LONGEST_REMARK / 2];
    if (comparison->has_no_room)
        say(below,
            "%s: memory does not suffice for all contenders at once: they ran one after the other, as with "
            "--interleave run.",
            comparison->name);
    if (!comparison->alone_because[0])
        return;
    snprintf(remark.message, sizeof remark.message, "%s", comparison->alone_because);
    say(below, "%s: %s.", comparison->name, remark_describe(&remark, text, sizeof text));
}

static bool has_interval(const struct comparison *comparisons, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 1; j < comparisons[i].count; j++)
            if (comparisons[i].entries[j].has_interval)
                return true;
    return false;
}

static void print_remarks(FILE *stream, enum output_format format, const struct comparison *comparisons, size_t count)
{
    struct remarks_below below = {.stream = stream};
    if (format == OUTPUT_TEXT && has_interval(comparisons, count))
        say(&below, "Changes are against the baseline, with half of the 95%% interval.");
    if (count > 1 || comparisons[0].count > 2)
        say(&below, "Verdicts are corrected for the number of comparisons; intervals are each contender's own.");
    for (size_t i = 0; i < count; i++)
        say_how_they_ran(&below, &comparisons[i]);
    if (has_too_few(comparisons, count))
        say(&below, "A verdict needs at least %d rounds: give a longer --budget, or more --rounds.",
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
    print_remarks(stream, format, comparisons, count);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

void compare_print(FILE *stream, enum output_format format, const struct comparison *comparisons, size_t count)
{
    if (format == OUTPUT_JSON)
        compare_data_json(stream, comparisons, count);
    else if (format == OUTPUT_CSV)
        compare_data_csv(stream, comparisons, count, NULL);
    else
        print_for_people(stream, format, comparisons, count);
}
