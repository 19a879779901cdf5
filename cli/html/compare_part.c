/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See compare_part.h. */
#include "config.h"

#include "cli/html/compare_part.h"

#include "cli/compare/significance.h"
#include "cli/html/machine_part.h"
#include "cli/html/page.h"
#include "cli/output/html.h"
#include "cli/output/json.h"
#include "cli/output/memory.h"
#include "cli/output/units.h"
#include "cli/statistics/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELL 64

/* Shown beside what the verdict is about. */
static const enum metric others[] = {METRIC_TIME, METRIC_PEAK_MEMORY, METRIC_MEAN_MEMORY, METRIC_IDLE_MEMORY,
                                     METRIC_COST};
#define OTHERS (sizeof others / sizeof *others)

/* --- words -------------------------------------------------------------------------------------------------------- */

/* Of time the ratio is one of speeds. */
static const char *title_of(const struct comparison *comparison, enum metric metric)
{
    return metric == METRIC_TIME ? "speed" : metric_title(comparison->metrics, metric);
}

static bool is_known(const struct comparison *comparison, enum metric metric)
{
    for (size_t i = 1; i < comparison->count; i++)
        if (isfinite(comparison->entries[i].figure[metric].ratio))
            return true;
    return false;
}

/* "+3.2% (+2.8 to +3.6)" */
static const char *change_cell(const struct comparison_figure *figure, char *text)
{
    snprintf(text, CELL, "-");
    if (isfinite(figure->ratio) && figure->has_interval)
        snprintf(text, CELL, "%+.1f%% (%+.1f to %+.1f)", 100 * (figure->ratio - 1), 100 * (figure->low - 1),
                 100 * (figure->high - 1));
    else if (isfinite(figure->ratio))
        snprintf(text, CELL, "%+.1f%%", 100 * (figure->ratio - 1));
    return text;
}

/* Whether the difference is sure, and for the better. */
static const char *mood(const struct comparison *comparison, size_t index)
{
    enum verdict verdict = verdict_of(comparison, index);
    if (verdict == VERDICT_FAILED)
        return "bad";
    if (verdict != VERDICT_MORE && verdict != VERDICT_LESS)
        return "open";
    return (verdict == VERDICT_MORE) == verdict_more_is_better(comparison) ? "good" : "bad";
}

/* --- the headline ------------------------------------------------------------------------------------------------- */

static void write_contender(FILE *stream, const struct comparison *comparison, size_t index)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    char change[CELL];
    fprintf(stream, "<div class=\"card %s\"><h3>", mood(comparison, index));
    html_text(stream, entry->label);
    fputs("</h3>", stream);
    page_paragraph(stream, "amount", verdict_text(comparison, verdict_of(comparison, index)));
    if (entry->failed)
        page_paragraph(stream, "says", entry->message);
    else {
        fputs("<p class=\"says\">", stream);
        html_format(stream, "%s %s", verdict_metric_name(comparison),
                    change_cell(&entry->figure[comparison->metric], change));
        fputs("</p>", stream);
    }
    fputs("</div>\n", stream);
}

/* Of several pieces of work the mean, of each contender. */
static void write_mean(FILE *stream, const struct comparison *comparisons, size_t count, size_t index)
{
    struct mean_ratio mean;
    fputs("<div class=\"card\"><h3>", stream);
    html_text(stream, comparisons[0].entries[index].label);
    fputs("</h3>", stream);
    if (!verdict_mean(comparisons, count, index, &mean)) {
        page_paragraph(stream, "amount", "Not measured in all");
    } else {
        char gain[UNITS_TEXT];
        page_paragraph(stream, "amount", units_gain(mean.ratio, gain, sizeof gain));
        fputs("<p class=\"says\">", stream);
        html_format(stream, "%s, geometric mean of %zu pieces of work", verdict_metric_name(&comparisons[0]),
                    verdict_measured(comparisons, count));
        if (mean.has_interval)
            html_format(stream, " (%+.1f%% to %+.1f%%)", 100 * (mean.low - 1), 100 * (mean.high - 1));
        fputs("</p>", stream);
    }
    fputs("</div>\n", stream);
}

/* The contender that is surely better than the first, and of those the best; 0: none is. */
static size_t find_best(const struct comparison *comparison)
{
    bool more = verdict_more_is_better(comparison);
    size_t best = 0;
    for (size_t i = 1; i < comparison->count; i++) {
        double ratio = comparison->entries[i].ratio, than = comparison->entries[best].ratio;
        if (strcmp(mood(comparison, i), "good") == 0 && (best == 0 || (more ? ratio > than : ratio < than)))
            best = i;
    }
    return best;
}

/* "mimalloc: 3.5% cheaper than glibc" */
static void say_headline(FILE *stream, const struct comparison *comparisons, size_t count)
{
    const struct comparison *first = &comparisons[0];
    size_t best = find_best(first);
    if (count > 1)
        html_format(stream, "%zu contenders on %zu pieces of work", first->count, count);
    else if (first->baseline_failed)
        html_format(stream, "No result: %s failed", first->entries[0].label);
    else if (best > 0)
        html_format(stream, "%s: %.1f%% %s than %s", first->entries[best].label,
                    100 * fabs(first->entries[best].ratio - 1), verdict_text(first, verdict_of(first, best)),
                    first->entries[0].label);
    else
        html_format(stream, "None is surely better than %s", first->entries[0].label);
}

static void write_headline(FILE *stream, const struct comparison *comparisons, size_t count, const char *prefix)
{
    bool is_good = count == 1 && find_best(&comparisons[0]) > 0;
    fprintf(stream,
            "<section id=\"%s-verdict\" aria-label=\"Verdict\" data-nav=\"Verdict\">\n<div class=\"verdict %s\">"
            "<p class=\"kicker\">",
            prefix, is_good ? "good" : "open");
    html_format(stream, count == 1 ? "%s" : "%s and others", comparisons[0].name);
    fputs("</p>\n<h1>", stream);
    say_headline(stream, comparisons, count);
    fputs("</h1>\n<p class=\"says\">", stream);
    html_format(stream,
                "By %s, against %s, on the same work in turns, each round on another seed. Intervals are each "
                "contender's own and hold the truth in 95 %%; verdicts are corrected for the number of comparisons.",
                verdict_metric_name(&comparisons[0]), comparisons[0].entries[0].label);
    fputs("</p></div>\n<div class=\"cards\">\n", stream);
    for (size_t i = 1; i < comparisons[0].count; i++) {
        if (count > 1)
            write_mean(stream, comparisons, count, i);
        else
            write_contender(stream, &comparisons[0], i);
    }
    fputs("</div>\n", stream);
    page_section_end(stream);
}

/* --- one piece of work -------------------------------------------------------------------------------------------- */

static const char *rate_cell(const struct comparison_entry *entry, char *text)
{
    snprintf(text, CELL, "-");
    if (entry->million_operations > 0)
        snprintf(text, CELL, "%.1f", entry->million_operations);
    else if (entry->seconds > 0)
        snprintf(text, CELL, "%.3f", entry->seconds);
    return text;
}

static void add_entry(struct table *table, const struct comparison *comparison, size_t index)
{
    const struct comparison_entry *entry = &comparison->entries[index];
    char cells[3 + OTHERS][CELL];
    const char *row[5 + OTHERS];
    size_t count = 0;
    row[count++] = entry->label;
    row[count++] = verdict_text(comparison, verdict_of(comparison, index));
    row[count++] = rate_cell(entry, cells[0]);
    row[count++] = index ? change_cell(&entry->figure[comparison->metric], cells[1]) : "baseline";
    for (size_t i = 0; i < OTHERS; i++) {
        const struct comparison_figure *figure = &entry->figure[others[i]];
        if (others[i] == comparison->metric || !is_known(comparison, others[i]))
            continue;
        row[count++] =
            index ? change_cell(figure, cells[2 + i]) : metric_format(others[i], figure->median, cells[2 + i], CELL);
    }
    table_add(table, row);
}

static struct table *make_table(const struct comparison *comparison)
{
    const char *columns[6 + OTHERS];
    char alignment[6 + OTHERS] = "llrr";
    size_t count = 0;
    columns[count++] = "Contender";
    columns[count++] = "Verdict";
    columns[count++] = comparison->entries[0].million_operations > 0 ? "M ops/s" : "Seconds";
    columns[count++] = verdict_metric_name(comparison);
    for (size_t i = 0; i < OTHERS; i++) {
        if (others[i] == comparison->metric || !is_known(comparison, others[i]))
            continue;
        alignment[count] = 'r';
        columns[count++] = title_of(comparison, others[i]);
    }
    columns[count] = NULL;
    return table_new(columns, alignment);
}

static void write_remarks(FILE *stream, const struct comparison *comparison)
{
    char text[512];
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->entries[i].failed)
            page_paragraph(stream, "note", comparison->entries[i].message);
    if (comparison->has_no_room)
        page_paragraph(stream, "note",
                       "Memory does not suffice for all contenders at once: they ran one after the other.");
    if (comparison->interrupted)
        page_paragraph(stream, "note", "The comparison was interrupted: this is what there is.");
    if (comparison->rounds < STATISTICS_LEAST_PAIRS && !comparison->baseline_failed) {
        snprintf(text, sizeof text, "A verdict needs at least %d rounds: give a longer --budget, or more --rounds.",
                 STATISTICS_LEAST_PAIRS);
        page_paragraph(stream, "note", text);
    }
}

static void write_one(FILE *stream, const struct comparison *comparison, size_t index, const char *prefix)
{
    char name[32], lead[128], of[64];
    snprintf(name, sizeof name, "work%zu", index);
    snprintf(lead, sizeof lead, "%u round%s, %s; changes against the first.", comparison->rounds,
             comparison->rounds == 1 ? "" : "s",
             comparison->interleave == RACE_RUNS ? "whole runs in alternation" : "in turns of milliseconds");
    snprintf(of, sizeof of, "%s.%zu", prefix, index);
    page_section_begin(stream, prefix, name, comparison->name, comparison->name, lead);
    page_chart(stream, of, "whisker", "Change of each contender against the first, with its interval");
    struct table *table = make_table(comparison);
    for (size_t i = 0; i < comparison->count; i++)
        add_entry(table, comparison, i);
    page_table(stream, table, comparison->name, "sorts");
    write_remarks(stream, comparison);
    page_section_end(stream);
}

void compare_part_write(FILE *stream, const struct comparison *comparisons, size_t count, const char *advice,
                        const char *prefix)
{
    write_headline(stream, comparisons, count, prefix);
    for (size_t i = 0; i < count; i++)
        write_one(stream, &comparisons[i], i, prefix);
    if (!advice[0])
        return;
    page_section_begin(stream, prefix, "use", "What to set", "What to set for the best", NULL);
    page_copy(stream, "Recommended", advice);
    page_section_end(stream);
}

/* --- charts ------------------------------------------------------------------------------------------------------- */

static json_t *figure(const struct comparison_entry *entry, enum metric metric)
{
    const struct comparison_figure *own = &entry->figure[metric];
    if (entry->failed || !isfinite(own->ratio))
        return json_null();
    return json_pack("[o, o, o]", json_finite(100 * (own->ratio - 1)),
                     json_real_or_null(own->has_interval, 100 * (own->low - 1)),
                     json_real_or_null(own->has_interval, 100 * (own->high - 1)));
}

static json_t *figures(const struct comparison *comparison, enum metric metric)
{
    json_t *list = json_array();
    for (size_t i = 1; i < comparison->count; i++)
        json_array_append_new(list, figure(&comparison->entries[i], metric));
    return json_pack("{s:o, s:o}", "title", json_text(title_of(comparison, metric)), "figures", list);
}

static json_t *comparison_data(const struct comparison *comparison)
{
    json_t *labels = json_array(), *moods = json_array(), *metrics = json_array();
    for (size_t i = 1; i < comparison->count; i++) {
        json_array_append_new(labels, json_text(comparison->entries[i].label));
        json_array_append_new(moods, json_string(mood(comparison, i)));
    }
    json_array_append_new(metrics, figures(comparison, comparison->metric));
    for (size_t i = 0; i < OTHERS; i++)
        if (others[i] != comparison->metric && is_known(comparison, others[i]))
            json_array_append_new(metrics, figures(comparison, others[i]));
    return json_pack("{s:o, s:o, s:o, s:o}", "baseline", json_text(comparison->entries[0].label), "labels", labels,
                     "moods", moods, "metrics", metrics);
}

json_t *compare_data(const struct comparison *comparisons, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, comparison_data(&comparisons[i]));
    return list;
}

/* --- a page of its own -------------------------------------------------------------------------------------------- */

void compare_page_write(FILE *stream, const struct comparison *comparisons, size_t count, const char *advice,
                        const json_t *topology)
{
    char *title = must_format("%s: hakmem-tune compare", comparisons[0].name);
    json_t *data = json_pack("{s:o}", "c", compare_data(comparisons, count));
    page_begin(stream, title, comparisons[0].name);
    compare_part_write(stream, comparisons, count, advice, "c");
    if (json_is_object(topology)) {
        page_section_begin(stream, "c", "machine", "Machine", "Machine", NULL);
        machine_part_write(stream, topology);
        page_section_end(stream);
    }
    page_end(stream, data);
    json_decref(data);
    free(title);
}
