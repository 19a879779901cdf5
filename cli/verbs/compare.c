/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hakmem-tune compare: from the command line to comparisons, one for each workload, and their outcome. */
#include "cli/compare/comparison.h"
#include "cli/compare/significance.h"
#include "cli/machine/kernel_memory.h"
#include "cli/options/usage.h"
#include "cli/output/memory.h"
#include "cli/output/progress.h"
#include "cli/output/whole_file.h"
#include "cli/report/compare_print.h"
#include "cli/report/round_progress.h"
#include "cli/verbs/compare_gate.h"
#include "cli/verbs/compare_options.h"
#include "cli/verbs/goal_options.h"
#include "cli/verbs/interrupt.h"
#include "cli/verbs/report_file.h"
#include "cli/verbs/verbs.h"
#include "cli/verbs/workload_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct comparison_request make_request(const struct compare_options *options, size_t index, uint64_t memory)
{
    const struct options *given = options->given;
    struct comparison_request request = {
        .contenders = options->contenders,
        .count = options->contender_count,
        .name = options->name,
        .work = options->work,
        .interleave = goal_options_interleave(given, &options->goal),
        .metric = options->goal.objective,
        .metrics = &options->goal.metrics,
        .budget_s = options->budget_s,
        .rounds = (unsigned)given->rounds,
        .seed = given->seed,
        .memory = memory,
    };
    if (options->workload_count > 0)
        request.name = request.work.workload = options->workloads[index];
    return request;
}

/* One for each workload; or one for the command or the server. */
static size_t count_comparisons(const struct compare_options *options)
{
    return options->workload_count ? options->workload_count : 1;
}

static int run_one(const struct compare_options *options, size_t index, struct progress *progress,
                   struct comparison *result)
{
    struct comparison_request request = make_request(options, index, kernel_memory_for_use());
    request.interrupted = interrupt_watch();
    struct round_progress rounds;
    round_progress_begin(&rounds, progress, "");
    request.on_round = round_progress_hear;
    request.context = &rounds;
    progress_log(progress, "%s: comparison of %zu contenders begins", request.name, request.count);
    int status = comparison_run(&request, result);
    progress_clear(progress);
    return status;
}

static int exit_status(const struct comparison *comparisons, size_t count)
{
    int status = 0;
    for (size_t i = 0; i < count; i++) {
        if (comparisons[i].interrupted)
            return 130;
        for (size_t j = 0; j < comparisons[i].count; j++)
            if (comparisons[i].entries[j].failed && status == 0)
                status = 1;
        if (comparisons[i].baseline_failed)
            status = 3;
    }
    return status;
}

static bool has_ended(const struct comparison *comparison)
{
    return comparison->interrupted || comparison->baseline_failed;
}

static int write_output(const struct compare_output *output, const struct comparison *comparisons, size_t count)
{
    struct whole_file file;
    char message[PATH_MAX + 256];
    if (whole_file_open(&file, output->path, message, sizeof message)) {
        compare_print(file.stream, output->format, comparisons, count);
        if (whole_file_close(&file, true, message, sizeof message))
            return 0;
    }
    fprintf(stderr, "hakmem-tune: compare: --output: %s\n", message);
    return 1;
}

static int show(const struct compare_options *options, const struct comparison *comparisons, size_t count)
{
    int status = 0;
    compare_print(stdout, (enum output_format)options->given->format, comparisons, count);
    for (size_t i = 0; i < options->output_count; i++)
        status |= write_output(&options->outputs[i], comparisons, count);
    return status | report_file_write_comparisons(options->given, comparisons, count, "");
}

static void tell_interrupted(const struct comparison *last, size_t left)
{
    fprintf(stderr, "hakmem-tune: compare: interrupted after %u round%s of %s", last->rounds,
            last->rounds == 1 ? "" : "s", last->name);
    if (left > 0)
        fprintf(stderr, "; %zu more workload%s not compared", left, left == 1 ? " was" : "s were");
    fputc('\n', stderr);
}

/* Everything that was measured is printed, also after an interruption. */
static int compare_all(const struct compare_options *options, struct comparison *comparisons)
{
    struct progress progress;
    size_t count = count_comparisons(options), done = 0;
    progress_open(&progress, stderr, options->given->quiet);
    while (done < count) {
        int status = run_one(options, done, &progress, &comparisons[done]);
        if (status != 0)
            return usage_failure(VERB_COMPARE, 1, "the race could not be held: %s", strerror(errno));
        if (has_ended(&comparisons[done++]))
            break;
    }
    significance_adjust(comparisons, done);
    int status = show(options, comparisons, done);
    if (comparisons[done - 1].interrupted)
        tell_interrupted(&comparisons[done - 1], count - done);
    status = status ? status : exit_status(comparisons, done);
    return status ? status : compare_gate(options->given, comparisons, done);
}

int verb_compare(const struct options *options)
{
    struct compare_options compare;
    int status = compare_options_apply(options, &compare);
    if (status == 0) {
        size_t count = count_comparisons(&compare);
        if (compare.workload_count == 0)
            workload_options_note_stdin(&compare.work);
        struct comparison *comparisons = must_have(calloc(count, sizeof *comparisons));
        status = compare_all(&compare, comparisons);
        free(comparisons);
    }
    compare_options_clear(&compare);
    return status;
}
