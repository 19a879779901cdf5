/* SPDX-License-Identifier: MIT */
/* Options to plan. */
#include "config.h"

#include "bench/options.h"

#include "bench/measure.h"
#include "bench/support.h"

#include <ctype.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A year of work at the fastest rate: more is a slip of the finger. */
#define MAX_OPERATIONS 1000000000000000u
#define MAX_SHARE 1000000

enum {
    OPTION_OPS = 256,
    OPTION_SHARE,
    OPTION_THREADS,
    OPTION_SEED,
    OPTION_WARMUP,
    OPTION_CPUS,
    OPTION_LATENCY,
    OPTION_FORMAT,
    OPTION_LIST,
    OPTION_HELP,
    OPTION_VERSION
};

static const struct option option_table[] = {
    {"share", required_argument, NULL, OPTION_SHARE},
    {"ops", required_argument, NULL, OPTION_OPS},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"warmup", required_argument, NULL, OPTION_WARMUP},
    {"cpus", required_argument, NULL, OPTION_CPUS},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"latency", no_argument, NULL, OPTION_LATENCY},
    {"list", no_argument, NULL, OPTION_LIST},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

void options_print_help(void)
{
    printf("Usage: hakmem-bench WORKLOAD [OPTION...]\n"
           "Measures whichever allocator serves malloc; LD_PRELOAD=FILE.so decides which one that is.\n"
           "WORKLOAD is one of --list, or with a number of threads, as in ws8192:2.\n"
           "\n"
           "  --ops N         measured operations of each thread (default: about a second's worth)\n"
           "  --share N       instead of --ops: N times the default, such as 0.1\n"
           "  --threads N     threads, pinned to different cores (default: the workload's own)\n"
           "  --seed N        start of the random numbers (default: HAKMEM_SEED, else 1)\n"
           "  --warmup N      operations of each thread before the measurement (default: into the steady state)\n"
           "  --cpus LIST     processors to pin to, in this order, such as 0,2-3 (default: hwloc's order, cores before "
           "siblings)\n"
           "  --latency       time each call of malloc and of free (wsN only): percentiles instead of a rate\n"
           "  --format FORMAT text, json, or none (only do the work)\n"
           "  --list          show the workloads (with --format json for programs)\n"
           "  --help, --version\n"
           "\n"
           "Environment: HAKMEM_SEED, and HAKMEM_PROGRESS_FD (the descriptor of a progress page, for measuring from "
           "outside).\n"
           "Exit status: 0 measured, 1 failed, 2 bad usage.\n");
}

static uint64_t number_option(const char *name, const char *text, uint64_t minimum, uint64_t maximum)
{
    uint64_t value;
    if (!bench_parse_number(text, minimum, maximum, &value))
        bench_die(BENCH_EXIT_USAGE, "%s %s: expected a whole number from %llu to %llu", name, text,
                  (unsigned long long)minimum, (unsigned long long)maximum);
    return value;
}

static double share_option(const char *text)
{
    char *end;
    double share = strtod(text, &end);
    if (!isdigit((unsigned char)*text) || *end || !(share > 0 && share <= MAX_SHARE))
        bench_die(BENCH_EXIT_USAGE, "--share %s: expected a number above 0, at most %d", text, MAX_SHARE);
    return share;
}

static enum bench_format format_option(const char *text)
{
    static const char *const words[] = {
        [BENCH_FORMAT_TEXT] = "text", [BENCH_FORMAT_JSON] = "json", [BENCH_FORMAT_NONE] = "none"};
    for (int format = BENCH_FORMAT_TEXT; format <= BENCH_FORMAT_NONE; format++)
        if (strcmp(text, words[format]) == 0)
            return (enum bench_format)format;
    bench_die(BENCH_EXIT_USAGE, "--format %s: expected text, json or none", text);
}

static void take_option(int option, const char *value, struct bench_options *options)
{
    switch (option) {
    case OPTION_OPS:
        options->plan.operations = number_option("--ops", value, 1, MAX_OPERATIONS);
        options->has_operations = true;
        break;
    case OPTION_SHARE:
        options->share = share_option(value);
        break;
    case OPTION_THREADS:
        options->plan.threads = (unsigned)number_option("--threads", value, 1, BENCH_MAX_THREADS);
        break;
    case OPTION_SEED:
        options->plan.seed = number_option("--seed", value, 0, UINT64_MAX);
        break;
    case OPTION_WARMUP:
        options->plan.warmup = number_option("--warmup", value, 0, MAX_OPERATIONS);
        options->has_warmup = true;
        break;
    case OPTION_CPUS:
        if (!processors_parse(value, &options->processors))
            bench_die(BENCH_EXIT_USAGE, "--cpus %s: expected processor numbers below %d, such as 0,2-3", value,
                      BENCH_MAX_PROCESSORS);
        options->has_processors = true;
        break;
    case OPTION_LATENCY:
        options->plan.latency = true;
        break;
    case OPTION_FORMAT:
        options->format = format_option(value);
        break;
    case OPTION_LIST:
        options->action = BENCH_LIST;
        break;
    case OPTION_HELP:
        options->action = BENCH_HELP;
        break;
    case OPTION_VERSION:
        options->action = BENCH_VERSION;
        break;
    }
}

static void take_workload(int count, char **arguments, struct bench_options *options)
{
    char message[256];
    if (count == 0)
        bench_die(BENCH_EXIT_USAGE, "which workload? hakmem-bench --list shows all");
    unsigned threads = options->plan.threads;
    if (!workload_find(arguments[0], &options->plan, message, sizeof(message)))
        bench_die(BENCH_EXIT_USAGE, "%s", message);
    if (threads && options->plan.threads != threads)
        bench_die(BENCH_EXIT_USAGE, "--threads %u: %s asks for another number of threads", threads, arguments[0]);
    if (options->plan.latency && !options->plan.workload->step_timed)
        bench_die(BENCH_EXIT_USAGE, "--latency: the calls of %s cannot be timed singly, only those of wsN",
                  options->plan.workload->name);
    if (count > 1)
        bench_die(BENCH_EXIT_USAGE, "one workload at a time: '%s' is one too many", arguments[1]);
}

void options_parse(int count, char **arguments, struct bench_options *options)
{
    *options = (struct bench_options){.action = BENCH_RUN};
    const char *seed = getenv("HAKMEM_SEED");
    options->plan.seed = seed && *seed ? number_option("HAKMEM_SEED", seed, 0, UINT64_MAX) : 1;
    opterr = 0;
    for (;;) {
        int option = getopt_long(count, arguments, ":", option_table, NULL);
        if (option == -1)
            break;
        if (option == ':')
            bench_die(BENCH_EXIT_USAGE, "%s needs a value; hakmem-bench --help shows all options",
                      arguments[optind - 1]);
        if (option == '?')
            bench_die(BENCH_EXIT_USAGE, "%s: unknown, ambiguous or superfluous; hakmem-bench --help shows all options",
                      arguments[optind - 1]);
        take_option(option, optarg, options);
    }
    if (options->has_operations && options->share > 0)
        bench_die(BENCH_EXIT_USAGE, "--share: not together with --ops");
    if (options->action == BENCH_RUN)
        take_workload(count - optind, arguments + optind, options);
}

/* The workload's own number of threads on this machine. */
static unsigned default_threads(const struct workload *workload, const struct bench_processors *processors)
{
    unsigned step = workload->threads_step;
    unsigned threads = workload->every_core ? processors->cores / step * step : step;
    return threads > 0 ? threads : step;
}

void options_complete(struct bench_options *options, const struct bench_processors *processors)
{
    struct bench_plan *plan = &options->plan;
    const struct workload *workload = plan->workload;
    if (plan->threads == 0)
        plan->threads = default_threads(workload, processors);
    if (plan->threads % workload->threads_step != 0)
        bench_die(BENCH_EXIT_USAGE, "--threads %u: %s needs a multiple of %u", plan->threads, plan->name,
                  workload->threads_step);
    if (!options->has_operations)
        plan->operations = workload->operations_of ? workload->operations_of(plan) : workload->operations;
    if (options->share > 0)
        plan->operations = (uint64_t)ceil((double)plan->operations * options->share);
    if (!options->has_warmup)
        plan->warmup = workload->warmup_of ? workload->warmup_of(plan) : workload->warmup;
}
