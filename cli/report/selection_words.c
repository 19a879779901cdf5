/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See selection_words.h. */
#include "config.h"

#include "cli/report/selection_words.h"

#include "cli/compare/significance.h"
#include "cli/report/conclusion.h"
#include "cli/report/session_words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

size_t selection_owner(const struct selection *selection, size_t index, bool *tuned)
{
    for (size_t i = 0; i < selection->count; i++) {
        const struct selection_allocator *allocator = &selection->allocators[i];
        *tuned = allocator->fate == SELECTION_TUNED && allocator->tuned == index;
        if (*tuned || (allocator->fate != SELECTION_FAILED && allocator->as_it_comes == index))
            return i;
    }
    return 0;
}

bool selection_recommends(const struct selection *selection)
{
    return selection->recommendation.kind == RECOMMEND_BETTER;
}

/* --- the recommendation ------------------------------------------------------------------------------------------- */

static void describe_better(const struct selection_view *view, char *text)
{
    const struct comparison *race = &view->selection->race;
    size_t best = view->selection->recommendation.best;
    const struct metric_set *set = &view->goal->metrics;
    struct recommend_gain gain;
    recommend_gain(race, best, race->metric, &gain);
    snprintf(text, SELECTION_WORDS, "%s: %.1f%% %s than %s (95%% interval %.1f%% to %.1f%%, p = %.2g, %u rounds)",
             race->entries[best].label, session_words_amount(set, race->metric, gain.mean),
             verdict_text(race, verdict_of(race, best)), race->entries[0].label,
             session_words_amount(set, race->metric, gain.low), session_words_amount(set, race->metric, gain.high),
             race->entries[best].p_value, race->rounds);
    size_t larger = recommend_larger(race, view->goal, best), used = strlen(text);
    if (larger == 0)
        return;
    double own = session_words_amount(set, race->metric, gain.mean);
    recommend_gain(race, larger, race->metric, &gain);
    double other = session_words_amount(set, race->metric, gain.mean);
    snprintf(text + used, SELECTION_WORDS - used,
             "; %s gains %s on average, %.1f%%, but is less sure of it (%.1f%% to %.1f%%)", race->entries[larger].label,
             round(10 * other) > round(10 * own) ? "more" : "as much", other,
             session_words_amount(set, race->metric, gain.low), session_words_amount(set, race->metric, gain.high));
}

/* The end of a sentence: which budget would tell. */
static const char *advise(const struct selection_view *view, const char *what, char *text, size_t size)
{
    char budget[32];
    double seconds = view->selection->telling_budget;
    if (isinf(seconds))
        snprintf(text, size, ": the runs differ too much for any number of rounds: quieten the machine");
    else if (seconds > 0)
        snprintf(text, size, ": --budget %s %s", conclusion_budget(seconds, budget, sizeof budget), what);
    else
        text[0] = '\0';
    return text;
}

const char *selection_words_recommendation(const struct selection_view *view, char text[SELECTION_WORDS])
{
    const char *first = view->selection->race.entries[0].label;
    char advice[128];
    switch (view->selection->recommendation.kind) {
    case RECOMMEND_BETTER:
        describe_better(view, text);
        break;
    case RECOMMEND_FIRST:
        snprintf(text, SELECTION_WORDS, "%s: none of the others can be %.0f%% better and keep to the limits", first,
                 100 * RECOMMEND_WORTH);
        break;
    case RECOMMEND_UNCLEAR:
        snprintf(text, SELECTION_WORDS, "%s, as none is surely better; whether one is could not be told in %u rounds%s",
                 first, view->selection->race.rounds, advise(view, "would tell", advice, sizeof advice));
        break;
    case RECOMMEND_TOO_FEW:
        snprintf(text, SELECTION_WORDS, "none, as there were too few rounds to tell%s",
                 advise(view, "has time for enough", advice, sizeof advice));
        break;
    }
    return text;
}

/* --- who was not tuned -------------------------------------------------------------------------------------------- */

/* Appends the names of those who are BEHIND or not, with REASON after the last. */
static void list_left(const struct selection_view *view, bool behind, const char *reason, char *text)
{
    const struct selection *selection = view->selection;
    size_t listed = 0;
    for (size_t i = 0; i < selection->count; i++) {
        const struct selection_allocator *allocator = &selection->allocators[i];
        size_t used = strlen(text);
        if (allocator->fate != SELECTION_LEFT || allocator->is_behind != behind)
            continue;
        snprintf(text + used, SELECTION_WORDS - used, "%s%s", used ? ", " : "", view->members[i].label);
        listed++;
    }
    size_t used = strlen(text);
    if (listed > 0)
        snprintf(text + used, SELECTION_WORDS - used, " (%s)", reason);
}

const char *selection_words_left(const struct selection_view *view, char text[SELECTION_WORDS])
{
    char budget[32];
    double whole = view->selection->whole_budget;
    text[0] = '\0';
    list_left(view, false, "no time", text);
    list_left(view, true, "far behind as it comes", text);
    size_t used = strlen(text);
    if (used > 0 && whole > 0)
        snprintf(text + used, SELECTION_WORDS - used, "; --budget %s has time for all",
                 conclusion_budget(whole, budget, sizeof budget));
    return text;
}

/* What a session that has no winner says; which budget would tell is said of all together. */
static void describe_no_winner(const struct session_record *record, char *text)
{
    size_t pairs = record->outcome.proof.pairs;
    if (!conclusion_of(record).unclear)
        session_words_verdict(record, GOAL_RECOMMENDED, text, SELECTION_WORDS);
    else
        snprintf(text, SELECTION_WORDS,
                 "tuning has proved nothing better than it comes, in %u candidates and %zu pair%s",
                 record->outcome.trials, pairs, pairs == 1 ? "" : "s");
}

/* --- each of them ------------------------------------------------------------------------------------------------- */

const char *selection_words_fate(const struct selection_view *view, size_t index, char text[SELECTION_WORDS])
{
    const struct selection_allocator *allocator = &view->selection->allocators[index];
    const struct selection_member *member = &view->members[index];
    text[0] = '\0';
    if (allocator->fate == SELECTION_FAILED || allocator->fate == SELECTION_NOT_TUNED)
        snprintf(text, SELECTION_WORDS, "%s", allocator->why);
    else if (member->record && allocator->fate == SELECTION_TUNED)
        session_words_verdict(member->record, GOAL_RECOMMENDED, text, SELECTION_WORDS);
    else if (member->record && allocator->fate == SELECTION_NOT_BETTER)
        describe_no_winner(member->record, text);
    size_t used = strlen(text);
    if (used > 0 && member->output)
        snprintf(text + used, SELECTION_WORDS - used, "; saved in %s", member->output);
    return text;
}

/* --- the first alone ---------------------------------------------------------------------------------------------- */

/* What a crash is told by, in the words of a race. */
#define CRASHED "crashed"

static void __attribute__((format(printf, 2, 3))) append(char text[SELECTION_WORDS], const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, SELECTION_WORDS - used, format, arguments);
    va_end(arguments);
}

const char *selection_words_alone(const struct selection_view *view, char text[SELECTION_WORDS])
{
    const struct selection *selection = view->selection;
    const char *first = view->members[0].label;
    char tuned[SELECTION_WORDS];
    bool all_crash = true;
    text[0] = '\0';
    append(text, "the work is done with %s alone", first);
    for (size_t i = 1; i < selection->count; i++) {
        all_crash &= strstr(selection->allocators[i].why, CRASHED) != NULL;
        append(text, "; %s", selection->allocators[i].why);
    }
    append(text, "%s", all_crash ? " (" RACE_DEEP_BIND ")" : "");
    if (selection_words_fate(view, 0, tuned)[0])
        append(text, "; %s, tuned: %s", first, tuned);
    return text;
}
