/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune workloads: what can be measured, as hakmem-bench lists it. */
#include "cli/locate/bench.h"
#include "cli/output/format.h"
#include "cli/verbs/bad_option.h"
#include "cli/verbs/options.h"
#include "cli/verbs/verbs.h"

#include <getopt.h>
#include <stdio.h>

static const struct option long_options[] = {{"format", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};

static int list(enum output_format format)
{
    char message[512];
    if (bench_list(format == OUTPUT_JSON, message, sizeof message))
        return 0;
    fprintf(stderr, "hakmem-tune: workloads: %s\n", message);
    return 1;
}

int verb_workloads(int argc, char **argv)
{
    enum output_format format = OUTPUT_TEXT;
    const char *expected;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":", long_options, NULL)) != -1;) {
        if (option != 'f')
            return bad_option("workloads", argv, option);
        if (!output_format_parse(optarg, OUTPUT_BIT(OUTPUT_TEXT) | OUTPUT_BIT(OUTPUT_JSON), &format, &expected))
            return usage_error("workloads: --format: '%s' is not one of %s", optarg, expected);
    }
    if (optind < argc)
        return bad_argument("workloads", argv[optind]);
    return list(format);
}
