/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See session_report.h. */
#include "config.h"

#include "cli/report/session_report.h"

#include "cli/journal/record.h"
#include "cli/output/json.h"
#include "cli/output/style.h"
#include "cli/output/table.h"
#include "cli/report/conclusion.h"
#include "cli/report/explain.h"
#include "cli/report/remark_words.h"
#include "cli/report/session_table.h"
#include "cli/report/session_words.h"
#include "cli/report/what_to_set.h"

#include <math.h>
#include <string.h>

enum goal_aim session_report_same(const struct proof *proof, enum goal_aim aim)
{
    for (enum goal_aim before = 0; before < aim; before++)
        if (proof->winner[before] >= 0 && proof->winner[before] == proof->winner[aim])
            return before;
    return aim;
}

/* --- for people --------------------------------------------------------------------------------------------------- */

enum {
    INDENT = 10,      /* of what follows a label */
    WIDEST_TEXT = 80, /* so that it can be pasted */
};

static void print_line(FILE *stream, const char *label, const char *text)
{
    unsigned width = table_stream_width(stream), widest = width < WIDEST_TEXT ? width : WIDEST_TEXT;
    table_print_entry(stream, label, text, INDENT, widest);
}

/* Whether the finalist is the winner of any aim. */
static bool has_won(const struct proof *proof, size_t index)
{
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++)
        if (proof->winner[aim] == (int)index)
            return true;
    return false;
}

/* "winner", or the end of the front that it has won, or "finalist". */
static const char *label_of(const struct proof *proof, size_t index)
{
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++)
        if (proof->winner[aim] == (int)index)
            return aim == GOAL_RECOMMENDED ? "winner" : goal_aim_name(aim);
    return "finalist";
}

static void print_finalists(FILE *stream, const struct session_record *record, const struct proof *proof)
{
    char text[1024];
    for (size_t i = 0; i < proof->count; i++) {
        const struct proof_finalist *finalist = &proof->finalists[i];
        space_describe(&record->space, &finalist->point, text, sizeof text);
        print_line(stream, label_of(proof, i), text);
        if (finalist->eliminated)
            print_line(stream, "", finalist->reason);
    }
}

static void print_baseline(FILE *stream, const struct session_record *record)
{
    const struct metric_sample *baseline = &record->outcome.baseline;
    char run[96], peak[64], text[512];
    snprintf(text, sizeof text, "%s: %s, %s", record->space.subject.baseline,
             remark_run(baseline->value[METRIC_TIME], record->outcome.baseline_operations, run, sizeof run),
             remark_peak(baseline, peak, sizeof peak));
    print_line(stream, "baseline", text);
}

static void print_search(FILE *stream, const struct session_record *record)
{
    const struct subject *subject = &record->space.subject;
    char text[1024];
    if (subject->kind->in_environment)
        print_line(stream, "allocator", subject->description);
    print_line(stream, "machine", record->space.machine.description);
    if (record->work.job[0])
        print_line(stream, "job", record->work.job);
    else
        print_line(stream, record->work.label, record->work.description);
    struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    goal.is_front = record->goal.is_front;
    session_words_goal(&goal, text, sizeof text);
    print_line(stream, "goal", text);
    fprintf(stream, "%-9s %u candidates (%u failed) in %.0f s, seed %llu\n", "search", record->outcome.trials,
            record->outcome.failed, record->outcome.seconds, (unsigned long long)record->seed);
    if (record->outcome.failed)
        print_line(stream, "  failed", record->outcome.first_failure);
    for (size_t i = 0; i < record->outcome.remarks.count; i++)
        print_line(stream, "note", remark_describe(&record->outcome.remarks.list[i], text, sizeof text));
    print_baseline(stream, record);
}

/* What each aim came to. */
static void print_verdicts(FILE *stream, const struct session_record *record)
{
    const struct proof *proof = &record->outcome.proof;
    char text[1024];
    session_words_verdict(record, GOAL_RECOMMENDED, text, sizeof text);
    enum style style = proof->winner[GOAL_RECOMMENDED] >= 0 ? STYLE_GOOD : STYLE_PLAIN;
    fputs(style_begin(style, style_can_color(stream)), stream);
    print_line(stream, "verdict", text);
    fputs(style_end(style, style_can_color(stream)), stream);
    size_t aims = record->outcome.status == SESSION_DONE && proof->count > 0 ? goal_aims(&record->goal) : 1;
    for (enum goal_aim aim = GOAL_RECOMMENDED + 1; aim < aims; aim++) {
        enum goal_aim same = session_report_same(proof, aim);
        if (same == aim)
            session_words_verdict(record, aim, text, sizeof text);
        else
            snprintf(text, sizeof text, "is the %s one", goal_aim_name(same));
        print_line(stream, goal_aim_name(aim), text);
    }
}

/* Of each winner; where none is recommended, of the finalist that came nearest, unless its table is there already. */
static void print_tables(FILE *stream, const struct session_record *record)
{
    const struct proof *proof = &record->outcome.proof;
    struct conclusion conclusion = conclusion_of(record);
    for (enum goal_aim aim = 0; aim < goal_aims(&record->goal); aim++) {
        const struct proof_finalist *winner = proof_winner(proof, aim);
        if (!winner || session_report_same(proof, aim) != aim)
            continue;
        fputc('\n', stream);
        session_table_print_finalist(stream, OUTPUT_TEXT, record, winner, goal_aim_name(aim));
    }
    if (proof->winner[GOAL_RECOMMENDED] >= 0 || proof->pairs == 0 || proof->count == 0 ||
        has_won(proof, conclusion.finalist))
        return;
    fputc('\n', stream);
    session_table_print_finalist(stream, OUTPUT_TEXT, record, &proof->finalists[conclusion.finalist], "finalist");
}

static void print_explanation(FILE *stream, enum output_format format, const struct session_record *record)
{
    for (enum goal_aim aim = 0; aim < goal_aims(&record->goal); aim++) {
        if (aim > 0 && record->outcome.ablation[aim].count == 0) /* it is said once */
            continue;
        fputc('\n', stream);
        explain_print(stream, format, record, aim);
    }
}

static void print_saved(FILE *stream, const struct session_record *record)
{
    const struct subject *subject = &record->space.subject;
    const char *label = "saved";
    char text[2 * PATH_MAX];
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++) {
        if (!record->path[aim])
            continue;
        if (aim == GOAL_RECOMMENDED && record->outcome.proof.winner[aim] < 0)
            snprintf(text, sizeof text, "%s (%s%s)", record->path[aim], subject->kind->in_environment ? "" : "the ",
                     subject->baseline);
        else
            snprintf(text, sizeof text, "%s", record->path[aim]);
        print_line(stream, label, text);
        label = "";
    }
    if (!record->stays)
        return;
    snprintf(text, sizeof text, "nothing: %s was there before and stays", record->stays);
    print_line(stream, "saved", text);
}

static void print_proof(FILE *stream, const struct session_record *record)
{
    char text[256];
    snprintf(text, sizeof text,
             "against the default, by %zu pairs on unseen seeds; of equally good ones the one with the fewest "
             "changes wins",
             record->outcome.proof.pairs);
    print_line(stream, "", text);
    session_words_noise(record, text, sizeof text);
    print_line(stream, "noise", text);
}

void session_report_print(FILE *stream, const struct session_record *record, bool explain)
{
    bool is_proved = record->outcome.status == SESSION_DONE && record->outcome.proof.pairs > 0;
    print_search(stream, record);
    print_finalists(stream, record, &record->outcome.proof);
    if (is_proved)
        print_proof(stream, record);
    print_verdicts(stream, record);
    if (is_proved)
        print_tables(stream, record);
    if (explain)
        print_explanation(stream, OUTPUT_TEXT, record);
    if (is_proved)
        fputc('\n', stream);
    print_saved(stream, record);
    what_to_set_print_winner(stream, record, record->path[GOAL_RECOMMENDED]);
}

/* --- for programs ------------------------------------------------------------------------------------------------- */

/* The ratio of the finalist's figure to the baseline's. */
static json_t *figure_json(const struct metric_set *set, enum metric metric, const struct proof_figure *figure)
{
    double sign = metric_more_is_better(set, metric) ? 1 : -1;
    double one = exp(sign * figure->gain.low), other = exp(sign * figure->gain.high);
    return json_pack("{s:o, s:o, s:o, s:o}", "ratio", json_finite(exp(sign * figure->gain.mean)), "low",
                     json_finite(fmin(one, other)), "high", json_finite(fmax(one, other)), "p_value",
                     json_finite(figure->gain.p_value));
}

static json_t *figures_json(const struct metric_set *set, const struct proof_finalist *finalist)
{
    json_t *object = json_object();
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++)
        if (finalist->figure[metric].is_known)
            json_object_set_new(object, metric_name(set, metric), figure_json(set, metric, &finalist->figure[metric]));
    return object;
}

static json_t *tests_json(const struct proof_finalist *finalist)
{
    json_t *object = json_object();
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++) {
        const struct proof_test *test = &finalist->test[aim];
        if (test->is_held)
            json_object_set_new(object, goal_aim_name(aim),
                                json_pack("{s:b, s:b, s:o}", "within_limits", test->within_limits, "significant",
                                          test->better, "p_value", json_finite(test->p_value)));
    }
    return object;
}

static json_t *finalist_json(const struct session_record *record, const struct proof_finalist *finalist)
{
    if (!finalist)
        return json_null();
    json_t *object = json_pack("{s:i, s:o, s:o, s:o}", "trial", (int)finalist->trial, "profile",
                               record_point(&record->space, &finalist->point), "named_for", tests_json(finalist),
                               "metrics", figures_json(&record->goal.metrics, finalist));
    if (finalist->eliminated)
        json_object_set_new(object, "failed", json_text(finalist->reason));
    return object;
}

static json_t *finalists_json(const struct session_record *record, const struct proof *proof)
{
    json_t *list = json_array();
    for (size_t i = 0; i < proof->count; i++)
        json_array_append_new(list, finalist_json(record, &proof->finalists[i]));
    return list;
}

static void add_conclusion(json_t *object, const struct session_record *record)
{
    struct conclusion conclusion = conclusion_of(record);
    bool unclear = record->outcome.proof.winner[GOAL_RECOMMENDED] < 0 && conclusion.unclear;
    json_object_set_new(object, "unclear", json_boolean(unclear));
    json_object_set_new(object, "more_pairs", json_real_or_null(unclear, conclusion.pairs));
    json_object_set_new(object, "budget_seconds", json_finite(record->budget));
    json_object_set_new(object, "budget_to_tell_seconds", json_real_or_null(unclear, conclusion.budget));
}

/* The winner of each aim, what it is in words, and where it was saved. */
static void add_winners(json_t *object, const struct session_record *record)
{
    const struct proof *proof = &record->outcome.proof;
    char text[1024];
    json_t *ends = json_object();
    for (enum goal_aim aim = GOAL_RECOMMENDED + 1; aim < goal_aims(&record->goal); aim++) {
        session_words_verdict(record, aim, text, sizeof text);
        json_object_set_new(ends, goal_aim_name(aim),
                            json_pack("{s:o, s:o, s:o}", "winner", finalist_json(record, proof_winner(proof, aim)),
                                      "text", json_text(text), "output",
                                      record->path[aim] ? json_text(record->path[aim]) : json_null()));
    }
    json_object_set_new(object, "winner", finalist_json(record, proof_winner(proof, GOAL_RECOMMENDED)));
    json_object_set_new(object, "front", ends);
    json_object_set_new(object, "output",
                        record->path[GOAL_RECOMMENDED] ? json_text(record->path[GOAL_RECOMMENDED]) : json_null());
}

static void add_explanation(json_t *object, const struct session_record *record)
{
    json_t *aims = json_object();
    for (enum goal_aim aim = 0; aim < goal_aims(&record->goal); aim++)
        json_object_set_new(aims, goal_aim_name(aim), explain_json(record, aim));
    json_object_set_new(object, "changes", aims);
}

json_t *session_report_json(const struct session_record *record)
{
    const struct proof *proof = &record->outcome.proof;
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    char text[1024];
    session_words_verdict(record, GOAL_RECOMMENDED, text, sizeof text);
    json_t *object = json_pack("{s:s, s:b, s:o, s:i, s:i}", "type", "verdict", "improved",
                               proof->winner[GOAL_RECOMMENDED] >= 0, "text", json_text(text), "trials",
                               (int)record->outcome.trials, "failed", (int)record->outcome.failed);
    json_object_set_new(object, "elapsed_seconds", json_finite(record->outcome.seconds));
    json_object_set_new(object, "objective", json_text(goal_name(&record->goal)));
    json_object_set_new(object, "limits", record_limits(&goal));
    json_object_set_new(object, "baseline", record_sample(&record->goal.metrics, &record->outcome.baseline));
    json_object_set_new(object, "baseline_operations", json_integer((json_int_t)record->outcome.baseline_operations));
    add_winners(object, record);
    json_object_set_new(object, "allocator", json_text(record->space.subject.description));
    json_object_set_new(object, "environment", what_to_set_json(record));
    json_object_set_new(object, "finalists", finalists_json(record, proof));
    json_object_set_new(object, "remarks", remarks_json(&record->outcome.remarks));
    json_object_set_new(object, "pairs", json_integer((json_int_t)proof->pairs));
    json_object_set_new(object, "noise",
                        json_pack("{s:o, s:o}", "pair_deviation", json_finite(proof->pair_deviation),
                                  "default_deviation", json_finite(proof->baseline_deviation)));
    add_conclusion(object, record);
    add_explanation(object, record);
    return object;
}

/* --- any form ----------------------------------------------------------------------------------------------------- */

static void write_json(FILE *stream, const struct session_record *const *records, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, session_report_json(records[i]));
    output_json(stream, count == 1 ? json_incref(json_array_get(list, 0)) : json_incref(list));
    json_decref(list);
}

static void write_text(FILE *stream, const struct session_record *const *records, size_t count, bool explain)
{
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? "\n" : "", stream);
        session_report_print(stream, records[i], explain);
    }
}

void session_report_write(FILE *stream, enum output_format format, const struct session_record *const *records,
                          size_t count, bool explain)
{
    if (format == OUTPUT_JSON)
        write_json(stream, records, count);
    else if (format == OUTPUT_TEXT)
        write_text(stream, records, count, explain);
    else
        session_table_print(stream, format, records, count);
    for (size_t i = 0; i < count && explain && format == OUTPUT_MARKDOWN; i++)
        print_explanation(stream, format, records[i]);
}
