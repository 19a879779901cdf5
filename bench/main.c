/* SPDX-License-Identifier: MIT */
/* hakmem-bench: fixed work for whichever allocator serves malloc. Options, then the run, then the result; before and
 * during the run nothing here allocates, so that the measured heap holds the workload's blocks and nothing else. */
#include "config.h"

#include "bench/measure.h"
#include "bench/options.h"
#include "bench/publish.h"
#include "bench/result.h"
#include "bench/support.h"

#include <stdio.h>

static void run(struct bench_options *options)
{
    static struct bench_measurement measurement;
    publish_open();
    if (!options->has_processors)
        processors_discover(&options->processors);
    options_complete(options, &options->processors);
    options->plan.latency |= publish_latency_is_wanted() && options->plan.workload->step_timed;
    bench_measure(&options->plan, &options->processors, &measurement);
    if (options->format == BENCH_FORMAT_TEXT)
        result_print_text(&options->plan, &options->processors, &measurement);
    else if (options->format == BENCH_FORMAT_JSON)
        result_print_json(&options->plan, &options->processors, &measurement);
}

static void list(enum bench_format format)
{
    if (format == BENCH_FORMAT_JSON)
        result_list_json();
    else
        result_list_text();
}

int main(int count, char **arguments)
{
    static struct bench_options options;
    options_parse(count, arguments, &options);
    switch (options.action) {
    case BENCH_RUN:
        run(&options);
        break;
    case BENCH_LIST:
        list(options.format);
        break;
    case BENCH_HELP:
        options_print_help();
        result_flush();
        break;
    case BENCH_VERSION:
        printf("hakmem-bench (%s) %s\n", PACKAGE_NAME, PACKAGE_VERSION);
        result_flush();
        break;
    }
    return BENCH_EXIT_OK;
}
