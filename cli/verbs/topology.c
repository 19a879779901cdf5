/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune topology: the machine as the tuner sees it. */
#include "cli/machine/machine.h"
#include "cli/output/format.h"
#include "cli/output/json.h"
#include "cli/verbs/bad_option.h"
#include "cli/verbs/options.h"
#include "cli/verbs/topology_json.h"
#include "cli/verbs/topology_text.h"
#include "cli/verbs/verbs.h"

#include <getopt.h>
#include <stdio.h>

static const struct option long_options[] = {{"format", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};

static int show(enum output_format format)
{
    struct machine machine;
    char message[512];
    if (!machine_read(&machine, message, sizeof message)) {
        fprintf(stderr, "hakmem-tune: topology: %s\n", message);
        return 1;
    }
    if (format == OUTPUT_JSON)
        output_json(stdout, topology_json(&machine));
    else
        topology_print(stdout, &machine);
    return 0;
}

int verb_topology(int argc, char **argv)
{
    enum output_format format = OUTPUT_TEXT;
    const char *expected;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":", long_options, NULL)) != -1;) {
        if (option != 'f')
            return bad_option("topology", argv, option);
        if (!output_format_parse(optarg, OUTPUT_BIT(OUTPUT_TEXT) | OUTPUT_BIT(OUTPUT_JSON), &format, &expected))
            return usage_error("topology: --format: '%s' is not one of %s", optarg, expected);
    }
    if (optind < argc)
        return bad_argument("topology", argv[optind]);
    return show(format);
}
