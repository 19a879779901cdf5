/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tune_options.h. */
#include "config.h"

#include "cli/verbs/tune_options.h"

#include "cli/options/table.h"
#include "cli/options/usage.h"
#include "cli/subject/choice.h"
#include "cli/verbs/goal_options.h"
#include "cli/verbs/workload_options.h"

#include <math.h>
#include <string.h>

static int check_work(const struct options *options)
{
    const char *command = options->command ? options->command[0] : NULL;
    if (options->workload && command)
        return usage_error(VERB_TUNE, "--workload %s and the command '%s' exclude each other", options->workload,
                           command);
    if (!options->workload && !command && !options->server)
        return usage_error(VERB_TUNE,
                           "nothing to tune: give --workload NAME, -- COMMAND, or --server COMMAND --load COMMAND");
    if (command && options->operations)
        return usage_error(VERB_TUNE, "--ops is for a --workload; the command '%s' does what it does", command);
    if (command && options->threads)
        return usage_error(VERB_TUNE, "--threads is for a --workload; give '%s' its own option", command);
    return 0;
}

static int check_together(const struct options *options)
{
    int status = check_work(options);
    if (status == 0 && option_given(options, budget) && option_given(options, trials))
        status = usage_error(VERB_TUNE, "--budget and --trials exclude each other: either ends the search");
    if (status == 0 && options->journal && options->output && strcmp(options->journal, options->output) == 0)
        status = usage_error(VERB_TUNE, "--journal and --output name the same file %s", options->output);
    if (status == 0 && options->library && strcmp(options->allocator, CHOICE_HAKMEM) != 0)
        status = usage_error(VERB_TUNE, "--library is for --allocator hakmem; another one's is --allocator NAME=%s",
                             options->library);
    return status;
}

int tune_options_apply(const struct options *options, struct session_settings *settings)
{
    int status = check_together(options);
    if (status == 0)
        status = workload_options_apply(VERB_TUNE, options, &settings->work);
    if (status == 0)
        status = goal_options_apply(VERB_TUNE, options, &settings->work, &settings->goal);
    settings->strategy = options->strategy;
    settings->interleave = goal_options_interleave(options, &settings->goal);
    settings->seed = options->seed;
    settings->trials = (unsigned)options->trials;
    settings->budget = options->trials ? INFINITY : options->budget;
    return status;
}

void tune_options_clear(struct session_settings *settings)
{
    goal_options_clear(&settings->goal);
}
