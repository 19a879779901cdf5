/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --print-job: the job that a command line amounts to, once it has been found good. */
#include "config.h"

#include "cli/options/job_print.h"
#include "cli/output/memory.h"
#include "cli/verbs/compare_options.h"
#include "cli/verbs/tune_options.h"
#include "cli/verbs/verbs.h"

#include <stdlib.h>

static int check_tune(const struct options *options)
{
    struct session_settings *settings = must_have(calloc(1, sizeof *settings));
    int status = tune_options_apply(options, settings);
    free(settings);
    return status;
}

static int check_compare(const struct options *options)
{
    struct compare_options *compare = must_have(calloc(1, sizeof *compare));
    int status = compare_options_apply(options, compare);
    compare_options_clear(compare);
    free(compare);
    return status;
}

int verb_print_job(enum verb verb, const struct options *options)
{
    int status = verb == VERB_TUNE ? check_tune(options) : check_compare(options);
    return status ? status : job_print(stdout, verb, options);
}
