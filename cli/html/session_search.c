/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front, how the search went, and every candidate. See session_parts.h. */
#include "config.h"

#include "cli/html/page.h"
#include "cli/html/session_parts.h"
#include "cli/output/memory.h"
#include "cli/report/session_words.h"

#include <math.h>
#include <stdlib.h>

#define CELL 48
#define LONGEST 1024

/* --- cells -------------------------------------------------------------------------------------------------------- */

/* "+3.2% ± 0.4": the change that goes with GAIN, with two standard errors; of time that of the speed. */
static const char *change_cell(const struct session_record *record, enum metric metric, struct statistics_mean gain,
                               char *text)
{
    const struct metric_set *set = &record->goal.metrics;
    double error = STATISTICS_CLEARLY * gain.error;
    snprintf(text, CELL, "-");
    if (isfinite(gain.error))
        snprintf(text, CELL, "%+.1f%% ± %.1f", session_words_percent(set, metric, gain.mean),
                 fabs(session_words_percent(set, metric, gain.mean + error) -
                      session_words_percent(set, metric, gain.mean - error)) /
                     2);
    return text;
}

static const char *gain_cell(const struct session_record *record, enum metric metric, const struct candidate *candidate,
                             char *text)
{
    return change_cell(record, metric, candidate_gain(candidate, &record->noise, metric), text);
}

/* --- the front ---------------------------------------------------------------------------------------------------- */

enum metric session_front_memory(const struct session_record *record)
{
    if (record->goal.objective == METRIC_PEAK_MEMORY || isnan(record->outcome.baseline.value[METRIC_MEAN_MEMORY]))
        return METRIC_PEAK_MEMORY;
    return METRIC_MEAN_MEMORY;
}

static const char *interval_cell(const struct session_record *record, enum metric metric,
                                 const struct proof_figure *figure, char *text)
{
    const struct metric_set *set = &record->goal.metrics;
    double one = metric_change(set, metric, figure->gain.low), other = metric_change(set, metric, figure->gain.high);
    snprintf(text, CELL, "-");
    if (figure->is_known)
        snprintf(text, CELL, "%+.1f%% (%+.1f to %+.1f)", metric_change(set, metric, figure->gain.mean),
                 fmin(one, other), fmax(one, other));
    return text;
}

static void add_finalist(struct table *table, const struct session_record *record, size_t index)
{
    const struct proof_finalist *finalist = &record->outcome.proof.finalists[index];
    enum metric memory = session_front_memory(record);
    char name[CELL], time[CELL], used[CELL], cost[CELL], changes[LONGEST];
    space_describe(&record->space, &finalist->point, changes, sizeof changes);
    table_add(table, (const char *const[]){session_finalist_name(record, index, name, sizeof name),
                                           interval_cell(record, METRIC_TIME, &finalist->figure[METRIC_TIME], time),
                                           interval_cell(record, memory, &finalist->figure[memory], used),
                                           interval_cell(record, METRIC_COST, &finalist->figure[METRIC_COST], cost),
                                           finalist->eliminated ? finalist->reason : changes});
}

void session_part_front(FILE *stream, const struct session_record *record, const char *prefix)
{
    const struct proof *proof = &record->outcome.proof;
    const char *memory = metric_title(&record->goal.metrics, session_front_memory(record));
    if (record->trial_count == 0)
        return;
    page_section_begin(stream, prefix, "front", "Front", "Time against memory",
                       "Each point is a candidate against the default, which is at 0: further left is faster, further "
                       "down is smaller. Lines are intervals: of finalists those of the proof on unseen seeds (95 %, "
                       "corrected for their number), of the others two standard errors of the search.");
    page_chart(stream, prefix, "front", "Candidates by change in time and in memory against the default");
    if (proof->count > 0) {
        struct table *table =
            table_new((const char *const[]){"Finalist", "Time", memory, "Cost", "Changes", NULL}, "lrrrl");
        for (size_t i = 0; i < proof->count; i++)
            add_finalist(table, record, i);
        page_table(stream, table, "Finalists", "wide");
    }
    page_section_end(stream);
}

/* --- how it went -------------------------------------------------------------------------------------------------- */

static void add_improvement(struct table *table, const struct session_record *record, const struct record_trial *trial)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    char at[CELL], number[CELL], gain[CELL], changes[LONGEST];
    snprintf(at, sizeof at, "%.1f", trial->begun);
    snprintf(number, sizeof number, "%u", trial->candidate.trial);
    gain_cell(record, goal.objective, &trial->candidate, gain);
    space_describe(&record->space, &trial->candidate.point, changes, sizeof changes);
    table_add(table, (const char *const[]){at, number, gain, changes});
}

void session_part_search(FILE *stream, const struct session_record *record, const char *prefix)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    double best = 0;
    if (record->trial_count == 0)
        return;
    page_section_begin(stream, prefix, "search", "Search", "How the search went",
                       "Each candidate when it was first measured, by what is known of it at the end: its gain in the "
                       "objective, and two standard errors. The line is the best that was sure so far.");
    page_chart(stream, prefix, "search", "Gain of each candidate over the time of the session");
    struct table *table =
        table_new((const char *const[]){"At, s", "Candidate", session_words_title(&goal.metrics, goal.objective),
                                        "Changes", NULL},
                  "rrrl");
    for (size_t i = 0; i < record->trial_count; i++) {
        double score = goal_cautious_score(&goal, &record->trials[i].candidate, &record->noise);
        if (score <= best)
            continue;
        best = score;
        add_improvement(table, record, &record->trials[i]);
    }
    if (best > 0)
        page_table(stream, table, "Each candidate that was better than all before", "wide");
    else
        table_free(table);
    if (best <= 0)
        page_paragraph(stream, "lead", "No candidate was surely better than the default.");
    page_section_end(stream);
}

/* --- candidates --------------------------------------------------------------------------------------------------- */

/* What has a column of its own beside the objective. */
static const enum metric others[] = {METRIC_TIME, METRIC_PEAK_MEMORY, METRIC_MEAN_MEMORY};
#define OTHERS (sizeof others / sizeof *others)

static void add_trial(struct table *table, const struct session_record *record, const struct record_trial *trial)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    const struct candidate *candidate = &trial->candidate;
    char number[CELL], at[CELL], runs[CELL], cells[1 + OTHERS][CELL], changes[LONGEST];
    const char *row[6 + OTHERS];
    size_t count = 0;
    snprintf(number, sizeof number, "%u", candidate->trial);
    snprintf(at, sizeof at, "%.1f", trial->begun);
    snprintf(runs, sizeof runs, "%zu", candidate->count);
    row[count++] = number;
    row[count++] = at;
    row[count++] = gain_cell(record, goal.objective, candidate, cells[0]);
    for (size_t i = 0; i < OTHERS; i++)
        if (others[i] != goal.objective)
            row[count++] = gain_cell(record, others[i], candidate, cells[1 + i]);
    row[count++] = runs;
    if (record->outcome.failed > 0)
        row[count++] = candidate->eliminated ? candidate->reason : "";
    row[count++] = space_describe(&record->space, &candidate->point, changes, sizeof changes);
    table_add(table, row);
}

static struct table *make_trials(const struct session_record *record)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    const char *columns[7 + OTHERS] = {"Candidate", "At, s", session_words_title(&goal.metrics, goal.objective)};
    char alignment[8 + OTHERS] = "rrr";
    size_t count = 3;
    for (size_t i = 0; i < OTHERS; i++)
        if (others[i] != goal.objective) {
            alignment[count] = 'r';
            columns[count++] = session_words_title(&goal.metrics, others[i]);
        }
    alignment[count] = 'r';
    columns[count++] = "Runs";
    alignment[count] = alignment[count + 1] = 'l';
    if (record->outcome.failed > 0)
        columns[count++] = "Failure";
    columns[count++] = "Changes";
    columns[count] = NULL;
    return table_new(columns, alignment);
}

void session_part_trials(FILE *stream, const struct session_record *record, const char *prefix)
{
    if (record->trial_count == 0)
        return;
    page_section_begin(stream, prefix, "trials", "Candidates", "Every candidate",
                       "Changes against the default with two standard errors, over all runs of the search. They rank "
                       "candidates and prove nothing.");
    struct table *table = make_trials(record);
    for (size_t i = 0; i < record->trial_count; i++)
        add_trial(table, record, &record->trials[i]);
    page_table(stream, table, "Candidates", "sorts tall wide");
    page_section_end(stream);
}
