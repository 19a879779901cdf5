/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See compare_options.h. */
#include "cli/verbs/compare_options.h"

#include "cli/locate/bench.h"
#include "cli/options/table.h"
#include "cli/options/usage.h"
#include "cli/output/memory.h"
#include "cli/output/whole_file.h"
#include "cli/verbs/goal_options.h"
#include "cli/verbs/report_file.h"
#include "cli/verbs/workload_options.h"
#include "lib/profile/schema.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The ending of the name says the form: out.txt, out.json, out.md or out.csv. */
static int take_output(const char *path, struct compare_options *compare)
{
    static const struct {
        const char *ending;
        enum output_format format;
    } endings[] = {{".txt", OUTPUT_TEXT}, {".json", OUTPUT_JSON}, {".md", OUTPUT_MARKDOWN}, {".csv", OUTPUT_CSV}};
    const char *dot = strrchr(path, '.');
    char message[PATH_MAX + 256];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (!dot || strcmp(dot, endings[i].ending) != 0)
            continue;
        if (!whole_file_possible(path, message, sizeof message))
            return usage_failure(VERB_COMPARE, 1, "--output: %s", message);
        compare->outputs[compare->output_count++] = (struct compare_output){path, endings[i].format};
        return 0;
    }
    return usage_error(VERB_COMPARE, "--output %s: expected a name that ends in .txt, .json, .md or .csv", path);
}

static int take_outputs(const struct option_list *outputs, struct compare_options *compare)
{
    int status = 0;
    for (size_t i = 0; i < outputs->count && status == 0; i++)
        status = take_output(outputs->items[i], compare);
    return status;
}

/* Contradictions and gaps. */
static int check_together(const struct options *options)
{
    if (options->argument_count < 2)
        return usage_error(VERB_COMPARE, "at least two contenders are needed");
    if (options->argument_count > RACE_MAX_CONTENDERS)
        return usage_error(VERB_COMPARE, "at most %d contenders can race", RACE_MAX_CONTENDERS);
    if (options->workload && options->command)
        return usage_error(VERB_COMPARE, "either --workload or -- COMMAND, not both");
    if (!options->workload && !options->command && !options->server)
        return usage_error(VERB_COMPARE,
                           "what to run? give --workload NAME, -- COMMAND, or --server COMMAND --load COMMAND");
    if (options->command && (options->operations || options->threads))
        return usage_error(VERB_COMPARE, "%s is for --workload, not for a command",
                           options->operations ? "--ops" : "--threads");
    return 0;
}

static size_t count_names(const char *text)
{
    size_t count = 1;
    for (const char *at = text; (at = strchr(at, ',')) != NULL; at++)
        count++;
    return count;
}

static int split_workloads(struct compare_options *compare, const struct options *options)
{
    compare->workload_text = must_have(strdup(options->workload));
    compare->workloads = must_have(calloc(count_names(options->workload), sizeof *compare->workloads));
    char *rest = compare->workload_text;
    for (char *name; (name = strsep(&rest, ",")) != NULL;) {
        char message[512];
        if (!bench_takes(name, (unsigned)options->threads, message, sizeof message))
            return usage_error(VERB_COMPARE, "%s", message);
        compare->workloads[compare->workload_count++] = name;
    }
    return 0;
}

static int take_contenders(struct compare_options *compare, const struct options *options)
{
    char message[HAK_PROFILE_MESSAGE_SIZE];
    for (size_t i = 0; i < options->argument_count; i++) {
        if (!contender_parse(&compare->contenders[i], options->arguments[i], options->library, message, sizeof message))
            return usage_error(VERB_COMPARE, "%s", message);
        compare->contender_count++;
    }
    contenders_tell_apart(compare->contenders, compare->contender_count);
    return 0;
}

int compare_options_apply(const struct options *options, struct compare_options *compare)
{
    *compare = (struct compare_options){.given = options, .budget_s = options->budget};
    if (options->rounds && !option_given(options, budget))
        compare->budget_s = 0;
    int status = report_file_check(VERB_COMPARE, options);
    if (status == 0)
        status = take_outputs(&options->outputs, compare);
    if (status == 0)
        status = check_together(options);
    if (status == 0)
        status = workload_options_apply(VERB_COMPARE, options, &compare->work);
    if (status == 0)
        status = goal_options_apply(VERB_COMPARE, options, &compare->work, &compare->goal);
    if (status == 0)
        status = take_contenders(compare, options);
    if (status == 0 && options->workload)
        status = split_workloads(compare, options);
    else if (status == 0)
        workload_name(&compare->work, compare->name, sizeof compare->name);
    return status;
}

void compare_options_clear(struct compare_options *compare)
{
    contenders_clear(compare->contenders, compare->contender_count);
    goal_options_clear(&compare->goal);
    free(compare->workloads);
    free(compare->workload_text);
}
