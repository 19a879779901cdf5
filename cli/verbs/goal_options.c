/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See goal_options.h. */
#include "config.h"

#include "cli/verbs/goal_options.h"

#include "cli/metric/expression.h"
#include "cli/options/table.h"
#include "cli/options/usage.h"
#include "cli/options/values.h"
#include "cli/output/memory.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRONT "front"

/* Of the user's own metrics. */
#define LONGEST_NAME 40

/* --- metrics of the user's own ------------------------------------------------------------------------------------ */

static bool is_name(const char *text)
{
    size_t length = strlen(text);
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("_-.", *at))
            return false;
    return length > 0 && length <= LONGEST_NAME && isalpha((unsigned char)text[0]);
}

/* One word after the name. */
static bool take_word(const char *word, struct metric_own *own)
{
    static const char *const gathers[] = {"last", "sum", "mean", "max"};
    if (strcmp(word, "higher") == 0 || strcmp(word, "lower") == 0) {
        own->more_is_better = word[0] == 'h';
        return true;
    }
    for (int i = METRIC_LAST; i <= METRIC_MAX; i++) {
        if (strcmp(word, gathers[i]) == 0) {
            own->gather = (enum metric_gather)i;
            return true;
        }
    }
    return false;
}

static int check_pattern(enum verb verb, const struct metric_own *own)
{
    char why[EXPRESSION_WHY];
    size_t groups;
    if (expression_check(own->pattern, &groups, why) != 0)
        return usage_error(verb, "--metric %s: '%s' is no extended regular expression: %s", own->name, own->pattern,
                           why);
    return groups > 0 ? 0
                      : usage_error(verb, "--metric %s: '%s' has no group in parentheses, which is the number",
                                    own->name, own->pattern);
}

/* In keys of JSON there is no difference between the two. */
static bool is_same_key(const char *one, const char *other)
{
    for (; *one && *other; one++, other++)
        if (*one != *other && !(strchr("-_", *one) && strchr("-_", *other)))
            return false;
    return *one == *other;
}

/* Whether a metric has NAME already, or a key like it. */
static bool is_taken(const struct metric_set *set, const char *name)
{
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric); metric++)
        if (is_same_key(metric_name(set, metric), name))
            return true;
    return metric_find(set, name) != METRIC_NONE;
}

/* NAME[,WORD...]=REGEX. The set owns a copy, which begins with the name. */
static int take_metric(enum verb verb, const char *text, bool more_is_better, struct metric_set *set)
{
    if (!strchr(text, '=') || strchr(text, '=')[1] == '\0')
        return usage_error(verb, "--metric '%s' is not NAME=REGEX, as in rps,higher='([0-9.]+) requests'", text);
    if (set->own_count == METRIC_MOST_OWN)
        return usage_error(verb, "--metric: at most %d can be given", METRIC_MOST_OWN);
    char *words = must_have(strdup(text)), *pattern = strchr(words, '=');
    *pattern++ = '\0';
    struct metric_own own = {.pattern = pattern, .more_is_better = more_is_better};
    own.name = strsep(&words, ",");
    bool taken = is_taken(set, own.name);
    set->own[set->own_count++] = own;
    struct metric_own *kept = &set->own[set->own_count - 1];
    if (!is_name(own.name) || strcmp(own.name, FRONT) == 0)
        return usage_error(verb,
                           "--metric: '%s' is no name for a metric: a letter, and at most %d of A-Z a-z 0-9 _ - .",
                           own.name, LONGEST_NAME - 1);
    if (taken)
        return usage_error(verb, "--metric %s: there is a metric of that name already", own.name);
    for (const char *word = strsep(&words, ","); word; word = strsep(&words, ","))
        if (!take_word(word, kept))
            return usage_error(verb, "--metric %s: '%s' is not one of higher, lower, last, sum, mean, max", own.name,
                               word);
    return check_pattern(verb, kept);
}

/* With compare a value without '=' is the objective, as --objective takes it. */
static bool is_objective(enum verb verb, const char *text)
{
    return verb == VERB_COMPARE && !strchr(text, '=');
}

static int take_metrics(enum verb verb, const struct options *options, struct metric_set *set)
{
    int status = 0;
    for (size_t i = 0; i < options->metrics.count && status == 0; i++)
        if (!is_objective(verb, options->metrics.items[i]))
            status = take_metric(verb, options->metrics.items[i], options->better == OPTION_BETTER_HIGHER, set);
    return status;
}

/* "7.5GiB", or plain bytes. */
static bool parse_size(const char *text, double *bytes)
{
    static const struct {
        const char *name;
        double factor;
    } units[] = {{"", 1}, {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0}};
    char *unit;
    if (!isdigit((unsigned char)text[0]))
        return false;
    double value = strtod(text, &unit);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        *bytes = value * units[i].factor;
        if (strcmp(unit, units[i].name) == 0)
            return isfinite(*bytes) && *bytes >= 1;
    }
    return false;
}

/* --- the goal ----------------------------------------------------------------------------------------------------- */

/* All names that an objective may have, with commas between. */
static const char *list_names(const struct metric_set *set, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (enum metric metric = 0; metric < METRICS && metric_exists(set, metric) && used < size; metric++)
        if (goal_may_be(metric))
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", metric_name(set, metric));
    return text;
}

/* The metric called NAME, which OPTION asks for; METRIC_NONE after a line on stderr. */
static enum metric find(enum verb verb, const char *option, const char *name, const struct metric_set *set)
{
    char names[1024];
    enum metric metric = metric_find(set, name);
    if (metric != METRIC_NONE && goal_may_be(metric))
        return metric;
    usage_error(verb, "--%s: '%s' is not one of %s%s", option, name, list_names(set, names, sizeof names),
                verb == VERB_TUNE && strcmp(option, "objective") == 0 ? ", " FRONT : "");
    return METRIC_NONE;
}

static int take_objective(enum verb verb, const char *option, const char *name, struct goal *goal)
{
    goal->is_front = verb == VERB_TUNE && strcmp(name, FRONT) == 0;
    goal->objective = goal->is_front ? METRIC_COST : find(verb, option, name, &goal->metrics);
    return goal->objective == METRIC_NONE ? 2 : 0;
}

static int add_limit(enum verb verb, struct goal *goal, enum metric metric, double percent)
{
    if (goal_limit(goal, metric, percent == OPTION_NONE ? GOAL_NO_LIMIT : percent))
        return 0;
    return usage_error(verb, "--limit: at most %d can be given", GOAL_MOST_LIMITS);
}

/* METRIC=PERCENT, or METRIC=none. */
static int take_limit(enum verb verb, const char *text, struct goal *goal)
{
    char name[LONGEST_NAME + 2];
    const char *equal = strrchr(text, '=');
    double percent = OPTION_NONE;
    if (!equal || (size_t)(equal - text) >= sizeof name)
        return usage_error(verb, "--limit '%s' is not METRIC=PERCENT, as in time=5, nor METRIC=none", text);
    snprintf(name, sizeof name, "%.*s", (int)(equal - text), text);
    enum metric metric = find(verb, "limit", name, &goal->metrics);
    if (metric == METRIC_NONE)
        return 2;
    if (strcmp(equal + 1, "none") != 0 && !option_percent(equal + 1, &percent))
        return usage_error(verb, "--limit %s: '%s' is not a percentage of 0 or more (5 or 2.5%%), nor none", name,
                           equal + 1);
    return add_limit(verb, goal, metric, percent);
}

static int take_limits(enum verb verb, const struct options *options, struct goal *goal)
{
    int status = 0;
    if (option_given(options, max_rss_growth))
        status = add_limit(verb, goal, METRIC_PEAK_MEMORY, options->max_rss_growth);
    if (status == 0 && option_given(options, max_slowdown))
        status = add_limit(verb, goal, METRIC_TIME, options->max_slowdown);
    for (size_t i = 0; i < options->limits.count && status == 0; i++)
        status = take_limit(verb, options->limits.items[i], goal);
    return status;
}

/* --- with the work ------------------------------------------------------------------------------------------------ */

static bool is_of_calls(enum metric metric)
{
    return metric < METRIC_OWN && metric_unit(metric) == METRIC_NANOSECONDS;
}

/* Whether what is best, or may not get worse, is of single calls. */
static bool needs_latency(const struct goal *goal)
{
    bool needs = is_of_calls(goal->objective);
    for (size_t i = 0; i < goal->limit_count; i++)
        needs |= is_of_calls(goal->limits[i].metric) && goal->limits[i].percent >= 0;
    return needs;
}

/* What METRIC, which the user asks for by OPTION, needs of the work. */
static int check_metric(enum verb verb, const char *option, enum metric metric, const struct metric_set *set,
                        const struct workload *work)
{
    const char *name = metric_name(set, metric);
    if (is_of_calls(metric) && !workload_kind(work)->is_ours)
        return usage_error(verb, "--%s %s: the calls of hakmem-bench are timed, so it needs a --workload", option,
                           name);
    if (metric == METRIC_IDLE_MEMORY && (!work->server || work->idle_s <= 0))
        return usage_error(verb, "--%s %s: it needs a --server, and --idle DURATION", option, name);
    if (metric >= METRIC_OWN && workload_kind(work)->is_ours)
        return usage_error(verb, "--%s %s: only what a command or a --load prints is looked at", option, name);
    return 0;
}

static int check_work(enum verb verb, const struct goal *goal, const struct workload *work)
{
    int status = check_metric(verb, "objective", goal->objective, &goal->metrics, work);
    for (size_t i = 0; i < goal->limit_count && status == 0; i++)
        if (goal->limits[i].percent >= 0)
            status = check_metric(verb, "limit", goal->limits[i].metric, &goal->metrics, work);
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

int goal_options_apply(enum verb verb, const struct options *options, const struct workload *work, struct goal *goal)
{
    *goal = (struct goal){.objective = METRIC_COST};
    int status = take_metrics(verb, options, &goal->metrics);
    if (status == 0)
        status = take_objective(verb, "objective", options->objective, goal);
    for (size_t i = 0; i < options->metrics.count && status == 0; i++)
        if (is_objective(verb, options->metrics.items[i]))
            status = take_objective(verb, "metric", options->metrics.items[i], goal);
    if (status == 0)
        status = take_limits(verb, options, goal);
    if (status == 0 && !parse_size(options->core_worth, &goal->metrics.core_worth))
        status = usage_error(verb, "--core-worth: '%s' is not a size of memory, as in 7.5GiB", options->core_worth);
    goal->metrics.latency = needs_latency(goal);
    return status == 0 ? check_work(verb, goal, work) : status;
}

enum race_interleave goal_options_interleave(const struct options *options, const struct goal *goal)
{
    if (goal->metrics.own_count > 0 && !option_given(options, interleave))
        return RACE_RUNS;
    return (enum race_interleave)options->interleave;
}

void goal_options_clear(struct goal *goal)
{
    for (size_t i = 0; i < goal->metrics.own_count; i++)
        free((void *)goal->metrics.own[i].name);
    goal->metrics.own_count = 0;
}
