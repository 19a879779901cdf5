/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See compare_print.h. */
#include "cli/report/compare_print.h"

#include "cli/compare/significance.h"
#include "cli/output/json.h"
#include "cli/output/table.h"
#include "cli/output/units.h"
#include "cli/report/compare_summary.h"
#include "cli/statistics/statistics.h"

#include <inttypes.h>
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

static void add_entry(struct table *table, const struct comparison *comparison, size_t index)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    char rate[CELL], gain[CELL], interval[CELL], resident[UNITS_TEXT], idle[UNITS_TEXT];
    const char *verdict = verdict_text(comparison->metric, verdict_of(comparison, index));
    format_rate(entry, comparison->entries[0].million_operations > 0, rate);
    format_ratio(entry, index, gain, interval);
    table_add(table, (const char *const[]){
                         entry->label, rate, gain, interval, format_bytes(entry->peak_resident, resident),
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
    snprintf(versus, sizeof versus, "%s vs. baseline", verdict_metric_name(comparison->metric));
    bool counts_operations = comparison->entries[0].million_operations > 0;
    bool idle = has_idle(comparison);
    const char *const columns[] = {
        "Contender",
        counts_operations ? "M ops/s" : "Seconds",
        versus,
        "95% interval",
        "Peak resident",
        idle ? "After idle" : "Verdict",
        idle ? "Verdict" : NULL,
        NULL,
    };
    struct table *table = table_new(columns, idle ? "lrrrrrl" : "lrrrrl");
    for (size_t i = 0; i < comparison->count; i++)
        add_entry(table, comparison, i);
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

/* --- for programs ------------------------------------------------------------------------------------------------- */

static void print_csv(FILE *stream, const struct comparison *comparisons, size_t count)
{
    static const char *const columns[] = {
        "workload",
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
        "message",
        NULL,
    };
    struct table *table = table_new(columns, "llrrrrrrrrrll");
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < comparisons[i].count; j++) {
            const struct comparison_entry *entry = &comparisons[i].entries[j];
            char rounds[CELL], rate[CELL], seconds[CELL], ratio[CELL], low[CELL], high[CELL], p_value[CELL],
                resident[CELL], idle[CELL];
            snprintf(rounds, CELL, "%u", comparisons[i].rounds);
            snprintf(rate, CELL, entry->million_operations > 0 ? "%.3f" : "", entry->million_operations);
            snprintf(seconds, CELL, entry->seconds > 0 ? "%.6f" : "", entry->seconds);
            snprintf(ratio, CELL, entry->seconds > 0 ? "%.5f" : "", entry->ratio);
            snprintf(low, CELL, entry->has_interval ? "%.5f" : "", entry->low);
            snprintf(high, CELL, entry->has_interval ? "%.5f" : "", entry->high);
            snprintf(p_value, CELL, entry->has_interval ? "%.5f" : "", entry->p_value);
            snprintf(resident, CELL, entry->peak_resident ? "%" PRIu64 : "", entry->peak_resident);
            snprintf(idle, CELL, entry->idle_resident ? "%" PRIu64 : "", entry->idle_resident);
            const char *verdict = verdict_text(comparisons[i].metric, verdict_of(&comparisons[i], j));
            table_add(table, (const char *const[]){comparisons[i].name, entry->label, rounds, rate, seconds, ratio, low,
                                                   high, p_value, resident, idle, verdict, entry->message});
        }
    }
    table_print(table, stream, OUTPUT_CSV, 0);
    table_free(table);
}

static json_t *json_entry(const struct comparison *comparison, size_t index)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    bool measured = entry->seconds > 0, interval = entry->has_interval;
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "contender", json_text(entry->label),
        "million_operations_per_second", json_real_or_null(entry->million_operations > 0, entry->million_operations),
        "seconds", json_real_or_null(measured, entry->seconds), "ratio", json_real_or_null(measured, entry->ratio),
        "ratio_low", json_real_or_null(interval, entry->low), "ratio_high", json_real_or_null(interval, entry->high),
        "p_value", json_real_or_null(interval, entry->p_value), "peak_resident_bytes",
        entry->peak_resident ? json_integer((json_int_t)entry->peak_resident) : json_null(), "idle_resident_bytes",
        entry->idle_resident ? json_integer((json_int_t)entry->idle_resident) : json_null(), "verdict",
        verdict_text(comparison->metric, verdict_of(comparison, index)), "message",
        entry->message[0] ? json_text(entry->message) : json_null());
}

static void print_json(FILE *stream, const struct comparison *comparisons, size_t count)
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
    const char *metric = comparisons[0].metric == COMPARE_RSS ? "rss" : "throughput";
    output_json(stream, json_pack("{s:s, s:o, s:o}", "metric", metric, "comparisons", list, "geometric_means",
                                  compare_summary_means(comparisons, count)));
}

void compare_print(FILE *stream, enum output_format format, const struct comparison *comparisons, size_t count)
{
    if (format == OUTPUT_JSON)
        print_json(stream, comparisons, count);
    else if (format == OUTPUT_CSV)
        print_csv(stream, comparisons, count);
    else
        print_for_people(stream, format, comparisons, count);
}
