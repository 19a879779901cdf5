/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See session_table.h. */
#include "config.h"

#include "cli/report/session_table.h"

#include "cli/output/table.h"
#include "cli/report/conclusion.h"
#include "cli/report/session_words.h"

#include <math.h>
#include <string.h>

/* Room for any cell but a list of changes. */
#define CELL 64
#define LONGEST 1024

bool session_table_has(const struct goal *goal, enum metric metric)
{
    for (size_t i = 0; i < goal->limit_count; i++)
        if (goal->limits[i].metric == metric)
            return true;
    return metric == METRIC_COST || metric == METRIC_TIME || metric == METRIC_CPU_TIME ||
           metric == METRIC_PEAK_MEMORY || metric == METRIC_MEAN_MEMORY || metric == METRIC_IDLE_MEMORY ||
           metric >= METRIC_OWN || metric == goal->objective;
}

/* --- figures ------------------------------------------------------------------------------------------------------ */

/* Of a finalist, in the metric's own direction: of time and memory less is better. */
struct change {
    double baseline, value;    /* in the metric's unit; NAN: not known */
    double percent, low, high; /* of the baseline's */
};

static struct change change_of(const struct metric_set *set, const struct session_outcome *outcome, enum metric metric,
                               const struct statistics_interval *gain)
{
    double one = metric_change(set, metric, gain->low), other = metric_change(set, metric, gain->high);
    struct change change = {.baseline = outcome->baseline.value[metric],
                            .percent = metric_change(set, metric, gain->mean),
                            .low = fmin(one, other),
                            .high = fmax(one, other)};
    change.value = change.baseline * (1 + change.percent / 100);
    return change;
}

/* --- for people --------------------------------------------------------------------------------------------------- */

static void add_row(struct table *table, const struct metric_set *set, const struct session_outcome *outcome,
                    enum metric metric, const struct proof_figure *figure)
{
    struct change change = change_of(set, outcome, metric, &figure->gain);
    char baseline[METRIC_TEXT], value[METRIC_TEXT], percent[CELL], interval[CELL];
    metric_format(metric, change.baseline, baseline, sizeof baseline);
    metric_format(metric, change.value, value, sizeof value);
    snprintf(percent, sizeof percent, "%+.1f%%", change.percent);
    snprintf(interval, sizeof interval, "%+.1f%% to %+.1f%%", change.low, change.high);
    table_add(table, (const char *const[]){metric_title(set, metric), baseline, value, percent, interval});
}

void session_table_print_finalist(FILE *stream, enum output_format format, const struct session_settings *settings,
                                  const struct session_outcome *outcome, const struct proof_finalist *finalist,
                                  const char *role)
{
    const struct metric_set *set = &settings->goal.metrics;
    struct table *table =
        table_new((const char *const[]){"", "default", role, "change", "95% interval", NULL}, "lrrrr");
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++)
        if (finalist->figure[metric].is_known && session_table_has(&settings->goal, metric))
            add_row(table, set, outcome, metric, &finalist->figure[metric]);
    table_print(table, stream, format, 0);
    table_free(table);
}

/* --- Markdown ----------------------------------------------------------------------------------------------------- */

static const char *describe_work(const struct session_settings *settings, char *text, size_t size)
{
    workload_name(&settings->work, text, size);
    return text;
}

static void print_changes(FILE *stream, const struct session_settings *settings, const struct proof_finalist *finalist,
                          const char *path)
{
    char text[LONGEST];
    fprintf(stream, "\nChanges: `%s`", space_describe(settings->space, &finalist->point, text, sizeof text));
    if (path)
        fprintf(stream, ", saved in `%s`", path);
    fputs(".\n", stream);
}

static void print_aim(FILE *stream, const struct session_settings *settings, const struct session_outcome *outcome,
                      const struct session_outputs *outputs, enum goal_aim aim)
{
    char text[LONGEST];
    const struct proof_finalist *winner = proof_winner(&outcome->proof, aim);
    session_words_verdict(settings, outcome, aim, text, sizeof text);
    fprintf(stream, "\n**%s**: %s.\n", goal_aim_name(aim), text);
    if (!winner)
        return;
    fputc('\n', stream);
    session_table_print_finalist(stream, OUTPUT_MARKDOWN, settings, outcome, winner, goal_aim_name(aim));
    print_changes(stream, settings, winner, outputs->path[aim]);
}

static void print_markdown(FILE *stream, const struct session_settings *settings, const struct session_outcome *outcome,
                           const struct session_outputs *outputs)
{
    const struct proof *proof = &outcome->proof;
    char text[LONGEST];
    fprintf(stream, "### %s: %s\n", settings->space->subject.description, describe_work(settings, text, sizeof text));
    for (enum goal_aim aim = 0; aim < goal_aims(&settings->goal); aim++) {
        enum goal_aim same = session_report_same(proof, aim);
        if (same != aim)
            fprintf(stream, "\n**%s**: is the %s one.\n", goal_aim_name(aim), goal_aim_name(same));
        else if (aim == GOAL_RECOMMENDED || proof->count > 0)
            print_aim(stream, settings, outcome, outputs, aim);
    }
    fprintf(stream, "\n%zu pairs of runs on seeds that the search of %u candidates has not used; %s; hakmem-tune %s.\n",
            proof->pairs, outcome->trials, settings->space->machine.description, PACKAGE_VERSION);
}

/* --- comma-separated values --------------------------------------------------------------------------------------- */

/* What FINALIST has won, or "finalist". */
static const char *role_of(const struct proof *proof, size_t finalist)
{
    for (enum goal_aim aim = 0; aim < GOAL_AIMS; aim++)
        if (proof->winner[aim] == (int)finalist)
            return goal_aim_name(aim);
    return "finalist";
}

static const char *unit_of(enum metric metric)
{
    static const char *const units[] = {[METRIC_SECONDS] = "seconds",
                                        [METRIC_BYTES] = "bytes",
                                        [METRIC_NANOSECONDS] = "nanoseconds",
                                        [METRIC_COUNT] = "",
                                        [METRIC_PLAIN] = ""};
    return units[metric_unit(metric)];
}

static const char *number(double value, const char *format, char *text)
{
    text[0] = '\0';
    if (isfinite(value))
        snprintf(text, CELL, format, value); /* NOLINT(clang-diagnostic-format-nonliteral) */
    return text;
}

static void add_values(struct table *table, const struct session_settings *settings,
                       const struct session_outcome *outcome, size_t index, enum metric metric)
{
    const struct proof_finalist *finalist = &outcome->proof.finalists[index];
    const struct statistics_interval *gain = &finalist->figure[metric].gain;
    const struct metric_set *set = &settings->goal.metrics;
    struct change change = change_of(set, outcome, metric, gain);
    char work[CELL], baseline[CELL], value[CELL], percent[CELL], low[CELL], high[CELL], p_value[CELL], changes[LONGEST];
    table_add(table,
              (const char *const[]){describe_work(settings, work, sizeof work), settings->space->subject.name,
                                    role_of(&outcome->proof, index), metric_name(set, metric), unit_of(metric),
                                    number(change.baseline, "%.9g", baseline), number(change.value, "%.9g", value),
                                    number(change.percent, "%.4f", percent), number(change.low, "%.4f", low),
                                    number(change.high, "%.4f", high), number(gain->p_value, "%.5f", p_value),
                                    space_describe(settings->space, &finalist->point, changes, sizeof changes)});
}

static void print_csv(FILE *stream, const struct session_settings *settings, const struct session_outcome *outcome)
{
    static const char *const columns[] = {
        "workload",       "allocator",  "role",        "metric",  "unit",    "baseline", "value",
        "change_percent", "change_low", "change_high", "p_value", "changes", NULL};
    const struct metric_set *set = &settings->goal.metrics;
    struct table *table = table_new(columns, "lllllrrrrrrl");
    for (size_t i = 0; i < outcome->proof.count; i++)
        for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++)
            if (outcome->proof.finalists[i].figure[metric].is_known)
                add_values(table, settings, outcome, i, metric);
    table_print(table, stream, OUTPUT_CSV, 0);
    table_free(table);
}

void session_table_print(FILE *stream, enum output_format format, const struct session_settings *settings,
                         const struct session_outcome *outcome, const struct session_outputs *outputs)
{
    if (format == OUTPUT_CSV)
        print_csv(stream, settings, outcome);
    else
        print_markdown(stream, settings, outcome, outputs);
}
