/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The session in time, and the proof as it ran. See session_parts.h. */
#include "config.h"

#include "cli/html/page.h"
#include "cli/html/session_parts.h"
#include "cli/journal/record.h"
#include "cli/output/html.h"
#include "cli/report/session_words.h"

#include <math.h>

#define CELL 64

/* --- stages ------------------------------------------------------------------------------------------------------- */

static double end_of(const struct session_record *record, size_t stage)
{
    return stage + 1 < record->stage_count ? record->stages[stage + 1].begun
                                           : fmax(record->outcome.seconds, record->stages[stage].begun);
}

/* A bar as wide as the session, cut at its stages; of one that was resumed at those of all parts. */
static void write_stages(FILE *stream, const struct session_record *record)
{
    fputs("<ol class=\"stages\">\n", stream);
    for (size_t i = 0; i < record->stage_count; i++) {
        double begin = record->stages[i].begun, seconds = end_of(record, i) - begin;
        const char *name = record_stage_name(record->stages[i].stage);
        if (record->stages[i].stage == TUNE_DONE || seconds <= 0)
            continue;
        fprintf(stream, "<li class=\"stage-%u\" style=\"flex-grow:%.3f\"><span>%s</span> <small>%.1f s</small></li>\n",
                (unsigned)record->stages[i].stage, seconds, name, seconds);
    }
    fputs("</ol>\n", stream);
}

/* --- pairs -------------------------------------------------------------------------------------------------------- */

static const struct record_run *run_of(const struct record_pair *pair, size_t finalist)
{
    for (size_t i = 0; i < pair->count; i++)
        if (pair->runs[i].finalist == finalist)
            return &pair->runs[i];
    return NULL;
}

/* The gain of a finalist in the objective of the session. */
static void gain_cell(const struct session_record *record, const struct record_pair *pair, size_t finalist, char *text)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    const struct record_run *run = run_of(pair, finalist);
    double gain = run ? run->gain.value[goal.objective] : NAN;
    snprintf(text, CELL, "%s", run && run->failed ? "failed" : "-");
    if (isfinite(gain))
        snprintf(text, CELL, "%+.2f%%", session_words_amount(&goal.metrics, goal.objective, gain));
}

static void add_pair(struct table *table, const struct session_record *record, size_t index)
{
    const struct record_pair *pair = &record->pairs[index];
    char cells[2 + PROOF_MAX_FINALISTS][CELL], seed[CELL];
    const char *row[3 + PROOF_MAX_FINALISTS];
    size_t count = 0;
    snprintf(cells[0], CELL, "%zu", index + 1);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)pair->seed);
    metric_format(METRIC_TIME, pair->baseline.value[METRIC_TIME], cells[1], CELL);
    row[count++] = cells[0];
    row[count++] = seed;
    row[count++] = cells[1];
    for (size_t i = 0; i < record->outcome.proof.count; i++) {
        gain_cell(record, pair, i, cells[2 + i]);
        row[count++] = cells[2 + i];
    }
    table_add(table, row);
}

static struct table *make_pairs(const struct session_record *record)
{
    const char *columns[4 + PROOF_MAX_FINALISTS] = {"Pair", "Seed", "Default"};
    char alignment[4 + PROOF_MAX_FINALISTS] = "rrr", names[PROOF_MAX_FINALISTS][CELL];
    size_t count = 3;
    for (size_t i = 0; i < record->outcome.proof.count; i++) {
        alignment[count] = 'r';
        columns[count++] = session_finalist_name(record, i, names[i], CELL);
    }
    return table_new(columns, alignment);
}

static bool has_turns(const struct session_record *record)
{
    for (size_t i = 0; i < record->pair_count; i++)
        if (record->pairs[i].turns)
            return true;
    return false;
}

void session_part_race(FILE *stream, const struct session_record *record, const char *prefix)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    char lead[256];
    if (record->stage_count == 0)
        return;
    snprintf(lead, sizeof lead,
             "Each pair of the proof is a race of the default and the finalists on one seed that the search has not "
             "used: here by how much each finalist is better in %s.",
             metric_title(&goal.metrics, goal.objective));
    page_section_begin(stream, prefix, "race", "Race", "The race as it ran", record->pair_count ? lead : NULL);
    write_stages(stream, record);
    if (record->pair_count > 0)
        page_chart(stream, prefix, "pairs", "Gain of each finalist in each pair of the proof");
    if (has_turns(record)) {
        page_paragraph(stream, "lead",
                       record->in_runs ? "Whole runs in random order: one contender after the other."
                                       : "Turns of some milliseconds in random order: while one contender runs, all "
                                         "others stand still.");
        page_chart(stream, prefix, "lanes", "When each contender ran in one pair of the proof");
    }
    if (record->pair_count > 0) {
        struct table *table = make_pairs(record);
        for (size_t i = 0; i < record->pair_count; i++)
            add_pair(table, record, i);
        page_table(stream, table, "Pairs of the proof", "sorts tall");
    }
    page_section_end(stream);
}
