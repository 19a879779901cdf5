/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See runner.h. */
#include "config.h"

#include "cli/race/runner.h"

#include "cli/machine/clock.h"
#include "cli/race/reaper.h"
#include "cli/race/slicer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between two looks at the memory of a contender that is not stopped. */
#define SAMPLE_NS (20 * NS_PER_MS)

/* A program that has just been started may not have come to it, and a short one may never be seen with it. */
#define LOOKS_TO_BE_SURE 4

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
        .child = {.pid = -1, .pid_fd = -1, .exec_error_fd = -1, .stderr_fd = -1},
    };
}

void runner_release(struct runner *runner)
{
    if (runner->running)
        runner_finish(runner);
    child_release(&runner->child);
    free(runner->waits.list);
}

uint32_t runner_milestones(const struct runner *runner)
{
    return runner->child.progress ? blocks_milestones(runner->child.progress) : 0;
}

/* ---- results ---- */

void runner_set_status(struct runner *runner, enum race_status status, int code, const char *format, ...)
{
    char text[192], last_stderr[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    child_last_error_line(&runner->child, last_stderr, sizeof last_stderr);
    struct race_result *result = runner->result;
    result->status = status;
    result->code = code;
    int length = snprintf(result->message, sizeof result->message, "%.60s: %s", runner->contender->label, text);
    if (last_stderr[0] && length > 0 && (size_t)length < sizeof result->message)
        snprintf(result->message + length, sizeof result->message - (size_t)length, ": %s", last_stderr);
}

/* Status and code of a contender whose first process has ended by itself. */
static void set_status_of_end(struct runner *runner, const char *command)
{
    int status = runner->child.status, error = child_exec_error(&runner->child);
    if (error)
        runner_set_status(runner, RACE_NOT_STARTED, error, "cannot run %.60s: %s", command, strerror(error));
    else if (WIFSIGNALED(status))
        runner_set_status(runner, RACE_CRASHED, WTERMSIG(status), "crashed: signal %d (%s)", WTERMSIG(status),
                          strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != 0)
        runner_set_status(runner, RACE_FAILED, WEXITSTATUS(status), "failed: exit status %d", WEXITSTATUS(status));
}

static void raise_to(uint64_t *peak, uint64_t value)
{
    if (value > *peak)
        *peak = value;
}

/* Looks for the library in the tree, until it is there: LD_PRELOAD does nothing to a static program, or where a script
 * has cleared the environment. */
static void look_for_library(struct runner *runner)
{
    if (!runner->contender->library || runner->has_library)
        return;
    int maps = process_tree_maps(&runner->tree, runner->contender->library);
    runner->has_library = maps == 1;
    runner->without_library += maps == 0;
}

static bool ran_without_library(const struct runner *runner)
{
    return !runner->has_library && runner->without_library >= LOOKS_TO_BE_SURE;
}

/* Notes how much memory the tree holds now. The sum counts pages that processes share in each of them. */
static void note_resident(struct runner *runner)
{
    if (!child_has_executed(&runner->child)) /* still a copy of this process */
        return;
    raise_to(&runner->peak_resident, process_tree_resident(&runner->tree));
    look_for_library(runner);
    if (!runner->child.progress && !runner->child.exited)
        raise_to(&runner->peak_resident, process_peak_resident(runner->child.pid));
}

void runner_finish(struct runner *runner)
{
    struct race_result *result = runner->result;
    if (ran_without_library(runner) && race_took_part(result))
        runner_set_status(runner, RACE_NOT_LOADED, 0, "ran without %.40s: is it static, or does it clear LD_PRELOAD?",
                          basename(runner->contender->library));
    if (slicer_kill(&runner->child, &runner->tree) != 0) {
        size_t length = strlen(result->message);
        snprintf(result->message + length, sizeof result->message - length,
                 "%s%s: a process it started cannot be killed", length ? "; " : "",
                 length ? "" : runner->contender->label);
    }
    runner->running = false;
    reaper_forget(runner->child.pid);
    result->active_s = (double)runner->active_ns / 1e9;
    result->cpu_s = (double)(runner->child.cpu_ns + runner->tree.cpu_ns) / 1e9;
    raise_to(&runner->peak_resident, runner->child.max_resident);
    raise_to(&runner->peak_resident, runner->tree.max_resident);
    const struct bench_progress *page = runner->child.progress;
    uint64_t own_account = page ? atomic_load(&page->peak_resident_bytes) : 0;
    result->peak_resident = own_account ? own_account : runner->peak_resident;
    process_tree_release(&runner->tree);
}

/* ---- one turn ---- */

int runner_start(const struct runner_terms *terms, struct runner *runner)
{
    const char *library = runner->contender->library;
    if (library && access(library, R_OK) != 0) { /* the loader would only warn, and run it without */
        int error = errno;
        runner_set_status(runner, RACE_NOT_STARTED, error, "cannot preload %.60s: %s", library, strerror(error));
        return 0;
    }
    struct child_settings settings = {
        .argv = terms->argv,
        .library = library,
        .profile = runner->contender->profile,
        .seed = terms->seed,
        .publishes = terms->publishes,
        .show_output = terms->show_output,
        .timer_slack_ns = terms->timer_slack_ns,
    };
    if (child_start(&runner->child, &settings) != 0)
        return -1;
    runner->running = true;
    reaper_watch(runner->child.pid);
    return process_tree_init(&runner->tree, terms->family, runner->child.pid);
}

/* Tells the contender how long it has stood still since its last turn. */
static void announce_stop(struct runner *runner)
{
    uint64_t now = clock_now_ns();
    if (!runner->origin_ns)
        runner->origin_ns = now;
    else if (runner->child.progress)
        atomic_fetch_add(&runner->child.progress->stopped_ns, now - runner->stopped_ns);
}

static void account_for_turn(struct runner *runner, const struct slicer_times *times)
{
    struct bench_progress *page = runner->child.progress;
    runner->stopped_ns = times->stopped_ns;
    runner->active_ns += times->stopped_ns - times->continued_ns - times->waited_ns;
    if (!page)
        return;
    if (blocks_turns_add(&runner->waits, times->stopped_ns - atomic_load(&page->stopped_ns), times->waited_ns) != 0)
        runner->waits.count = 0; /* without memory for them the page's times are taken as they are */
    if (blocks_milestones(page) > 0)
        runner->turns++;
}

void runner_take_turn(const struct runner_terms *terms, struct runner *runner)
{
    struct slicer_times times;
    announce_stop(runner);
    uint64_t left = terms->deadline_ns - clock_now_ns();
    enum slicer_outcome outcome = slicer_turn(
        &runner->child, &runner->tree, left < terms->slice_ns ? left : terms->slice_ns, terms->interrupted, &times);
    account_for_turn(runner, &times);
    note_resident(runner);
    child_trim_stderr(&runner->child);
    if (outcome == SLICER_EXITED)
        set_status_of_end(runner, terms->argv[0]);
    else if (outcome == SLICER_STUCK)
        runner_set_status(runner, RACE_HUNG, 0, "killed: it starts processes faster than they can be stopped");
    else if (runner->active_ns > terms->time_limit_ns)
        runner_set_status(runner, RACE_HUNG, 0, "killed after %.3g s of active time, the limit",
                          (double)terms->time_limit_ns / 1e9);
    else
        return;
    runner_finish(runner);
}

void runner_cut(struct runner *runner, enum race_status status, const char *why)
{
    runner_set_status(runner, status, 0, "cut off after %.3g s of active time: %s", (double)runner->active_ns / 1e9,
                      why);
    runner_finish(runner);
}

/* ---- a whole run ---- */

void runner_run_whole(const struct runner_terms *terms, struct runner *runner)
{
    uint64_t begin = clock_now_ns();
    runner->origin_ns = begin;
    slicer_continue(&runner->tree);
    bool ended = false;
    while (!ended && !runner_time_is_over(terms) && runner->active_ns <= terms->time_limit_ns) {
        uint64_t next = clock_now_ns() + SAMPLE_NS;
        ended = slicer_wait(&runner->child, next < terms->deadline_ns ? next : terms->deadline_ns, terms->interrupted);
        runner->active_ns = clock_now_ns() - begin;
        process_tree_refresh(&runner->tree);
        note_resident(runner);
        child_trim_stderr(&runner->child);
    }
    if (ended)
        set_status_of_end(runner, terms->argv[0]);
    else if (runner->active_ns > terms->time_limit_ns)
        runner_set_status(runner, RACE_HUNG, 0, "killed after %.3g s, the limit", (double)terms->time_limit_ns / 1e9);
    else
        runner_set_status(runner, RACE_CUT, 0, "cut off after %.3g s: the race's time is over",
                          (double)runner->active_ns / 1e9);
    runner_finish(runner);
}
