/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune_options.h. */
#include "config.h"

#include "cli/verbs/tune_options.h"

#include "cli/strategy/strategy.h"
#include "cli/verbs/bad_option.h"
#include "cli/verbs/options.h"

#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#define DEFAULT_BUDGET 60.0 /* seconds: enough to find what is worth a few percent */
#define DEFAULT_SEED 1
#define DEFAULT_MAX_SLOWDOWN 5.0     /* percent, with --objective rss: less memory at any price is seldom meant */
#define DEFAULT_MAX_RSS_GROWTH 100.0 /* percent: nor is more speed */

enum option_code {
    OPTION_WORKLOAD = 256,
    OPTION_OBJECTIVE,
    OPTION_MAX_RSS_GROWTH,
    OPTION_MAX_SLOWDOWN,
    OPTION_BUDGET,
    OPTION_TRIALS,
    OPTION_STRATEGY,
    OPTION_SEED,
    OPTION_OUTPUT,
    OPTION_JOURNAL,
    OPTION_RESUME,
    OPTION_INTERLEAVE,
    OPTION_OPS,
    OPTION_THREADS,
    OPTION_FORMAT,
    OPTION_QUIET,
    OPTION_LIBRARY,
    OPTION_JOBS,
    OPTION_LAUNCHER,
    OPTION_TRACE,
    OPTION_REPORT,
};

static const struct option long_options[] = {
    {"workload", required_argument, NULL, OPTION_WORKLOAD},
    {"objective", required_argument, NULL, OPTION_OBJECTIVE},
    {"max-rss-growth", required_argument, NULL, OPTION_MAX_RSS_GROWTH},
    {"max-slowdown", required_argument, NULL, OPTION_MAX_SLOWDOWN},
    {"budget", required_argument, NULL, OPTION_BUDGET},
    {"trials", required_argument, NULL, OPTION_TRIALS},
    {"strategy", required_argument, NULL, OPTION_STRATEGY},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"output", required_argument, NULL, OPTION_OUTPUT},
    {"journal", required_argument, NULL, OPTION_JOURNAL},
    {"resume", no_argument, NULL, OPTION_RESUME},
    {"interleave", required_argument, NULL, OPTION_INTERLEAVE},
    {"ops", required_argument, NULL, OPTION_OPS},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"library", required_argument, NULL, OPTION_LIBRARY},
    {"jobs", required_argument, NULL, OPTION_JOBS},
    {"launcher", required_argument, NULL, OPTION_LAUNCHER},
    {"trace", required_argument, NULL, OPTION_TRACE},
    {"report", required_argument, NULL, OPTION_REPORT},
    {NULL, 0, NULL, 0},
};

/* --- one option's value ------------------------------------------------------------------------------------------- */

static int parse_objective(const char *text, struct tune_options *options)
{
    if (strcmp(text, "pareto") == 0 || strcmp(text, "latency") == 0)
        return usage_error("--objective %s is not in this version (throughput or rss)", text);
    if (strcmp(text, "throughput") != 0 && strcmp(text, "rss") != 0)
        return usage_error("--objective: '%s' is not one of throughput, rss", text);
    options->goal.objective = strcmp(text, "rss") == 0 ? GOAL_RSS : GOAL_THROUGHPUT;
    return 0;
}

static int parse_strategy(const char *text, struct tune_options *options)
{
    static const char *const known[] = {"local", "sobol", "random"};
    if (strcmp(text, "bayes") == 0 || strcmp(text, "anneal") == 0)
        return usage_error("--strategy %s is not in this version (%s)", text, strategy_names());
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(text, known[i]) == 0) {
            options->strategy = known[i];
            return 0;
        }
    }
    return usage_error("--strategy: '%s' is not one of %s", text, strategy_names());
}

static int parse_interleave(const char *text, struct tune_options *options)
{
    if (strcmp(text, "slice") != 0 && strcmp(text, "run") != 0)
        return usage_error("--interleave: '%s' is not one of slice, run", text);
    options->interleave = strcmp(text, "run") == 0 ? RACE_RUNS : RACE_SLICES;
    return 0;
}

static int parse_format(const char *text, struct tune_options *options)
{
    if (strcmp(text, "text") != 0 && strcmp(text, "json") != 0)
        return usage_error("--format: '%s' is not one of text, json", text);
    options->json = strcmp(text, "json") == 0;
    return 0;
}

static int parse_percent(const char *name, const char *text, double *percent)
{
    return option_percent(text, percent)
               ? 0
               : usage_error("--%s: '%s' is not a percentage of 0 or more (5 or 2.5%%)", name, text);
}

/* A limit, or "none" to have none. */
static int parse_growth(const char *text, struct goal *goal)
{
    goal->has_growth = true;
    goal->max_rss_growth = GOAL_NO_LIMIT;
    if (strcmp(text, "none") == 0 || option_percent(text, &goal->max_rss_growth))
        return 0;
    return usage_error("--max-rss-growth: '%s' is not a percentage of 0 or more (5 or 2.5%%), nor none", text);
}

static int parse_count(const char *name, const char *text, uint64_t most, uint64_t *count)
{
    if (option_number(text, count) && *count >= 1 && *count <= most)
        return 0;
    return usage_error("--%s: '%s' is not a whole number from 1 to %llu", name, text, (unsigned long long)most);
}

static int parse_unsigned(const char *name, const char *text, uint64_t most, unsigned *count)
{
    uint64_t value = 0;
    int status = parse_count(name, text, most, &value);
    *count = (unsigned)value;
    return status;
}

static int parse_text(const char *name, const char *text, const char **value)
{
    *value = text;
    return *text ? 0 : usage_error("--%s: needs a value that is not empty", name);
}

static int parse_option(int code, const char *name, const char *text, struct tune_options *options)
{
    switch (code) {
    case OPTION_WORKLOAD:
        return parse_text(name, text, &options->work.workload);
    case OPTION_OBJECTIVE:
        return parse_objective(text, options);
    case OPTION_MAX_RSS_GROWTH:
        return parse_growth(text, &options->goal);
    case OPTION_MAX_SLOWDOWN:
        return parse_percent(name, text, &options->goal.max_slowdown);
    case OPTION_BUDGET:
        return option_duration(text, &options->budget)
                   ? 0
                   : usage_error("--budget: '%s' is not " OPTION_DURATION_RANGE, text);
    case OPTION_TRIALS:
        return parse_unsigned(name, text, INT_MAX, &options->trials);
    case OPTION_STRATEGY:
        return parse_strategy(text, options);
    case OPTION_SEED:
        return option_seed(text, &options->seed) ? 0 : usage_error("--seed: '%s' is not " OPTION_SEED_RANGE, text);
    case OPTION_OUTPUT:
        return parse_text(name, text, &options->output);
    case OPTION_JOURNAL:
        return parse_text(name, text, &options->journal);
    case OPTION_RESUME:
        options->resume = true;
        return 0;
    case OPTION_INTERLEAVE:
        return parse_interleave(text, options);
    case OPTION_OPS:
        return parse_count(name, text, OPTION_MOST_OPERATIONS, &options->work.operations);
    case OPTION_THREADS:
        return parse_unsigned(name, text, OPTION_MOST_THREADS, &options->work.threads);
    case OPTION_FORMAT:
        return parse_format(text, options);
    case OPTION_QUIET:
        options->quiet = true;
        return 0;
    case OPTION_LIBRARY:
        return parse_text(name, text, &options->library);
    default:
        return usage_error("--%s is not in this version", name);
    }
}

/* --- what goes together ------------------------------------------------------------------------------------------- */

static int check_work(const struct workload *work)
{
    if (work->workload && work->command)
        return usage_error("--workload %s and the command '%s' exclude each other", work->workload, work->command[0]);
    if (!work->workload && !work->command)
        return usage_error("nothing to tune: give --workload NAME, or -- COMMAND");
    if (work->command && work->operations)
        return usage_error("--ops is for a --workload; the command '%s' does what it does", work->command[0]);
    if (work->command && work->threads)
        return usage_error("--threads is for a --workload; give '%s' its own option", work->command[0]);
    return 0;
}

static int check_goal(struct goal *goal)
{
    if (goal->objective == GOAL_THROUGHPUT && goal->max_slowdown >= 0)
        return usage_error("--max-slowdown is for --objective rss; with throughput it is --max-rss-growth");
    if (goal->objective == GOAL_RSS && goal->has_growth)
        return usage_error("--max-rss-growth is for --objective throughput; with rss it is --max-slowdown");
    if (goal->objective == GOAL_RSS && goal->max_slowdown < 0)
        goal->max_slowdown = DEFAULT_MAX_SLOWDOWN;
    if (goal->objective == GOAL_THROUGHPUT && !goal->has_growth)
        goal->max_rss_growth = DEFAULT_MAX_RSS_GROWTH;
    return 0;
}

static int check_together(struct tune_options *options)
{
    int status = check_work(&options->work);
    if (status == 0)
        status = check_goal(&options->goal);
    if (status == 0 && options->budget > 0 && options->trials)
        status = usage_error("--budget and --trials exclude each other: either ends the search");
    if (status == 0 && options->journal && options->output && strcmp(options->journal, options->output) == 0)
        status = usage_error("--journal and --output name the same file %s", options->output);
    if (options->budget <= 0)
        options->budget = options->trials ? INFINITY : DEFAULT_BUDGET;
    return status;
}

static int take_command(int argc, char **argv, struct tune_options *options)
{
    if (optind == argc)
        return strcmp(argv[argc - 1], "--") == 0 ? usage_error("there is no command after --") : 0;
    if (strcmp(argv[optind - 1], "--") != 0)
        return usage_error("unexpected argument '%s' (a verb comes first, a command goes after --)", argv[optind]);
    if (!argv[optind][0])
        return usage_error("the command after -- is empty");
    options->work.command = argv + optind;
    return 0;
}

int tune_options_parse(int argc, char **argv, struct tune_options *options)
{
    int code, status = 0, index = -1;
    *options = (struct tune_options){.goal = {.max_rss_growth = GOAL_NO_LIMIT, .max_slowdown = GOAL_NO_LIMIT},
                                     .strategy = "local",
                                     .seed = DEFAULT_SEED};
    opterr = 0;
    optind = 1;
    while (status == 0 && (code = getopt_long(argc, argv, "+:", long_options, &index)) != -1) {
        if (code == ':' || code == '?')
            return bad_option("tune", argv, code);
        status = parse_option(code, long_options[index].name, optarg, options);
    }
    if (status == 0)
        status = take_command(argc, argv, options);
    return status ? status : check_together(options);
}
