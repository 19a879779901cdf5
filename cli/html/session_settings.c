/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each setting did. See session_parts.h. */
#include "config.h"

#include "cli/html/page.h"
#include "cli/html/session_parts.h"
#include "cli/output/memory.h"
#include "cli/report/explain.h"
#include "cli/report/main_effects.h"
#include "cli/report/session_words.h"

#include <math.h>
#include <stdlib.h>

#define CELL 64

static const char *value_of(const struct session_record *record, size_t dimension, size_t level)
{
    return level < record->space.dimension[dimension].count ? record->choices[dimension][level] : "?";
}

/* The value with the largest sure gain; the default where none has any. */
static size_t best_level(const struct main_effect *effect, const struct space_dimension *dimension)
{
    size_t best = dimension->default_level;
    double most = 0;
    for (size_t level = 0; level < dimension->count; level++) {
        double sure = effect->level[level].gain.mean - effect->level[level].gain.error;
        if (isfinite(sure) && sure > most) {
            best = level;
            most = sure;
        }
    }
    return best;
}

static size_t count_tried(const struct main_effect *effect, const struct space_dimension *dimension)
{
    size_t tried = 0;
    for (size_t level = 0; level < dimension->count; level++)
        tried += effect->level[level].candidates > 0;
    return tried;
}

static void add_effect(struct table *table, const struct session_record *record, const struct main_effect *effect)
{
    const struct space_dimension *dimension = &record->space.dimension[effect->dimension];
    const struct proof_finalist *winner = proof_winner(&record->outcome.proof, GOAL_RECOMMENDED);
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    size_t best = best_level(effect, dimension);
    const struct statistics_mean *gain = &effect->level[best].gain;
    char share[CELL], brings[CELL] = "-", tried[CELL];
    snprintf(share, sizeof share, "%.0f%%", 100 * effect->share);
    if (best != dimension->default_level)
        snprintf(brings, sizeof brings, "%+.1f%% ± %.1f",
                 session_words_amount(&goal.metrics, goal.objective, gain->mean),
                 100 * STATISTICS_CLEARLY * gain->error);
    snprintf(tried, sizeof tried, "%zu of %zu", count_tried(effect, dimension), dimension->count);
    table_add(table, (const char *const[]){
                         dimension->row->key, share, value_of(record, effect->dimension, dimension->default_level),
                         value_of(record, effect->dimension, best), brings, tried,
                         winner ? value_of(record, effect->dimension, winner->point.level[effect->dimension]) : NULL});
}

static void write_effects(FILE *stream, const struct session_record *record, const char *prefix)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    struct main_effect *effects = must_have(calloc(SPACE_MAX_DIMENSIONS, sizeof *effects));
    bool has_winner = record->outcome.proof.winner[GOAL_RECOMMENDED] >= 0;
    struct table *table =
        table_new((const char *const[]){"Setting", "Explains", "Default", "Best value seen", "Its gain", "Values tried",
                                        has_winner ? "Winner's" : NULL, NULL},
                  has_winner ? "lrllrll" : "lrllrl");
    main_effects_find(record, goal.objective, effects);
    for (size_t i = 0; i < record->space.count; i++)
        add_effect(table, record, &effects[i]);
    page_chart(stream, prefix, "share", "Share of the differences that each setting explains");
    page_chart(stream, prefix, "effect", "Gain of each value of a setting");
    page_table(stream, table, "Settings", "sorts");
    free(effects);
}

static void write_ablation(FILE *stream, const struct session_record *record, enum goal_aim aim)
{
    char text[256];
    if (record->outcome.ablation[aim].count == 0)
        return;
    snprintf(text, sizeof text,
             "What each change of the best %s candidate brings: it ran against copies of itself, in each of which one "
             "change is taken back.",
             goal_aim_name(aim));
    page_paragraph(stream, "lead", text);
    page_table(stream, explain_table(record, aim), text, "narrow");
}

void session_part_settings(FILE *stream, const struct session_record *record, const char *prefix)
{
    if (record->trial_count == 0)
        return;
    page_section_begin(stream, prefix, "settings", "Settings", "What each setting did",
                       "Gains in the objective by a model in which those of all settings add up, fitted to the "
                       "candidates of the search: a guide to where to look, no proof. A value is drawn towards the "
                       "default where few candidates had it.");
    write_effects(stream, record, prefix);
    for (enum goal_aim aim = 0; aim < goal_aims(&record->goal); aim++)
        write_ablation(stream, record, aim);
    page_section_end(stream);
}
