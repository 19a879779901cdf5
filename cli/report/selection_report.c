/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See selection_report.h. */
#include "config.h"

#include "cli/report/selection_report.h"

#include "cli/compare/significance.h"
#include "cli/output/json.h"
#include "cli/output/table.h"
#include "cli/report/allocators_table.h"
#include "cli/report/compare_data.h"
#include "cli/report/explain.h"
#include "cli/report/remark_words.h"
#include "cli/report/session_report.h"
#include "cli/report/session_words.h"
#include "cli/report/what_to_set.h"

#include <math.h>
#include <string.h>

/* Of what follows a label. */
#define INDENT 10

/* --- what is recommended ------------------------------------------------------------------------------------------ */

/* Whether the race came so far that something is recommended of it. */
static bool is_whole(const struct selection *selection)
{
    return !selection->race.interrupted && !selection->race.baseline_failed && selection->race.rounds > 0;
}

/* The contender that is recommended, where there is anything to set for it; else NULL. */
static const struct contender *chosen(const struct selection *selection)
{
    const struct contender *contender = &selection->contenders[selection->recommendation.best];
    bool sets = contender->library != NULL;
    for (size_t i = 0; i < contender->environment.count; i++)
        sets |= strchr(contender->environment.list[i], '=') != NULL;
    return is_whole(selection) && selection->recommendation.kind != RECOMMEND_TOO_FEW && sets ? contender : NULL;
}

/* What a process on the recommended one has in its environment; launch_clear() afterwards. */
static void collect(const struct selection_view *view, struct launch_environment *environment)
{
    const struct contender *contender = chosen(view->selection);
    *environment = (struct launch_environment){.count = 0};
    for (size_t i = 0; contender && i < contender->environment.count; i++) {
        char *assignment = contender->environment.list[i], *equal = strchr(assignment, '=');
        if (!equal)
            continue;
        *equal = '\0';
        launch_set(environment, assignment, equal + 1);
        *equal = '=';
    }
    if (contender && view->profile)
        launch_set(environment, "HAKMEM_PROFILE", view->profile);
}

static void print_what_to_set(FILE *stream, const struct selection_view *view)
{
    struct launch_environment environment;
    const struct contender *contender = chosen(view->selection);
    if (!contender)
        return;
    collect(view, &environment);
    what_to_set_print(stream, contender->library, &environment, view->profile ? NULL : view->saved);
    launch_clear(&environment);
}

void selection_report_advise(FILE *stream, const struct selection_view *view)
{
    char text[SELECTION_WORDS];
    if (!is_whole(view->selection))
        return;
    table_print_line(stream, "Recommended: %s", selection_words_recommendation(view, text));
    if (view->saved)
        table_print_line(stream, "Saved: %s", view->saved);
    print_what_to_set(stream, view);
}

/* What each change of it brings, where it is tuned. */
static void explain_recommended(FILE *stream, enum output_format format, const struct selection_view *view)
{
    bool tuned;
    const struct selection *selection = view->selection;
    size_t owner = selection_owner(selection, selection->recommendation.best, &tuned);
    if (!is_whole(selection))
        return;
    fputc('\n', stream);
    if (tuned && view->members[owner].record)
        explain_print(stream, format, view->members[owner].record, GOAL_RECOMMENDED);
    else
        table_print_line(stream, "What is recommended has no settings that differ from the defaults.");
}

/* --- for people --------------------------------------------------------------------------------------------------- */

static void print_entry(FILE *stream, const char *label, const char *text)
{
    if (text[0])
        table_print_entry(stream, label, text, INDENT, table_stream_width(stream));
}

/* What tuning each came to, and who was left. */
static void print_fates(FILE *stream, const struct selection_view *view)
{
    char text[SELECTION_WORDS];
    for (size_t i = 0; i < view->selection->count; i++)
        print_entry(stream, view->members[i].label, selection_words_fate(view, i, text));
    print_entry(stream, "not tuned", selection_words_left(view, text));
}

static void print_messages(FILE *stream, const struct comparison *race)
{
    for (size_t i = 0; i < race->count; i++)
        if (race->entries[i].failed)
            table_print_line(stream, "%s", race->entries[i].message);
}

static void print_heading(FILE *stream, const char *format, const struct comparison *race)
{
    fprintf(stream, format, race->name, race->rounds, race->rounds == 1 ? "" : "s");
}

static void print_text(FILE *stream, const struct selection_view *view, bool explain)
{
    const struct comparison *race = &view->selection->race;
    char text[SELECTION_WORDS];
    print_heading(stream, "%s (%u round%s on unseen seeds)\n", race);
    allocators_table_print(stream, OUTPUT_TEXT, race);
    if (!view->selection->was_first || race->baseline_failed)
        print_messages(stream, race);
    fputc('\n', stream);
    table_print_line(stream,
                     "Changes are against the first, with half of the 95%% interval; verdicts are on %s, and corrected "
                     "for the number of contenders.",
                     metric_title(race->metrics, race->metric));
    for (size_t i = 0; view->remarks && i < view->remarks->count; i++)
        print_entry(stream, "note", remark_describe(&view->remarks->list[i], text, sizeof text));
    fputc('\n', stream);
    print_fates(stream, view);
    if (explain)
        explain_recommended(stream, OUTPUT_TEXT, view);
    fputc('\n', stream);
    selection_report_advise(stream, view);
}

static void print_markdown_fates(FILE *stream, const struct selection_view *view)
{
    char text[SELECTION_WORDS];
    for (size_t i = 0; i < view->selection->count; i++)
        if (selection_words_fate(view, i, text)[0])
            fprintf(stream, "- %s: %s\n", view->members[i].label, text);
    if (selection_words_left(view, text)[0])
        fprintf(stream, "- not tuned: %s\n", text);
}

static void print_markdown(FILE *stream, const struct selection_view *view, bool explain)
{
    const struct selection *selection = view->selection;
    char text[SELECTION_WORDS];
    print_heading(stream, "### %s (%u round%s on unseen seeds)\n\n", &selection->race);
    allocators_table_print(stream, OUTPUT_MARKDOWN, &selection->race);
    fprintf(stream, "\nVerdicts are on %s.\n\n", metric_title(selection->race.metrics, selection->race.metric));
    print_markdown_fates(stream, view);
    if (explain)
        explain_recommended(stream, OUTPUT_MARKDOWN, view);
    if (!is_whole(selection))
        return;
    fprintf(stream, "\n**Recommended**: %s.", selection_words_recommendation(view, text));
    if (view->saved)
        fprintf(stream, " Saved in `%s`.", view->saved);
    fputc('\n', stream);
    if (!chosen(selection))
        return;
    fputs("\n```", stream);
    print_what_to_set(stream, view);
    fputs("```\n", stream);
}

/* --- for programs ------------------------------------------------------------------------------------------------- */

static const char *name_of(enum selection_fate fate)
{
    static const char *const names[] = {[SELECTION_LEFT] = "left",
                                        [SELECTION_TUNED] = "tuned",
                                        [SELECTION_NOT_BETTER] = "not-better",
                                        [SELECTION_NOT_TUNED] = "not-tuned",
                                        [SELECTION_FAILED] = "failed"};
    return names[fate];
}

static json_t *text_or_null(const char *text)
{
    return text && text[0] ? json_text(text) : json_null();
}

static json_t *member_json(const struct selection_view *view, size_t index)
{
    const struct selection_allocator *allocator = &view->selection->allocators[index];
    const struct selection_member *member = &view->members[index];
    const struct comparison *race = &view->selection->race;
    char text[SELECTION_WORDS];
    json_t *object =
        json_pack("{s:o, s:o, s:o, s:s, s:b, s:o, s:o, s:o}", "allocator", json_text(member->label), "description",
                  json_text(member->subject->description), "library", text_or_null(member->subject->library), "fate",
                  name_of(allocator->fate), "behind", allocator->fate == SELECTION_LEFT && allocator->is_behind, "text",
                  text_or_null(selection_words_fate(view, index, text)), "output", text_or_null(member->output),
                  "journal", text_or_null(member->journal));
    bool races = allocator->fate != SELECTION_FAILED && race->count > 0;
    json_object_set_new(object, "contender",
                        races ? json_text(race->entries[allocator->as_it_comes].label) : json_null());
    json_object_set_new(object, "tuned_contender",
                        races && allocator->fate == SELECTION_TUNED ? json_text(race->entries[allocator->tuned].label)
                                                                    : json_null());
    json_object_set_new(object, "session", member->record ? session_report_json(member->record) : json_null());
    return object;
}

/* What a process on the recommended one has in its environment. */
static json_t *environment_json(const struct selection_view *view)
{
    struct launch_environment environment;
    const struct contender *contender = chosen(view->selection);
    if (!contender)
        return json_object();
    collect(view, &environment);
    json_t *object = what_to_set_object(contender->library, &environment);
    launch_clear(&environment);
    return object;
}

/* The gain as the ratio of figures, as everywhere in JSON. */
static json_t *recommended_json(const struct selection_view *view)
{
    const struct selection *selection = view->selection;
    const struct recommendation *recommendation = &selection->recommendation;
    char text[SELECTION_WORDS];
    bool tuned;
    if (!is_whole(selection) || recommendation->kind == RECOMMEND_TOO_FEW)
        return json_null();
    size_t owner = selection_owner(selection, recommendation->best, &tuned);
    return json_pack("{s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o}", "contender",
                     json_text(selection->race.entries[recommendation->best].label), "allocator",
                     json_text(view->members[owner].label), "tuned", tuned, "better",
                     recommendation->kind == RECOMMEND_BETTER, "text",
                     json_text(selection_words_recommendation(view, text)), "output", text_or_null(view->saved),
                     "environment", environment_json(view), "changes",
                     tuned && view->members[owner].record ? explain_json(view->members[owner].record, GOAL_RECOMMENDED)
                                                          : json_array());
}

static json_t *seconds_or_null(double seconds)
{
    return json_real_or_null(seconds > 0 && isfinite(seconds), seconds);
}

json_t *selection_report_json(const struct selection_view *view)
{
    const struct selection *selection = view->selection;
    json_t *object = compare_data_object(&selection->race, 1), *members = json_array();
    char text[SELECTION_WORDS];
    for (size_t i = 0; i < selection->count; i++)
        json_array_append_new(members, member_json(view, i));
    json_object_set_new(object, "type", json_string("selection"));
    json_object_set_new(object, "recommended", recommended_json(view));
    json_object_set_new(object, "allocators", members);
    json_object_set_new(object, "not_tuned", text_or_null(selection_words_left(view, text)));
    json_object_set_new(object, "budget_for_all_seconds", seconds_or_null(selection->whole_budget));
    json_object_set_new(object, "budget_to_tell_seconds", seconds_or_null(selection->telling_budget));
    json_object_set_new(object, "unclear",
                        json_boolean(is_whole(selection) && (selection->recommendation.kind == RECOMMEND_UNCLEAR ||
                                                             selection->recommendation.kind == RECOMMEND_TOO_FEW)));
    json_object_set_new(object, "remarks", view->remarks ? remarks_json(view->remarks) : json_array());
    return object;
}

/* --- CSV ---------------------------------------------------------------------------------------------------------- */

static const char *cell(void *context, size_t contender, size_t column)
{
    const struct selection_view *view = context;
    const struct selection *selection = view->selection;
    bool tuned, is_recommended = is_whole(selection) && selection->recommendation.kind != RECOMMEND_TOO_FEW &&
                                 contender == selection->recommendation.best;
    size_t owner = selection_owner(selection, contender, &tuned);
    const char *output = tuned ? view->members[owner].output : NULL;
    if (column == 0)
        return is_recommended ? "yes" : "no";
    if (is_recommended && view->saved)
        output = view->saved;
    return output ? output : "";
}

void selection_report_write(FILE *stream, enum output_format format, const struct selection_view *view, bool explain)
{
    static const char *const columns[] = {"recommended", "settings", NULL};
    if (format == OUTPUT_JSON)
        output_json(stream, selection_report_json(view));
    else if (format == OUTPUT_CSV)
        compare_data_csv(stream, &view->selection->race, 1, &(struct compare_data_more){columns, cell, (void *)view});
    else if (format == OUTPUT_MARKDOWN)
        print_markdown(stream, view, explain);
    else
        print_text(stream, view, explain);
}
