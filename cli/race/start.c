/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting a contender's programs; see runner.h. */
#include "config.h"

#include "cli/locate/program.h"
#include "cli/race/runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int runner_make_place(const struct runner_terms *terms, struct runner *runner)
{
    if (place_init(&runner->place, terms->work, terms->all_at_once) != 0)
        return -1;
    return output_watch_init(&runner->output, terms->metrics, terms->show_output ? STDERR_FILENO : -1);
}

static struct words_place words_place(const struct runner *runner)
{
    return (struct words_place){runner->place.directory, runner->place.port};
}

/* What of a part's surroundings is text with placeholders, filled in. */
struct surroundings {
    char *directory, *stdin_path;
    struct words assignments;
};

static void surroundings_release(struct surroundings *surroundings)
{
    free(surroundings->directory);
    free(surroundings->stdin_path);
    words_release(&surroundings->assignments);
}

/* Returns 0, or -1 with errno ENOMEM; then they are to be released as well. */
static int surroundings_init(struct surroundings *surroundings, const struct workload *work,
                             const struct words_place *place)
{
    *surroundings = (struct surroundings){0};
    if (work->directory && !(surroundings->directory = words_fill(work->directory, place)))
        return -1;
    if (work->stdin_path && !(surroundings->stdin_path = words_fill(work->stdin_path, place)))
        return -1;
    for (size_t i = 0; work->assignments[i]; i++)
        if (words_add_filled(&surroundings->assignments, work->assignments[i], place) != 0)
            return -1;
    return 0;
}

/* Whether they are there; else it has a result. */
static bool surroundings_exist(const struct surroundings *surroundings, struct runner *runner)
{
    const char *directory = surroundings->directory, *input = surroundings->stdin_path;
    if (directory && access(directory, X_OK) != 0)
        runner_set_status(runner, GROUP_MAIN, RACE_NOT_STARTED, errno, "cannot work in %.80s: %s", directory,
                          strerror(errno));
    else if (input && access(input, R_OK) != 0)
        runner_set_status(runner, GROUP_MAIN, RACE_NOT_STARTED, errno, "cannot read %.80s: %s", input, strerror(errno));
    else
        return true;
    return false;
}

/* Whose work is measured. */
static enum group_part measured_part(const struct runner_terms *terms)
{
    return workload_kind(terms->work)->has_load ? GROUP_LOAD : GROUP_MAIN;
}

/* Fills in what is the same for all parts, and starts PART. Standard input is the contender's own program's, or the
 * load's. */
static int start_part(const struct runner_terms *terms, struct runner *runner, enum group_part part,
                      struct child_settings *settings)
{
    const struct words_place place = words_place(runner);
    struct surroundings surroundings;
    int result = surroundings_init(&surroundings, terms->work, &place);
    if (part != measured_part(terms)) {
        free(surroundings.stdin_path);
        surroundings.stdin_path = NULL;
    }
    if (result == 0 && surroundings_exist(&surroundings, runner)) {
        settings->assignments = (const char *const *)surroundings.assignments.list;
        settings->directory = surroundings.directory;
        settings->stdin_path = surroundings.stdin_path;
        settings->network_fd = runner->place.network_fd;
        settings->seed = terms->seed;
        bool is_watched = output_watch_is_on(&runner->output) && part == measured_part(terms);
        settings->show_output = terms->show_output && !is_watched;
        settings->collect_output |= is_watched;
        settings->timer_slack_ns = terms->timer_slack_ns;
        result = group_start(&runner->group, part, settings, terms->family);
    }
    int error = errno;
    surroundings_release(&surroundings);
    errno = error;
    return result;
}

/* The work's program cannot even be named. Returns 0 where that is a result, else -1. */
static int cannot_name(const struct runner_terms *terms, struct runner *runner)
{
    if (errno != ENOENT)
        return -1;
    runner_set_status(runner, GROUP_MAIN, RACE_NOT_STARTED, ENOENT,
                      "cannot run %s %.20s: hakmem-bench is neither beside this program nor in PATH (or HAKMEM_BENCH "
                      "is wrong)",
                      workload_kind(terms->work)->label, runner->name);
    return 0;
}

/* Whether LIBRARY cannot be preloaded into the program that COMMAND names; then it has a result. */
static bool is_refused(struct runner *runner, const char *command, const char *library)
{
    enum allocator_reason reason = ALLOCATOR_REASON_NOT_KNOWN;
    char *program = program_find(command);
    const char *refusal = program ? allocator_refusal(program, &reason) : NULL;
    free(program);
    if (refusal)
        runner_set_status(runner, GROUP_MAIN, RACE_NOT_LOADED, (int)reason, "cannot preload %.40s into %.60s: %s",
                          basename(library), command, refusal);
    return refusal != NULL;
}

int runner_start(const struct runner_terms *terms, struct runner *runner)
{
    const struct workload_kind *kind = workload_kind(terms->work);
    const char *library = runner->contender->launch.library;
    const struct words_place place = words_place(runner);
    struct words words = {0};
    kind->name(terms->work, runner->name, sizeof runner->name);
    if (library && access(library, R_OK) != 0) { /* the loader would only warn, and run it without */
        int error = errno;
        runner_set_status(runner, GROUP_MAIN, RACE_NOT_STARTED, error, "cannot preload %.60s: %s", library,
                          strerror(error));
        return 0;
    }
    if (kind->words(terms->work, &place, terms->seed, &words) != 0) {
        words_release(&words);
        return cannot_name(terms, runner);
    }
    if (library && is_refused(runner, words.list[0], library)) {
        words_release(&words);
        return 0;
    }
    struct child_settings settings = {
        .argv = words.list,
        .launch = runner->contender->launch,
        .publishes = kind->publishes,
        .wants_latency = terms->metrics && terms->metrics->latency,
        .collect_output = kind->has_load,
    };
    runner->in_shell = words.in_shell;
    int result = start_part(terms, runner, GROUP_MAIN, &settings);
    runner->running = group_has(&runner->group, GROUP_MAIN);
    if (runner->running)
        counters_open(&runner->counters, runner->group.members[GROUP_MAIN].child.pid);
    int error = errno;
    words_release(&words);
    errno = error;
    return result;
}

int runner_start_part(const struct runner_terms *terms, struct runner *runner, enum group_part part,
                      const char *command_line)
{
    const struct words_place place = words_place(runner);
    struct words words = {0};
    int result = words_split(&words, command_line, &place);
    struct child_settings settings = {.argv = words.list};
    if (result == 0)
        result = start_part(terms, runner, part, &settings);
    int error = errno;
    words_release(&words);
    errno = error;
    return result;
}
