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

static struct change change_of(const struct metric_set *set, const struct session_record *record, enum metric metric,
                               const struct statistics_interval *gain)
{
    double one = metric_change(set, metric, gain->low), other = metric_change(set, metric, gain->high);
    struct change change = {.baseline = record->outcome.baseline.value[metric],
                            .percent = metric_change(set, metric, gain->mean),
                            .low = fmin(one, other),
                            .high = fmax(one, other)};
    change.value = change.baseline * (1 + change.percent / 100);
    return change;
}

/* --- for people --------------------------------------------------------------------------------------------------- */

static void add_row(struct table *table, const struct metric_set *set, const struct session_record *record,
                    enum metric metric, const struct proof_figure *figure)
{
    struct change change = change_of(set, record, metric, &figure->gain);
    char baseline[METRIC_TEXT], value[METRIC_TEXT], percent[CELL], interval[CELL];
    metric_format(metric, change.baseline, baseline, sizeof baseline);
    metric_format(metric, change.value, value, sizeof value);
    snprintf(percent, sizeof percent, "%+.1f%%", change.percent);
    snprintf(interval, sizeof interval, "%+.1f%% to %+.1f%%", change.low, change.high);
    table_add(table, (const char *const[]){metric_title(set, metric), baseline, value, percent, interval});
}

struct table *session_table_of(const struct session_record *record, const struct proof_finalist *finalist,
                               const char *role)
{
    const struct metric_set *set = &record->goal.metrics;
    struct table *table =
        table_new((const char *const[]){"", "default", role, "change", "95% interval", NULL}, "lrrrr");
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++)
        if (finalist->figure[metric].is_known && session_table_has(&record->goal, metric))
            add_row(table, set, record, metric, &finalist->figure[metric]);
    return table;
}

void session_table_print_finalist(FILE *stream, enum output_format format, const struct session_record *record,
                                  const struct proof_finalist *finalist, const char *role)
{
    struct table *table = session_table_of(record, finalist, role);
    table_print(table, stream, format, table_stream_width(stream));
    table_free(table);
}

/* --- Markdown ----------------------------------------------------------------------------------------------------- */

static void print_changes(FILE *stream, const struct session_record *record, const struct proof_finalist *finalist,
                          const char *path)
{
    char text[LONGEST];
    fprintf(stream, "\nChanges: `%s`", space_describe(&record->space, &finalist->point, text, sizeof text));
    if (path)
        fprintf(stream, ", saved in `%s`", path);
    fputs(".\n", stream);
}

static void print_aim(FILE *stream, const struct session_record *record, enum goal_aim aim)
{
    char text[LONGEST];
    const struct proof_finalist *winner = proof_winner(&record->outcome.proof, aim);
    session_words_verdict(record, aim, text, sizeof text);
    fprintf(stream, "\n**%s**: %s.\n", goal_aim_name(aim), text);
    if (!winner)
        return;
    fputc('\n', stream);
    session_table_print_finalist(stream, OUTPUT_MARKDOWN, record, winner, goal_aim_name(aim));
    print_changes(stream, record, winner, record->path[aim]);
}

static void print_markdown(FILE *stream, const struct session_record *record)
{
    const struct proof *proof = &record->outcome.proof;
    fprintf(stream, "### %s: %s\n", record->space.subject.description, record->work.name);
    for (enum goal_aim aim = 0; aim < goal_aims(&record->goal); aim++) {
        enum goal_aim same = session_report_same(proof, aim);
        if (same != aim)
            fprintf(stream, "\n**%s**: is the %s one.\n", goal_aim_name(aim), goal_aim_name(same));
        else if (aim == GOAL_RECOMMENDED || (proof->count > 0 && record->outcome.status == SESSION_DONE))
            print_aim(stream, record, aim);
    }
    fprintf(stream, "\n%zu pairs of runs on seeds that the search of %u candidates has not used; %s; hakmem-tune %s.\n",
            proof->pairs, record->outcome.trials, record->space.machine.description, record->version);
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

static void add_values(struct table *table, const struct session_record *record, size_t index, enum metric metric)
{
    const struct proof_finalist *finalist = &record->outcome.proof.finalists[index];
    const struct statistics_interval *gain = &finalist->figure[metric].gain;
    const struct metric_set *set = &record->goal.metrics;
    struct change change = change_of(set, record, metric, gain);
    char baseline[CELL], value[CELL], percent[CELL], low[CELL], high[CELL], p_value[CELL], changes[LONGEST];
    table_add(table,
              (const char *const[]){record->work.name, record->space.subject.name,
                                    role_of(&record->outcome.proof, index), metric_name(set, metric), unit_of(metric),
                                    number(change.baseline, "%.9g", baseline), number(change.value, "%.9g", value),
                                    number(change.percent, "%.4f", percent), number(change.low, "%.4f", low),
                                    number(change.high, "%.4f", high), number(gain->p_value, "%.5f", p_value),
                                    space_describe(&record->space, &finalist->point, changes, sizeof changes)});
}

static void add_finalists(struct table *table, const struct session_record *record)
{
    const struct proof *proof = &record->outcome.proof;
    for (size_t i = 0; i < proof->count; i++)
        for (enum metric metric = 0; metric < METRICS && metric_exists(&record->goal.metrics, metric); metric++)
            if (proof->finalists[i].figure[metric].is_known)
                add_values(table, record, i, metric);
}

static void print_csv(FILE *stream, const struct session_record *const *records, size_t count)
{
    static const char *const columns[] = {
        "workload",       "allocator",  "role",        "metric",  "unit",    "baseline", "value",
        "change_percent", "change_low", "change_high", "p_value", "changes", NULL};
    struct table *table = table_new(columns, "lllllrrrrrrl");
    for (size_t i = 0; i < count; i++)
        add_finalists(table, records[i]);
    table_print(table, stream, OUTPUT_CSV, 0);
    table_free(table);
}

void session_table_print(FILE *stream, enum output_format format, const struct session_record *const *records,
                         size_t count)
{
    if (format == OUTPUT_CSV)
        print_csv(stream, records, count);
    for (size_t i = 0; i < count && format != OUTPUT_CSV; i++) {
        fputs(i > 0 ? "\n" : "", stream);
        print_markdown(stream, records[i]);
    }
}
