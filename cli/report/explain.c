/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See explain.h. */
#include "config.h"

#include "cli/report/explain.h"

#include "cli/output/json.h"
#include "cli/output/table.h"
#include "cli/report/session_words.h"
#include "lib/base/units.h"

#include <math.h>

#define CELL 192
#define WIDEST_TEXT 80

/* What the objective changes by, in percent, where a change is taken back; about 95 %. */
struct loss {
    double percent, low, high;
};

static struct loss loss_of(const struct goal *goal, const struct ablation_change *change)
{
    double error = STATISTICS_CLEARLY * change->gain.error;
    double one = session_words_percent(&goal->metrics, goal->objective, -(change->gain.mean + error));
    double other = session_words_percent(&goal->metrics, goal->objective, -(change->gain.mean - error));
    return (struct loss){session_words_percent(&goal->metrics, goal->objective, -change->gain.mean), fmin(one, other),
                         fmax(one, other)};
}

/* Whether the winner of AIM still has the change. NULL: there is no winner. */
static const char *kept(const struct session_record *record, enum goal_aim aim, size_t dimension)
{
    const struct proof_finalist *winner = proof_winner(&record->outcome.proof, aim);
    if (!winner)
        return NULL;
    return winner->point.level[dimension] == record->outcome.ablation[aim].of.level[dimension] ? "kept" : "taken back";
}

/* --- for people --------------------------------------------------------------------------------------------------- */

static void describe_change(const struct session_record *record, const struct ablation *ablation, size_t dimension,
                            char *text, size_t size)
{
    const struct space_dimension *row = &record->space.dimension[dimension];
    char value[HAK_UNITS_TEXT];
    hak_parameter_format(row->row, row->level[ablation->of.level[dimension]], value, sizeof value);
    snprintf(text, size, "%s: %s", row->row->key, value);
}

static void add_change(struct table *table, const struct session_record *record, enum goal_aim aim,
                       const struct ablation_change *change)
{
    const struct goal goal = goal_for(&record->goal, aim);
    const char *fate = kept(record, aim, change->dimension);
    char what[CELL], without[CELL] = "not known";
    struct loss loss = loss_of(&goal, change);
    describe_change(record, &record->outcome.ablation[aim], change->dimension, what, sizeof what);
    if (change->is_known)
        snprintf(without, sizeof without, "%+.1f%% (%+.1f to %+.1f)", loss.percent, loss.low, loss.high);
    table_add(table, (const char *const[]){what, without, fate ? fate : "-"});
}

/* The best by the search, or the first finalist where none is surely ahead; NULL: there is none. */
static const struct space_point *find_best(const struct session_record *record)
{
    const struct proof *proof = &record->outcome.proof;
    for (size_t i = 0; i < proof->count && !record->outcome.has_best; i++)
        if (proof->finalists[i].test[GOAL_RECOMMENDED].is_held)
            return &proof->finalists[i].point;
    return record->outcome.has_best ? &record->outcome.best : NULL;
}

static size_t count_changes(const struct space *space, const struct space_point *point)
{
    struct space_point usual = space_default(space);
    size_t changes = 0;
    for (size_t i = 0; i < space->count; i++)
        changes += point->level[i] != usual.level[i];
    return changes;
}

static const char *say_why_unknown(const struct session_record *record)
{
    const struct space_point *best = find_best(record);
    if (!best)
        return " is not known: there is no candidate that is ahead of the default";
    return count_changes(&record->space, best) < 2 ? " is what the candidate brings: there is one change"
                                                   : " is not known: the time was too short, try a longer --budget";
}

static void print_heading(FILE *stream, enum output_format format, const struct session_record *record,
                          enum goal_aim aim, bool is_known)
{
    char text[256];
    snprintf(text, sizeof text, "What each change of the best %s candidate brings%s.", goal_aim_name(aim),
             is_known ? ": it ran against copies of itself, in each of which one change is taken back"
                      : say_why_unknown(record));
    table_print_paragraph(stream, text, 0, format == OUTPUT_TEXT ? WIDEST_TEXT : 0);
    fputs(format == OUTPUT_MARKDOWN ? "\n" : "", stream);
}

struct table *explain_table(const struct session_record *record, enum goal_aim aim)
{
    const struct ablation *ablation = &record->outcome.ablation[aim];
    const struct goal goal = goal_for(&record->goal, aim);
    char heading[CELL];
    snprintf(heading, sizeof heading, "%s without it", session_words_title(&goal.metrics, goal.objective));
    struct table *table = table_new((const char *const[]){"change", heading, "winner", NULL}, "lrl");
    for (size_t i = 0; i < ablation->count; i++)
        add_change(table, record, aim, &ablation->changes[i]);
    return table;
}

void explain_print(FILE *stream, enum output_format format, const struct session_record *record, enum goal_aim aim)
{
    bool is_known = record->outcome.ablation[aim].count > 0;
    print_heading(stream, format, record, aim, is_known);
    if (!is_known)
        return;
    struct table *table = explain_table(record, aim);
    table_print(table, stream, format, table_stream_width(stream));
    table_free(table);
}

/* --- for programs ------------------------------------------------------------------------------------------------- */

static json_t *change_json(const struct session_record *record, enum goal_aim aim, const struct ablation_change *change)
{
    const struct goal goal = goal_for(&record->goal, aim);
    const struct space_dimension *row = &record->space.dimension[change->dimension];
    const char *fate = kept(record, aim, change->dimension);
    struct loss loss = loss_of(&goal, change);
    char value[HAK_UNITS_TEXT];
    hak_parameter_format(row->row, row->level[record->outcome.ablation[aim].of.level[change->dimension]], value,
                         sizeof value);
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "key", row->row->key, "value", value, "without_it_percent",
                     json_real_or_null(change->is_known, loss.percent), "low",
                     json_real_or_null(change->is_known, loss.low), "high",
                     json_real_or_null(change->is_known, loss.high), "winner", fate ? json_string(fate) : json_null());
}

json_t *explain_json(const struct session_record *record, enum goal_aim aim)
{
    const struct ablation *ablation = &record->outcome.ablation[aim];
    json_t *list = json_array();
    for (size_t i = 0; i < ablation->count; i++)
        json_array_append_new(list, change_json(record, aim, &ablation->changes[i]));
    return list;
}
