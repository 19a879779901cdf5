/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune params: the table of parameters, from the schema. */
#include "cli/output/format.h"
#include "cli/verbs/bad_option.h"
#include "cli/verbs/options.h"
#include "cli/verbs/params_print.h"
#include "cli/verbs/verbs.h"

#include <getopt.h>
#include <stdio.h>

#define ALLOWED                                                                                                 \
    (OUTPUT_BIT(OUTPUT_TEXT) | OUTPUT_BIT(OUTPUT_JSON) | OUTPUT_BIT(OUTPUT_MARKDOWN) | OUTPUT_BIT(OUTPUT_CSV) | \
     OUTPUT_BIT(OUTPUT_MAN))

static const struct option long_options[] = {{"format", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};

int verb_params(int argc, char **argv)
{
    enum output_format format = OUTPUT_TEXT;
    const char *expected;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":", long_options, NULL)) != -1;) {
        if (option != 'f')
            return bad_option("params", argv, option);
        if (!output_format_parse(optarg, ALLOWED, &format, &expected))
            return usage_error("params: --format: '%s' is not one of %s", optarg, expected);
    }
    if (optind < argc)
        return bad_argument("params", argv[optind]);
    params_print(stdout, format);
    return 0;
}
