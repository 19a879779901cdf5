/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See session_report.h. */
#include "config.h"

#include "cli/report/session_report.h"

#include "cli/journal/record.h"
#include "cli/output/json.h"
#include "cli/output/units.h"
#include "cli/report/conclusion.h"
#include "cli/report/what_to_set.h"

#include <math.h>
#include <string.h>

/* Worth a warning: pairs that vary so much need minutes for an interval of a percent; a default that drifts so much
 * says that others are at work on the machine. */
#define NOISY_PAIRS 0.03
#define NOISY_DEFAULT 0.10

/* --- pieces of text ----------------------------------------------------------------------------------------------- */

void session_report_describe_goal(const struct goal *goal, char *text, size_t size)
{
    int used =
        snprintf(text, size, "%s", goal->objective == GOAL_RSS ? "rss (least peak memory)" : "throughput (least time)");
    if (goal->max_rss_growth >= 0 && used >= 0 && (size_t)used < size)
        used += snprintf(text + used, size - (size_t)used, ", at most %g%% more peak memory than the default",
                         goal->max_rss_growth);
    if (goal->max_slowdown >= 0 && used >= 0 && (size_t)used < size)
        snprintf(text + used, size - (size_t)used, ", at most %g%% slower than the default", goal->max_slowdown);
}

/* A log ratio as percent: of speed, how much more work in the same time; of memory, how much less of it. */
static double speed_gain(double log_ratio)
{
    return 100 * expm1(log_ratio);
}

static double memory_saved(double log_ratio)
{
    return -100 * expm1(-log_ratio);
}

static const struct proof_finalist *winner_of(const struct session_outcome *outcome)
{
    return outcome->proof.winner < 0 ? NULL : &outcome->proof.finalists[outcome->proof.winner];
}

static void describe_winner(const struct goal *goal, const struct proof *proof, const struct proof_finalist *winner,
                            char *text, size_t size)
{
    bool memory = goal->objective == GOAL_RSS;
    const struct statistics_interval *interval = memory ? &winner->memory : &winner->time;
    double (*gain)(double) = memory ? memory_saved : speed_gain;
    char other[64] = "";
    if (memory)
        snprintf(other, sizeof other, ", speed %+.1f%%", speed_gain(winner->time.mean));
    else if (winner->has_memory)
        snprintf(other, sizeof other, ", peak memory %+.1f%%", -memory_saved(winner->memory.mean));
    snprintf(text, size, "%.1f%% %s than the default (95%% interval %.1f%% to %.1f%%, p = %.2g, %zu pairs)%s",
             gain(interval->mean), memory ? "less peak memory" : "faster", gain(interval->low), gain(interval->high),
             interval->p_value, proof->pairs, other);
}

static bool all_eliminated(const struct proof *proof)
{
    for (size_t i = 0; i < proof->count; i++) {
        if (!proof->finalists[i].eliminated)
            return false;
    }
    return true;
}

/* "12.1% less peak memory (11.8% to 12.4%), speed -4.0% (-12.0% to +4.5%)": what was seen of a finalist. */
static void describe_seen(const struct goal *goal, const struct proof_finalist *finalist, char *text, size_t size)
{
    char speed[96] = "speed not known", memory[96] = "memory not known";
    if (finalist->has_interval)
        snprintf(speed, sizeof speed, "speed %+.1f%% (%+.1f%% to %+.1f%%)", speed_gain(finalist->time.mean),
                 speed_gain(finalist->time.low), speed_gain(finalist->time.high));
    if (finalist->has_memory)
        snprintf(memory, sizeof memory, "peak memory %+.1f%% (%+.1f%% to %+.1f%%)",
                 -memory_saved(finalist->memory.mean), -memory_saved(finalist->memory.high),
                 -memory_saved(finalist->memory.low));
    bool first = goal->objective == GOAL_RSS;
    snprintf(text, size, "%s, %s", first ? memory : speed, first ? speed : memory);
}

/* There may be something to win: what was seen, and what would tell. */
static void describe_unclear(const struct session_settings *settings, const struct session_outcome *outcome,
                             const struct conclusion *conclusion, char *text, size_t size)
{
    const struct proof *proof = &outcome->proof;
    char seen[256], budget[32], advice[128] = "the runs differ too much for any number of pairs: quieten the machine";
    describe_seen(&settings->goal, &proof->finalists[conclusion->finalist], seen, sizeof seen);
    if (isfinite(conclusion->pairs))
        snprintf(advice, sizeof advice, "about %.0f more would: --budget %s", conclusion->pairs,
                 conclusion_budget(conclusion->budget, budget, sizeof budget));
    snprintf(text, size, "could not tell whether there is anything to win: %zu pair%s gave %s; %s", proof->pairs,
             proof->pairs == 1 ? "" : "s", seen, advice);
}

/* There is not. */
static void describe_nothing(const struct session_outcome *outcome, char *text, size_t size)
{
    const struct proof *proof = &outcome->proof;
    if (outcome->trials == 0)
        snprintf(text, size, "there was no time for a candidate: try a longer --budget");
    else if (proof->count == 0)
        snprintf(text, size, "nothing to win: no candidate came out ahead in the search");
    else if (all_eliminated(proof))
        snprintf(text, size, "every finalist failed in the proof, the first: %s", proof->finalists[0].reason);
    else
        snprintf(
            text, size,
            "nothing to win: on new seeds no finalist can be %.0f%% better than the default and keep to the limits",
            100 * CONCLUSION_WORTH);
}

void session_report_describe(const struct session_settings *settings, const struct session_outcome *outcome, char *text,
                             size_t size)
{
    const struct proof_finalist *winner = winner_of(outcome);
    struct conclusion conclusion = conclusion_of(settings, outcome);
    if (winner)
        describe_winner(&settings->goal, &outcome->proof, winner, text, size);
    else if (conclusion.unclear)
        describe_unclear(settings, outcome, &conclusion, text, size);
    else
        describe_nothing(outcome, text, size);
}

void session_report_describe_noise(const struct session_outcome *outcome, char *text, size_t size)
{
    const struct proof *proof = &outcome->proof;
    snprintf(text, size, "pairs of runs vary by %.1f%% (standard deviation), the default's own times by %.1f%%%s",
             100 * proof->pair_deviation, 100 * proof->baseline_deviation,
             proof->pair_deviation > NOISY_PAIRS || proof->baseline_deviation > NOISY_DEFAULT ? ": a noisy machine"
                                                                                              : "");
}

/* --- for people --------------------------------------------------------------------------------------------------- */

static void print_line(FILE *stream, const char *label, const char *text)
{
    fprintf(stream, "%-9s %s\n", label, text);
}

static void print_change(FILE *stream, const char *label, double change, double low, double high, double p_value)
{
    fprintf(stream, "%-9s %+.1f%% (95%% interval %+.1f%% to %+.1f%%), p = %.2g\n", label, change, low, high, p_value);
}

static void print_finalists(FILE *stream, const struct session_settings *settings, const struct proof *proof)
{
    char text[1024];
    for (size_t i = 0; i < proof->count; i++) {
        const struct proof_finalist *finalist = &proof->finalists[i];
        space_describe(settings->space, &finalist->point, text, sizeof text);
        print_line(stream, (int)i == proof->winner ? "winner" : "finalist", text);
        if (finalist->eliminated)
            print_line(stream, "", finalist->reason);
        if (finalist->has_interval)
            print_change(stream, "  speed", speed_gain(finalist->time.mean), speed_gain(finalist->time.low),
                         speed_gain(finalist->time.high), finalist->time.p_value);
        if (finalist->has_memory)
            print_change(stream, "  memory", -memory_saved(finalist->memory.mean), -memory_saved(finalist->memory.high),
                         -memory_saved(finalist->memory.low), finalist->memory.p_value);
    }
}

void session_report_print(FILE *stream, const struct session_settings *settings, const struct session_outcome *outcome,
                          const char *output)
{
    const struct workload_kind *kind = workload_kind(&settings->work);
    const struct subject *subject = &settings->space->subject;
    char text[1024], size[UNITS_TEXT];
    if (subject->kind->in_environment)
        print_line(stream, "allocator", subject->description);
    print_line(stream, "machine", settings->space->machine.description);
    kind->describe(&settings->work, text, sizeof text);
    print_line(stream, kind->label, text);
    session_report_describe_goal(&settings->goal, text, sizeof text);
    print_line(stream, "goal", text);
    fprintf(stream, "%-9s %u candidates (%u failed) in %.0f s, seed %llu\n", "search", outcome->trials, outcome->failed,
            outcome->seconds, (unsigned long long)settings->seed);
    if (outcome->failed)
        print_line(stream, "  failed", outcome->first_failure);
    fprintf(stream, "%-9s %s: %.3f s for a run, %s at its peak\n", "baseline", subject->baseline,
            outcome->baseline_seconds, units_size(outcome->baseline_resident, size, sizeof size));
    print_finalists(stream, settings, &outcome->proof);
    if (outcome->proof.pairs > 0) {
        fprintf(stream,
                "%-9s against the default, by %zu pairs on unseen seeds; of equally good ones the one with the fewest "
                "changes wins\n",
                "", outcome->proof.pairs);
        session_report_describe_noise(outcome, text, sizeof text);
        print_line(stream, "noise", text);
    }
    session_report_describe(settings, outcome, text, sizeof text);
    print_line(stream, "verdict", text);
    if (output) {
        if (outcome->proof.winner < 0)
            snprintf(text, sizeof text, "%s (%s%s)", output, subject->kind->in_environment ? "" : "the ",
                     subject->baseline);
        else
            snprintf(text, sizeof text, "%s", output);
        print_line(stream, "saved", text);
    }
}

/* --- for programs ------------------------------------------------------------------------------------------------- */

/* Ratios of the finalist's figure to the default's, as in a comparison: a speed, of which more is faster. */
static json_t *speed_json(bool known, const struct statistics_interval *interval)
{
    if (!known)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o}", "ratio", json_finite(exp(interval->mean)), "low",
                     json_finite(exp(interval->low)), "high", json_finite(exp(interval->high)), "p_value",
                     json_finite(interval->p_value));
}

/* Or a memory size, of which more is larger. */
static json_t *memory_json(bool known, const struct statistics_interval *interval)
{
    if (!known)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o}", "ratio", json_finite(exp(-interval->mean)), "low",
                     json_finite(exp(-interval->high)), "high", json_finite(exp(-interval->low)), "p_value",
                     json_finite(interval->p_value));
}

static json_t *finalist_json(const struct space *space, const struct proof_finalist *finalist)
{
    json_t *object = json_pack("{s:i, s:o, s:b, s:b}", "trial", (int)finalist->trial, "profile",
                               record_point(space, &finalist->point), "within_limits", finalist->within_limits,
                               "significant", finalist->better);
    json_object_set_new(object, "speed", speed_json(finalist->has_interval, &finalist->time));
    json_object_set_new(object, "memory", memory_json(finalist->has_memory, &finalist->memory));
    if (finalist->eliminated)
        json_object_set_new(object, "failed", json_text(finalist->reason));
    return object;
}

json_t *session_report_json(const struct session_settings *settings, const struct session_outcome *outcome,
                            const char *output)
{
    const struct proof *proof = &outcome->proof;
    char text[1024];
    json_t *finalists = json_array();
    for (size_t i = 0; i < proof->count; i++)
        json_array_append_new(finalists, finalist_json(settings->space, &proof->finalists[i]));
    session_report_describe(settings, outcome, text, sizeof text);
    json_t *baseline = json_pack("{s:o, s:I}", "seconds", json_finite(outcome->baseline_seconds), "peak_resident_bytes",
                                 (json_int_t)outcome->baseline_resident);
    json_t *object = json_pack("{s:s, s:b, s:s, s:i, s:i}", "type", "verdict", "improved", proof->winner >= 0, "text",
                               text, "trials", (int)outcome->trials, "failed", (int)outcome->failed);
    json_object_set_new(object, "elapsed_seconds", json_finite(outcome->seconds));
    json_object_set_new(object, "baseline", baseline);
    json_object_set_new(object, "winner",
                        proof->winner < 0 ? json_null()
                                          : finalist_json(settings->space, &proof->finalists[proof->winner]));
    json_object_set_new(object, "allocator", json_text(settings->space->subject.description));
    json_object_set_new(object, "environment", what_to_set_json(settings, outcome));
    json_object_set_new(object, "finalists", finalists);
    json_object_set_new(object, "pairs", json_integer((json_int_t)proof->pairs));
    json_object_set_new(object, "noise",
                        json_pack("{s:o, s:o}", "pair_deviation", json_finite(proof->pair_deviation),
                                  "default_deviation", json_finite(proof->baseline_deviation)));
    struct conclusion conclusion = conclusion_of(settings, outcome);
    bool unclear = proof->winner < 0 && conclusion.unclear;
    json_object_set_new(object, "unclear", json_boolean(unclear));
    json_object_set_new(object, "more_pairs", json_real_or_null(unclear, conclusion.pairs));
    json_object_set_new(object, "budget_to_tell_seconds", json_real_or_null(unclear, conclusion.budget));
    json_object_set_new(object, "goal", json_string(goal_name(settings->goal.objective)));
    json_object_set_new(object, "output", output ? json_text(output) : json_null());
    return object;
}
