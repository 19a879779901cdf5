/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See compare_options.h. */
#include "cli/verbs/compare_options.h"

#include "cli/locate/bench.h"
#include "cli/output/memory.h"
#include "cli/output/whole_file.h"
#include "cli/verbs/bad_option.h"
#include "cli/verbs/options.h"
#include "lib/profile/schema.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A comparison of two on a workload of a second then has some ten races. */
#define DEFAULT_BUDGET_S 10.0

#define ALLOWED_FORMATS \
    (OUTPUT_BIT(OUTPUT_TEXT) | OUTPUT_BIT(OUTPUT_JSON) | OUTPUT_BIT(OUTPUT_MARKDOWN) | OUTPUT_BIT(OUTPUT_CSV))

enum {
    OPTION_WORKLOAD = 256,
    OPTION_BUDGET,
    OPTION_ROUNDS,
    OPTION_SEED,
    OPTION_INTERLEAVE,
    OPTION_FORMAT,
    OPTION_METRIC,
    OPTION_OPS,
    OPTION_THREADS,
    OPTION_LIBRARY,
    OPTION_OUTPUT,
    OPTION_QUIET
};

static const struct option long_options[] = {
    {"workload", required_argument, NULL, OPTION_WORKLOAD},
    {"budget", required_argument, NULL, OPTION_BUDGET},
    {"rounds", required_argument, NULL, OPTION_ROUNDS},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"interleave", required_argument, NULL, OPTION_INTERLEAVE},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"metric", required_argument, NULL, OPTION_METRIC},
    {"ops", required_argument, NULL, OPTION_OPS},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"library", required_argument, NULL, OPTION_LIBRARY},
    {"output", required_argument, NULL, OPTION_OUTPUT},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {NULL, 0, NULL, 0},
};

/* What the options leave to be worked out once all are known. */
struct raw_options {
    const char *workloads, *library;
    bool has_budget;
};

/* A whole number from 1 to MOST. */
static int take_count(const char *name, const char *text, uint64_t most, uint64_t *value)
{
    if (option_number(text, value) && *value >= 1 && *value <= most)
        return 0;
    return usage_error("compare: %s: '%s' is not a whole number from 1 to %llu", name, text, (unsigned long long)most);
}

static int take_unsigned(const char *name, const char *text, unsigned most, unsigned *value)
{
    uint64_t number;
    int status = take_count(name, text, most, &number);
    if (status == 0)
        *value = (unsigned)number;
    return status;
}

static int take_budget(const char *text, struct compare_options *options, struct raw_options *raw)
{
    raw->has_budget = true;
    return option_duration(text, &options->budget_s)
               ? 0
               : usage_error("compare: --budget: '%s' is not " OPTION_DURATION_RANGE, text);
}

static int take_interleave(const char *text, enum race_interleave *interleave)
{
    if (strcmp(text, "slice") != 0 && strcmp(text, "run") != 0)
        return usage_error("compare: --interleave: '%s' is not one of slice, run", text);
    *interleave = strcmp(text, "run") == 0 ? RACE_RUNS : RACE_SLICES;
    return 0;
}

static int take_metric(const char *text, enum comparison_metric *metric)
{
    if (strcmp(text, "throughput") != 0 && strcmp(text, "rss") != 0)
        return usage_error("compare: --metric: '%s' is not one of throughput, rss", text);
    *metric = strcmp(text, "rss") == 0 ? COMPARE_RSS : COMPARE_THROUGHPUT;
    return 0;
}

static int take_format(const char *text, enum output_format *format)
{
    const char *expected;
    if (output_format_parse(text, ALLOWED_FORMATS, format, &expected))
        return 0;
    return usage_error("compare: --format: '%s' is not one of %s", text, expected);
}

/* The ending of the name says the form: out.txt, out.json, out.md or out.csv. */
static int take_output(const char *path, struct compare_options *options)
{
    static const struct {
        const char *ending;
        enum output_format format;
    } endings[] = {{".txt", OUTPUT_TEXT}, {".json", OUTPUT_JSON}, {".md", OUTPUT_MARKDOWN}, {".csv", OUTPUT_CSV}};
    const char *dot = strrchr(path, '.');
    char message[PATH_MAX + 256];
    if (options->output_count == COMPARE_MOST_OUTPUTS)
        return usage_error("compare: --output %s: at most %d files can be written", path, COMPARE_MOST_OUTPUTS);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (!dot || strcmp(dot, endings[i].ending) != 0)
            continue;
        if (!whole_file_possible(path, message, sizeof message)) {
            fprintf(stderr, "hakmem-tune: compare: --output: %s\n", message);
            return 1;
        }
        options->outputs[options->output_count++] = (struct compare_output){path, endings[i].format};
        return 0;
    }
    return usage_error("compare: --output %s: expected a name that ends in .txt, .json, .md or .csv", path);
}

static int take_seed(const char *text, uint64_t *seed)
{
    return option_seed(text, seed) ? 0 : usage_error("compare: --seed: '%s' is not " OPTION_SEED_RANGE, text);
}

static int take_option(int option, const char *text, struct compare_options *options, struct raw_options *raw)
{
    switch (option) {
    case OPTION_WORKLOAD:
        raw->workloads = text;
        return 0;
    case OPTION_BUDGET:
        return take_budget(text, options, raw);
    case OPTION_ROUNDS:
        return take_unsigned("--rounds", text, UINT_MAX, &options->rounds);
    case OPTION_SEED:
        return take_seed(text, &options->seed);
    case OPTION_INTERLEAVE:
        return take_interleave(text, &options->interleave);
    case OPTION_FORMAT:
        return take_format(text, &options->format);
    case OPTION_METRIC:
        return take_metric(text, &options->metric);
    case OPTION_OPS:
        return take_count("--ops", text, OPTION_MOST_OPERATIONS, &options->operations);
    case OPTION_THREADS:
        return take_unsigned("--threads", text, OPTION_MOST_THREADS, &options->threads);
    case OPTION_LIBRARY:
        raw->library = text;
        return 0;
    case OPTION_OUTPUT:
        return take_output(text, options);
    default: /* OPTION_QUIET, the only one left */
        options->quiet = true;
        return 0;
    }
}

/* What follows "--" is the command; getopt would mix it with the contenders. */
static char *const *split_command(int *argc, char **argv)
{
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--") != 0)
            continue;
        *argc = i;
        return argv + i + 1;
    }
    return NULL;
}

static int take_options(int argc, char **argv, struct compare_options *options, struct raw_options *raw)
{
    opterr = 0;
    for (int option, status; (option = getopt_long(argc, argv, ":", long_options, NULL)) != -1;) {
        if (option == '?' || option == ':')
            return bad_option("compare", argv, option);
        if ((status = take_option(option, optarg, options, raw)) != 0)
            return status;
    }
    return 0;
}

/* Contradictions and gaps. */
static int check_options(struct compare_options *options, const struct raw_options *raw, int contenders)
{
    if (contenders < 2)
        return usage_error("compare: at least two contenders are needed");
    if (contenders > RACE_MAX_CONTENDERS)
        return usage_error("compare: at most %d contenders can race", RACE_MAX_CONTENDERS);
    if (raw->workloads && options->command)
        return usage_error("compare: either --workload or -- COMMAND, not both");
    if (!raw->workloads && !options->command)
        return usage_error("compare: what to run? give --workload NAME, or -- COMMAND");
    if (options->command && (!options->command[0] || !options->command[0][0]))
        return usage_error("compare: no command after --");
    if (options->command && (options->operations || options->threads))
        return usage_error("compare: %s is for --workload, not for a command",
                           options->operations ? "--ops" : "--threads");
    if (!raw->has_budget)
        options->budget_s = options->rounds ? 0 : DEFAULT_BUDGET_S;
    return 0;
}

static size_t count_names(const char *text)
{
    size_t count = 1;
    for (const char *at = text; (at = strchr(at, ',')) != NULL; at++)
        count++;
    return count;
}

static int split_workloads(struct compare_options *options, const char *text)
{
    options->workload_text = must_have(strdup(text));
    options->workloads = must_have(calloc(count_names(text), sizeof *options->workloads));
    char *rest = options->workload_text;
    for (char *name; (name = strsep(&rest, ",")) != NULL;) {
        char message[512];
        if (!bench_takes(name, options->threads, message, sizeof message))
            return usage_error("compare: %s", message);
        options->workloads[options->workload_count++] = name;
    }
    return 0;
}

static int take_contenders(struct compare_options *options, const char *library, int count, char **texts)
{
    char message[HAK_PROFILE_MESSAGE_SIZE];
    for (int i = 0; i < count; i++) {
        if (!contender_parse(&options->contenders[i], texts[i], library, message, sizeof message))
            return usage_error("compare: %s", message);
        options->contender_count++;
    }
    contenders_tell_apart(options->contenders, options->contender_count);
    return 0;
}

int compare_options_parse(struct compare_options *options, int argc, char **argv)
{
    struct raw_options raw = {NULL, NULL, false};
    memset(options, 0, sizeof *options);
    options->seed = 1;
    options->command = split_command(&argc, argv);
    int status = take_options(argc, argv, options, &raw);
    if (status == 0)
        status = check_options(options, &raw, argc - optind);
    if (status == 0)
        status = take_contenders(options, raw.library, argc - optind, argv + optind);
    if (status == 0 && raw.workloads)
        status = split_workloads(options, raw.workloads);
    return status;
}

void compare_options_clear(struct compare_options *options)
{
    contenders_clear(options->contenders, options->contender_count);
    free(options->workloads);
    free(options->workload_text);
}
