/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See session_words.h. */
#include "config.h"

#include "cli/report/session_words.h"

#include "cli/report/conclusion.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Worth a warning: pairs that vary so much need minutes for an interval of a percent; a default that drifts so much
 * says that others are at work on the machine. */
#define NOISY_PAIRS 0.03
#define NOISY_DEFAULT 0.10

/* Room for a change with its interval. */
#define CHANGE 192

/* --- goals -------------------------------------------------------------------------------------------------------- */

static bool is_memory(enum metric metric)
{
    return metric_unit(metric) == METRIC_BYTES;
}

static void describe_limit(const struct goal *goal, const struct goal_limit *limit, char *text, size_t size)
{
    const char *title = metric_title(&goal->metrics, limit->metric);
    if (limit->percent < 0)
        text[0] = '\0';
    else if (limit->metric == METRIC_TIME)
        snprintf(text, size, ", at most %g%% slower than the default", limit->percent);
    else
        snprintf(text, size, ", at most %g%% %s %s than the default", limit->percent,
                 metric_more_is_better(&goal->metrics, limit->metric) ? "less" : "more", title);
}

void session_words_goal(const struct goal *goal, char *text, size_t size)
{
    char worth[METRIC_TEXT], limit[CHANGE];
    double core = goal->metrics.core_worth > 0 ? goal->metrics.core_worth : METRIC_CORE_WORTH;
    metric_format(METRIC_PEAK_MEMORY, core, worth, sizeof worth);
    if (goal->objective == METRIC_COST)
        snprintf(text, size, "%s: CPU time, and mean memory at the price of a core for %s",
                 goal->is_front ? "the front of time and memory, and the least cost" : "the least cost", worth);
    else
        snprintf(text, size, "%s %s", metric_more_is_better(&goal->metrics, goal->objective) ? "the most" : "the least",
                 metric_title(&goal->metrics, goal->objective));
    for (size_t i = 0; i < goal->limit_count; i++) {
        size_t used = strlen(text);
        describe_limit(goal, &goal->limits[i], limit, sizeof limit);
        snprintf(text + used, size - used, "%s", limit);
    }
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

double session_words_percent(const struct metric_set *set, enum metric metric, double gain)
{
    return metric == METRIC_TIME ? 100 * expm1(gain) : metric_change(set, metric, gain);
}

/* The change at the lower and at the upper end, in this order. */
static void change_ends(const struct metric_set *set, enum metric metric, const struct statistics_interval *gain,
                        double *low, double *high)
{
    double one = session_words_percent(set, metric, gain->low), other = session_words_percent(set, metric, gain->high);
    *low = fmin(one, other);
    *high = fmax(one, other);
}

const char *session_words_title(const struct metric_set *set, enum metric metric)
{
    return metric == METRIC_TIME ? "speed" : metric_title(set, metric);
}

const char *session_words_change(const struct metric_set *set, enum metric metric, const struct proof_figure *figure,
                                 char *text, size_t size)
{
    double low, high;
    change_ends(set, metric, &figure->gain, &low, &high);
    snprintf(text, size, "%+.1f%% (95%% interval %+.1f%% to %+.1f%%)",
             session_words_percent(set, metric, figure->gain.mean), low, high);
    return text;
}

/* "peak memory -11.3% (-11.5% to -11.1%)", or "peak memory not known". */
static const char *describe_figure(const struct metric_set *set, enum metric metric, const struct proof_figure *figure,
                                   char *text, size_t size)
{
    double low, high;
    const char *title = session_words_title(set, metric);
    change_ends(set, metric, &figure->gain, &low, &high);
    if (figure->is_known)
        snprintf(text, size, "%s %+.1f%% (%+.1f%% to %+.1f%%)", title,
                 session_words_percent(set, metric, figure->gain.mean), low, high);
    else
        snprintf(text, size, "%s not known", strcmp(title, "peak memory") == 0 ? "memory" : title);
    return text;
}

/* --- a winner ----------------------------------------------------------------------------------------------------- */

/* What a gain in METRIC is: "3 % ..." */
static const char *word_of_gain(const struct metric_set *set, enum metric metric, char *text, size_t size)
{
    if (metric == METRIC_TIME)
        return "faster";
    if (metric == METRIC_COST)
        return "cheaper";
    snprintf(text, size, "%s %s", metric_more_is_better(set, metric) ? "more" : "less", metric_title(set, metric));
    return text;
}

double session_words_amount(const struct metric_set *set, enum metric metric, double gain)
{
    bool grows = metric == METRIC_TIME || metric_more_is_better(set, metric);
    return grows ? 100 * expm1(gain) : -100 * expm1(-gain);
}

/* The two parts that the cost is made of; of a run that is too short for a mean its peak stands for it. */
static void describe_parts(const struct metric_set *set, const struct proof *proof, const struct proof_finalist *winner,
                           char *text, size_t size)
{
    char of[METRIC_TEXT];
    enum metric memory = winner->figure[METRIC_MEAN_MEMORY].is_known ? METRIC_MEAN_MEMORY : METRIC_PEAK_MEMORY;
    const struct statistics_interval *cpu = &winner->figure[METRIC_CPU_TIME].gain, *used = &winner->figure[memory].gain;
    snprintf(text, size, ": CPU time %+.1f%%", session_words_percent(set, METRIC_CPU_TIME, cpu->mean));
    size_t length = strlen(text);
    if (winner->figure[memory].is_known)
        snprintf(text + length, size - length, ", memory %+.1f%% of %s", session_words_percent(set, memory, used->mean),
                 metric_format(memory, proof->baseline.value[memory], of, sizeof of));
}

/* What a gain costs, or brings, besides. */
static void describe_others(const struct goal *goal, const struct proof *proof, const struct proof_finalist *winner,
                            char *text, size_t size)
{
    const struct metric_set *set = &goal->metrics;
    enum metric other = is_memory(goal->objective) ? METRIC_TIME : METRIC_PEAK_MEMORY;
    text[0] = '\0';
    if (goal->objective == METRIC_COST)
        describe_parts(set, proof, winner, text, size);
    else if (winner->figure[other].is_known)
        snprintf(text, size, ", %s %+.1f%%", session_words_title(set, other),
                 session_words_percent(set, other, winner->figure[other].gain.mean));
}

static void describe_winner(const struct goal *goal, enum goal_aim aim, const struct proof *proof,
                            const struct proof_finalist *winner, char *text, size_t size)
{
    const struct metric_set *set = &goal->metrics;
    const struct statistics_interval *gain = &winner->figure[goal->objective].gain;
    char others[CHANGE], word[64];
    describe_others(goal, proof, winner, others, sizeof others);
    snprintf(text, size, "%.1f%% %s than the default (95%% interval %.1f%% to %.1f%%, p = %.2g, %zu pairs)%s",
             session_words_amount(set, goal->objective, gain->mean),
             word_of_gain(set, goal->objective, word, sizeof word),
             session_words_amount(set, goal->objective, gain->low),
             session_words_amount(set, goal->objective, gain->high), winner->test[aim].p_value, proof->pairs, others);
}

/* --- no winner ---------------------------------------------------------------------------------------------------- */

/* The first finalist that stands for the recommended aim, or NULL. */
static const struct proof_finalist *first_recommended(const struct proof *proof)
{
    for (size_t i = 0; i < proof->count; i++)
        if (proof->finalists[i].test[GOAL_RECOMMENDED].is_held)
            return &proof->finalists[i];
    return NULL;
}

/* Whether of those none ran to the end. */
static bool all_eliminated(const struct proof *proof)
{
    for (size_t i = 0; i < proof->count; i++) {
        if (proof->finalists[i].test[GOAL_RECOMMENDED].is_held && !proof->finalists[i].eliminated)
            return false;
    }
    return true;
}

/* "peak memory -12.1% (-12.4% to -11.8%), speed -4.0% (-12.0% to +4.5%)": what was seen of a finalist. */
static void describe_seen(const struct goal *goal, const struct proof_finalist *finalist, char *text, size_t size)
{
    char first[CHANGE], second[CHANGE];
    enum metric other = goal->objective == METRIC_TIME ? METRIC_PEAK_MEMORY : METRIC_TIME;
    describe_figure(&goal->metrics, goal->objective, &finalist->figure[goal->objective], first, sizeof first);
    describe_figure(&goal->metrics, other, &finalist->figure[other], second, sizeof second);
    snprintf(text, size, "%s, %s", first, second);
}

/* A metric that has a limit and is not known of FINALIST, or METRICS. */
static enum metric unknown_limit(const struct goal *goal, const struct proof_finalist *finalist)
{
    for (size_t i = 0; i < goal->limit_count; i++) {
        const struct goal_limit *limit = &goal->limits[i];
        if (limit->is_given && !isinf(goal_allowed(goal, limit)) && !finalist->figure[limit->metric].is_known)
            return limit->metric;
    }
    return METRICS;
}

/* There may be something to win: what was seen, and what would tell. */
static void describe_unclear(const struct goal *goal, const struct session_record *record,
                             const struct conclusion *conclusion, char *text, size_t size)
{
    const struct proof *proof = &record->outcome.proof;
    char seen[2 * CHANGE + 8], budget[32],
        advice[CHANGE] = "the runs differ too much for any number of pairs: quieten the machine";
    const struct proof_finalist *finalist = &proof->finalists[conclusion->finalist];
    enum metric unknown = unknown_limit(goal, finalist);
    describe_seen(goal, finalist, seen, sizeof seen);
    if (isfinite(conclusion->pairs) && !isfinite(conclusion->budget))
        snprintf(advice, sizeof advice, "about %.0f more would, and a proof has %d at most: %s", conclusion->pairs,
                 PROOF_MAX_PAIRS,
                 strcmp(record->work.label, "workload") == 0
                     ? "quieten the machine"
                     : "make the work of a run longer (more data, or the work in a loop)");
    else if (!isfinite(conclusion->pairs) && unknown != METRICS)
        snprintf(advice, sizeof advice,
                 "%s has a limit and is not known of these runs: make the work of a run longer, or leave the limit out",
                 metric_title(&goal->metrics, unknown));
    else if (isfinite(conclusion->pairs))
        snprintf(advice, sizeof advice, "about %.0f more would: --budget %s", conclusion->pairs,
                 conclusion_budget(conclusion->budget, budget, sizeof budget));
    snprintf(text, size, "could not tell whether there is anything to win: %zu pair%s gave %s; %s", proof->pairs,
             proof->pairs == 1 ? "" : "s", seen, advice);
}

/* There is not. */
static void describe_nothing(const struct session_record *record, char *text, size_t size)
{
    const struct proof *proof = &record->outcome.proof;
    const struct proof_finalist *first = first_recommended(proof);
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    const char *title = session_words_title(&goal.metrics, goal.objective);
    if (record->outcome.trials == 0)
        snprintf(text, size, "there was no time for a candidate: try a longer --budget");
    else if (!first)
        snprintf(text, size, "nothing to win: no candidate came out ahead in the search%s%s",
                 proof->count ? " by its " : "", proof->count ? title : "");
    else if (all_eliminated(proof))
        snprintf(text, size, "every finalist failed in the proof, the first: %s", first->reason);
    else
        snprintf(
            text, size,
            "nothing to win: on new seeds no finalist can be %.0f%% better than the default and keep to the limits",
            100 * CONCLUSION_WORTH);
}

/* What the search has found of a session that came to no proof. */
static void describe_best(const struct session_record *record, char *text, size_t size)
{
    const struct goal goal = goal_for(&record->goal, GOAL_RECOMMENDED);
    const struct session_outcome *outcome = &record->outcome;
    char changes[2 * CHANGE];
    snprintf(text, size, "no candidate is ahead of the default yet");
    if (outcome->has_best)
        snprintf(text, size, "the best so far, not proven: %s %+.1f%% (standard error %.1f) with %s",
                 session_words_title(&goal.metrics, goal.objective),
                 session_words_percent(&goal.metrics, goal.objective, outcome->best_score.mean),
                 100 * outcome->best_score.error,
                 space_describe(&record->space, &outcome->best, changes, sizeof changes));
}

/* A session that did not come to its verdict. */
static void describe_end(const struct session_record *record, char *text, size_t size)
{
    char best[4 * CHANGE];
    describe_best(record, best, sizeof best);
    if (record->has_ended && record->outcome.status != SESSION_INTERRUPTED)
        snprintf(text, size, "none: %s", record->outcome.message);
    else
        snprintf(text, size, "none yet: the session %s after %u candidates; %s",
                 record->has_ended ? "was interrupted" : "has not come to its end", record->outcome.trials, best);
}

void session_words_verdict(const struct session_record *record, enum goal_aim aim, char *text, size_t size)
{
    const struct proof_finalist *winner = proof_winner(&record->outcome.proof, aim);
    const struct goal goal = goal_for(&record->goal, aim);
    struct conclusion conclusion = conclusion_of(record);
    if (record->outcome.status != SESSION_DONE)
        describe_end(record, text, size);
    else if (winner)
        describe_winner(&goal, aim, &record->outcome.proof, winner, text, size);
    else if (aim != GOAL_RECOMMENDED)
        snprintf(text, size, "nothing is surely better in that");
    else if (conclusion.unclear)
        describe_unclear(&goal, record, &conclusion, text, size);
    else
        describe_nothing(record, text, size);
}

void session_words_headline(const struct session_record *record, enum goal_aim aim, char *text, size_t size)
{
    const struct proof_finalist *winner = proof_winner(&record->outcome.proof, aim);
    const struct goal goal = goal_for(&record->goal, aim);
    bool is_open = !record->has_ended || record->outcome.status == SESSION_INTERRUPTED;
    char word[64];
    if (record->outcome.status != SESSION_DONE)
        snprintf(text, size, "%s", is_open ? "Not finished" : "No result");
    else if (winner)
        snprintf(text, size, "%.1f%% %s",
                 session_words_amount(&goal.metrics, goal.objective, winner->figure[goal.objective].gain.mean),
                 word_of_gain(&goal.metrics, goal.objective, word, sizeof word));
    else
        snprintf(text, size, "%s", conclusion_of(record).unclear ? "Could not tell" : "Nothing to win");
}

void session_words_noise(const struct session_record *record, char *text, size_t size)
{
    const struct proof *proof = &record->outcome.proof;
    snprintf(text, size, "pairs of runs vary by %.1f%% (standard deviation), the default's own times by %.1f%%%s",
             100 * proof->pair_deviation, 100 * proof->baseline_deviation,
             proof->pair_deviation > NOISY_PAIRS || proof->baseline_deviation > NOISY_DEFAULT ? ": a noisy machine"
                                                                                              : "");
}
