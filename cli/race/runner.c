/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See runner.h. */
#include "config.h"

#include "cli/race/runner.h"

#include "cli/locate/program.h"
#include "cli/machine/clock.h"
#include "cli/race/reaper.h"
#include "cli/race/slicer.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between two looks at the memory of a contender that is not stopped. */
#define SAMPLE_NS (20 * NS_PER_MS)

/* A program that dies may take so long to end after its connections have. */
#define DEATH_NS (200 * NS_PER_MS)

bool runner_interrupted(const struct runner_terms *terms)
{
    return terms->interrupted && *terms->interrupted;
}

bool runner_time_is_over(const struct runner_terms *terms)
{
    return runner_interrupted(terms) || clock_now_ns() >= terms->deadline_ns;
}

void runner_init(struct runner *runner, const struct race_contender *contender, struct race_result *result)
{
    *runner = (struct runner){
        .contender = contender,
        .result = result,
    };
    group_init(&runner->group);
}

void runner_release(struct runner *runner)
{
    if (runner->running || runner->resting)
        runner_finish(runner);
    else
        slicer_kill(&runner->group);
    group_release(&runner->group);
    place_release(&runner->place);
    allocator_watch_release(&runner->allocators);
    free(runner->waits.list);
}

static struct child *own_child(struct runner *runner)
{
    return &runner->group.members[GROUP_MAIN].child;
}

static struct process_tree *own_tree(struct runner *runner)
{
    return &runner->group.members[GROUP_MAIN].tree;
}

struct bench_progress *runner_page(const struct runner *runner)
{
    return runner->group.members[GROUP_MAIN].child.progress;
}

uint32_t runner_milestones(const struct runner *runner)
{
    return runner_page(runner) ? blocks_milestones(runner_page(runner)) : 0;
}

/* ---- results ---- */

void runner_set_status(struct runner *runner, enum group_part part, enum race_status status, int code,
                       const char *format, ...)
{
    char text[192], last_stderr[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    child_last_error_line(&runner->group.members[part].child, last_stderr, sizeof last_stderr);
    struct race_result *result = runner->result;
    result->status = status;
    result->code = code;
    int length = snprintf(result->message, sizeof result->message, "%.60s: %s", runner->contender->label, text);
    if (last_stderr[0] && length > 0 && (size_t)length < sizeof result->message)
        snprintf(result->message + length, sizeof result->message - (size_t)length, ": %s", last_stderr);
}

void runner_set_status_of_end(struct runner *runner, enum group_part part, const char *program, const char *what)
{
    struct child *child = &runner->group.members[part].child;
    int status = child->status, error = child_exec_error(child);
    if (error)
        runner_set_status(runner, part, RACE_NOT_STARTED, error, "cannot run %.60s: %s",
                          program ? program : runner->name, strerror(error));
    else if (WIFSIGNALED(status))
        runner_set_status(runner, part, RACE_CRASHED, WTERMSIG(status), "%s signal %d (%s)",
                          what ? what : "crashed:", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        runner_set_status(runner, part, RACE_FAILED, WEXITSTATUS(status), "%s exit status %d",
                          what ? what : "failed:", WEXITSTATUS(status));
}

/* Whether the work has ended by itself as it should have. */
static bool ended_well(const struct runner_terms *terms, struct child *child)
{
    return !child_exec_error(child) && WIFEXITED(child->status) &&
           workload_status_is_ok(terms->work, WEXITSTATUS(child->status));
}

static void raise_to(uint64_t *peak, uint64_t value)
{
    if (value > *peak)
        *peak = value;
}

/* What was measured says nothing of the contender where most of the work was done without its library. A contender that
 * is to have the C library's malloc and has another is named by that. */
static void judge_allocator(struct runner *runner)
{
    const char *library = runner->contender->launch.library;
    const struct allocator_process *most = allocator_watch_main(&runner->allocators);
    if (!most || most->verdict != ALLOCATOR_OTHER || !race_took_part(runner->result))
        return;
    bool lacks_settings = most->reason == ALLOCATOR_LACKS_SETTINGS;
    if (library || lacks_settings)
        runner_set_status(runner, GROUP_MAIN, RACE_NOT_LOADED, (int)most->reason,
                          "most of the work was done by %s without %.40s: %s", most->program,
                          lacks_settings ? "its settings" : basename(library), most->why);
    else
        snprintf(runner->result->allocator, sizeof runner->result->allocator, "%s", most->why);
}

/* The sum counts pages that processes share in each of them. */
void runner_look(struct runner *runner)
{
    struct child *child = own_child(runner);
    if (!child_has_executed(child)) /* still a copy of this process */
        return;
    uint64_t resident = process_tree_resident(own_tree(runner));
    raise_to(&runner->peak_resident, resident);
    runner->resident_seconds += (double)resident * (double)(runner->active_ns - runner->looked_ns) / 1e9;
    runner->looked_ns = runner->active_ns;
    allocator_watch_look(&runner->allocators, own_tree(runner), &runner->contender->launch);
    if (!child->progress && !child->exited)
        raise_to(&runner->peak_resident, process_peak_resident(child->pid));
}

/* What of it has a place in a sample; what is 0 because nobody looked is not known. */
static void fill_sample(const struct runner *runner)
{
    struct race_result *result = runner->result;
    double looked_s = (double)runner->looked_ns / 1e9;
    result->sample = metric_unknown();
    result->sample.value[METRIC_TIME] = result->active_s;
    result->sample.value[METRIC_CPU_TIME] = result->cpu_s;
    result->sample.value[METRIC_PEAK_MEMORY] = result->peak_resident ? (double)result->peak_resident : NAN;
    result->sample.value[METRIC_MEAN_MEMORY] = looked_s > 0 ? runner->resident_seconds / looked_s : NAN;
    result->sample.value[METRIC_IDLE_MEMORY] = result->idle_resident ? (double)result->idle_resident : NAN;
}

void runner_finish(struct runner *runner)
{
    struct race_result *result = runner->result;
    judge_allocator(runner);
    if (slicer_kill(&runner->group) != 0) {
        size_t length = strlen(result->message);
        snprintf(result->message + length, sizeof result->message - length,
                 "%s%s: a process it started cannot be killed", length ? "; " : "",
                 length ? "" : runner->contender->label);
    }
    runner->running = runner->resting = false;
    const struct child *child = own_child(runner);
    result->active_s = (double)runner->active_ns / 1e9;
    result->cpu_s = (double)(child->cpu_ns + own_tree(runner)->cpu_ns) / 1e9;
    raise_to(&runner->peak_resident, child->max_resident);
    raise_to(&runner->peak_resident, own_tree(runner)->max_resident);
    uint64_t own_account = child->progress ? atomic_load(&child->progress->peak_resident_bytes) : 0;
    result->peak_resident = own_account ? own_account : runner->peak_resident;
    fill_sample(runner);
    place_release(&runner->place);
}

/* ---- start ---- */

int runner_make_place(const struct runner_terms *terms, struct runner *runner)
{
    return place_init(&runner->place, terms->work, terms->all_at_once);
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

/* Fills in what is the same for all parts, and starts PART. Standard input is the contender's own program's, or the
 * load's. */
static int start_part(const struct runner_terms *terms, struct runner *runner, enum group_part part,
                      struct child_settings *settings)
{
    const struct words_place place = words_place(runner);
    struct surroundings surroundings;
    int result = surroundings_init(&surroundings, terms->work, &place);
    if (part != (workload_kind(terms->work)->has_load ? GROUP_LOAD : GROUP_MAIN)) {
        free(surroundings.stdin_path);
        surroundings.stdin_path = NULL;
    }
    if (result == 0 && surroundings_exist(&surroundings, runner)) {
        settings->assignments = (const char *const *)surroundings.assignments.list;
        settings->directory = surroundings.directory;
        settings->stdin_path = surroundings.stdin_path;
        settings->network_fd = runner->place.network_fd;
        settings->seed = terms->seed;
        settings->show_output = terms->show_output;
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
        .collect_output = kind->has_load,
    };
    runner->in_shell = words.in_shell;
    int result = start_part(terms, runner, GROUP_MAIN, &settings);
    runner->running = group_has(&runner->group, GROUP_MAIN);
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

/* ---- one turn ---- */

/* Tells the contender how long it has stood still since its last turn. */
static void announce_stop(struct runner *runner)
{
    uint64_t now = clock_now_ns();
    if (!runner->origin_ns)
        runner->origin_ns = now;
    else if (runner_page(runner))
        atomic_fetch_add(&runner_page(runner)->stopped_ns, now - runner->stopped_ns);
}

static void account_for_turn(struct runner *runner, const struct slicer_times *times)
{
    struct bench_progress *page = runner_page(runner);
    runner->stopped_ns = times->stopped_ns;
    runner->active_ns += times->stopped_ns - times->continued_ns - times->waited_ns;
    if (!page)
        return;
    if (blocks_turns_add(&runner->waits, times->stopped_ns - atomic_load(&page->stopped_ns), times->waited_ns) != 0)
        runner->waits.count = 0; /* without memory for them the page's times are taken as they are */
    if (blocks_milestones(page) > 0)
        runner->turns++;
}

static void trim_output(struct runner *runner)
{
    for (int part = 0; part < GROUP_PARTS; part++)
        if (group_has(&runner->group, part))
            child_trim_stderr(&runner->group.members[part].child);
}

/* The measured work has ended with a good status. What served it is needed for a while yet. */
static void rest(struct runner *runner)
{
    enum slicer_outcome outcome = slicer_stop(&runner->group);
    if (outcome != SLICER_STOPPED) {
        runner_set_status(runner, GROUP_MAIN, RACE_HUNG, 0, "%s", slicer_reason(outcome));
        runner_finish(runner);
        return;
    }
    runner->running = false;
    runner->resting = true;
}

static void take_end_of_work(const struct runner_terms *terms, struct runner *runner)
{
    if (!ended_well(terms, own_child(runner)))
        runner_set_status_of_end(runner, GROUP_MAIN, NULL, NULL);
    runner_finish(runner);
}

/* The load has ended, or the server under it; which may come a moment later than the load that it has failed. */
static void take_end_of_load(const struct runner_terms *terms, struct runner *runner)
{
    struct child *load = &runner->group.members[GROUP_LOAD].child;
    if (load->exited && !ended_well(terms, load))
        slicer_wait(&runner->group, clock_now_ns() + DEATH_NS, terms->interrupted);
    if (own_child(runner)->exited)
        runner_set_status_of_end(runner, GROUP_MAIN, NULL, "the server died under load:");
    else if (!ended_well(terms, load))
        runner_set_status_of_end(runner, GROUP_LOAD, "the load", "the load failed:");
    if (runner->result->status == RACE_OK)
        rest(runner);
    else
        runner_finish(runner);
}

static void take_end(const struct runner_terms *terms, struct runner *runner)
{
    if (workload_kind(terms->work)->has_load)
        take_end_of_load(terms, runner);
    else
        take_end_of_work(terms, runner);
}

static void take_too_long(const struct runner_terms *terms, struct runner *runner, const char *of_what)
{
    runner_set_status(runner, GROUP_MAIN, RACE_HUNG, 0, "killed after %.3g s%s, the limit",
                      (double)terms->time_limit_ns / 1e9, of_what);
    runner_finish(runner);
}

void runner_take_turn(const struct runner_terms *terms, struct runner *runner)
{
    struct slicer_times times;
    announce_stop(runner);
    uint64_t left = terms->deadline_ns - clock_now_ns();
    enum slicer_outcome outcome = slicer_turn(&runner->group, left < terms->slice_ns ? left : terms->slice_ns,
                                              &(struct slicer_looks){0}, terms->interrupted, &times);
    account_for_turn(runner, &times);
    runner_look(runner);
    trim_output(runner);
    if (outcome == SLICER_EXITED) {
        take_end(terms, runner);
    } else if (outcome != SLICER_STOPPED) {
        runner_set_status(runner, GROUP_MAIN, RACE_HUNG, 0, "%s", slicer_reason(outcome));
        runner_finish(runner);
    } else if (runner->active_ns > terms->time_limit_ns) {
        take_too_long(terms, runner, " of active time");
    }
}

void runner_cut(struct runner *runner, enum race_status status, const char *why)
{
    runner_set_status(runner, GROUP_MAIN, status, 0, "cut off after %.3g s of active time: %s",
                      (double)runner->active_ns / 1e9, why);
    runner_finish(runner);
}

/* ---- a whole run ---- */

void runner_run_whole(const struct runner_terms *terms, struct runner *runner)
{
    uint64_t begin = clock_now_ns();
    runner->origin_ns = begin;
    slicer_continue(&runner->group);
    bool ended = false;
    while (!ended && !runner_time_is_over(terms) && runner->active_ns <= terms->time_limit_ns) {
        uint64_t next = clock_now_ns() + SAMPLE_NS;
        ended = slicer_wait(&runner->group, next < terms->deadline_ns ? next : terms->deadline_ns, terms->interrupted);
        runner->active_ns = clock_now_ns() - begin;
        group_refresh(&runner->group);
        runner_look(runner);
        trim_output(runner);
    }
    if (ended)
        take_end(terms, runner);
    else if (runner->active_ns > terms->time_limit_ns)
        take_too_long(terms, runner, "");
    else
        runner_cut(runner, RACE_CUT, "the race's time is over");
}
