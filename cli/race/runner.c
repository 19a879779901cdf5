/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See runner.h. */
#include "config.h"

#include "cli/race/runner.h"

#include "cli/machine/clock.h"
#include "cli/race/precedence.h"
#include "cli/race/reaper.h"
#include "cli/race/sample.h"
#include "cli/race/slicer.h"
#include "cli/race/tree_usage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between two looks at the memory of a contender that is not stopped. */
#define SAMPLE_NS (20 * NS_PER_MS)

/* The same in a turn, where several processes have grown by so many percent in the last one; and so many times as long
 * as such a look takes, at least. */
#define GLANCE_NS (1 * NS_PER_MS)
#define GROWTH 1
#define GLANCES_OF_TURN 20

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
        .counters = counters_none(),
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
    memory_watch_release(&runner->memory);
    output_watch_release(&runner->output);
    counters_close(&runner->counters);
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
        runner_set_status(runner, part, RACE_NOT_STARTED, error, "cannot run %.40s%s%s: %s",
                          program ? program : runner->name, program ? ", " : "", program ? child->program : "",
                          strerror(error));
    else if (WIFSIGNALED(status))
        runner_set_status(runner, part, RACE_CRASHED, WTERMSIG(status), "%s signal %d (%s)",
                          what ? what : "crashed:", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        runner_set_status(runner, part, RACE_FAILED, WEXITSTATUS(status), "%s exit status %d",
                          what ? what : "failed:", WEXITSTATUS(status));
}

void runner_tell_death(struct runner *runner, const char *when)
{
    char died[96];
    const struct child *child = own_child(runner);
    bool meant_to = WIFEXITED(child->status) && WEXITSTATUS(child->status) == 0;
    snprintf(died, sizeof died, "the server died %s%s:", when, meant_to ? " (it has to stay in the foreground)" : "");
    runner_set_status_of_end(runner, GROUP_MAIN, NULL, died);
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
                          "most of the work was done by %.31s without %.40s: %s", basename(most->program),
                          lacks_settings ? "its settings" : basename(library), most->why);
    else
        snprintf(runner->result->allocator, sizeof runner->result->allocator, "%s", most->why);
}

/* A script that hands its process over to the program that does the work takes time of its own for that. */
static void note_what_it_became(struct runner *runner)
{
    const struct allocator_watch *watch = &runner->allocators;
    const struct allocator_process *became = allocator_watch_became(watch, own_child(runner)->pid);
    if (!became || became != allocator_watch_main(watch) || !race_took_part(runner->result))
        return;
    snprintf(runner->result->became, sizeof runner->result->became, "%s", became->program);
    runner->result->beside_s = 1e-9 * (double)(allocator_watch_used(watch) - became->used_ns);
}

/* Whether its measured work has begun. */
static bool has_begun(const struct runner *runner)
{
    const struct bench_progress *page = runner_page(runner);
    return !page || blocks_milestones(page) > 0 || atomic_load(&page->phase) >= BENCH_MEASURING;
}

static void look_at_memory(struct runner *runner)
{
    struct child *child = own_child(runner);
    if (!runner->begun && has_begun(runner)) {
        memory_watch_begin(&runner->memory, runner->looked_ns);
        runner->begun = true;
    }
    memory_watch_look(&runner->memory, own_tree(runner), runner->active_ns);
    runner->looked_ns = runner->active_ns;
    if (!child->exited && runner->memory.now <= child->resident_at_exec)
        raise_to(&runner->single_peak, process_peak_resident(child->pid));
}

/* Of its processes as they were at the last refresh. */
static void look(struct runner *runner)
{
    look_at_memory(runner);
    allocator_watch_look(&runner->allocators, own_tree(runner), &runner->contender->launch);
}

void runner_look(struct runner *runner)
{
    const struct precedence_work begun = precedence_begin();
    bool executed = child_has_executed(own_child(runner)); /* else it may still have been a copy of this process */
    group_refresh(&runner->group);
    if (executed)
        look(runner);
    precedence_end(&begun);
}

/* The file that collects the output of what is measured, or -1. */
static int measured_output(const struct runner *runner)
{
    const struct group_member *load = &runner->group.members[GROUP_LOAD];
    return load->child.pid > 0 ? load->child.stderr_fd : runner->group.members[GROUP_MAIN].child.stderr_fd;
}

uint64_t runner_resident(const struct runner *runner)
{
    const struct group *group = &runner->group;
    if (!group_has(group, GROUP_MAIN))
        return group_resident(group);
    uint64_t others = group_resident(group) - process_tree_resident(&group->members[GROUP_MAIN].tree);
    return others + runner->memory.now;
}

static struct runner_used used_so_far(struct runner *runner)
{
    struct runner_used used = {.known = true, .usage = tree_usage_now(own_tree(runner))};
    for (enum counter counter = 0; counter < COUNTERS; counter++)
        used.counted[counter] = counters_read(&runner->counters, counter);
    return used;
}

void runner_begin_work(struct runner *runner)
{
    runner->before_work = used_so_far(runner);
}

/* A server's work has ended, or been cut off, while it is still there. */
static void end_work(struct runner *runner)
{
    const struct runner_used *before = &runner->before_work;
    struct runner_used *by = &runner->by_work;
    if (!before->known || by->known || own_child(runner)->exited)
        return;
    *by = used_so_far(runner);
    by->usage = tree_usage_between(&before->usage, &by->usage);
    for (enum counter counter = 0; counter < COUNTERS; counter++)
        by->counted[counter] -= before->counted[counter];
}

void runner_finish(struct runner *runner)
{
    struct race_result *result = runner->result;
    judge_allocator(runner);
    note_what_it_became(runner);
    end_work(runner);
    if (slicer_kill(&runner->group) != 0) {
        size_t length = strlen(result->message);
        snprintf(result->message + length, sizeof result->message - length, "%s%sa process it started cannot be killed",
                 length ? "; " : runner->contender->label, length ? "" : ": ");
    }
    runner->running = runner->resting = false;
    output_watch_read(&runner->output, measured_output(runner));
    output_watch_end(&runner->output);
    sample_fill(runner);
    memory_watch_release(&runner->memory);
    place_release(&runner->place);
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

/* Of all threads that a process has or had; 0 where it has ended. */
static uint64_t process_cpu_ns(pid_t pid)
{
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

/* Notes what a workload has used at the end of a turn of its measured work. */
static void note_processor(struct runner *runner)
{
    struct runner_processor now = {process_cpu_ns(own_child(runner)->pid), runner->active_ns};
    if (atomic_load(&runner_page(runner)->phase) != BENCH_MEASURING || now.cpu_ns == 0)
        return;
    if (runner->work_begin.cpu_ns == 0)
        runner->work_begin = now;
    runner->work_end = now;
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
    note_processor(runner);
}

/* Without memory for it there is one less to be shown. */
static void keep_turn(const struct runner_terms *terms, struct runner *runner, uint64_t begin_ns, uint64_t end_ns)
{
    struct race_result *result = runner->result;
    if (!terms->keep_turns || result->turn_count == RACE_MOST_TURNS)
        return;
    if (!result->turns && !(result->turns = malloc(RACE_MOST_TURNS * sizeof *result->turns)))
        return;
    result->turns[result->turn_count++] =
        (struct race_turn){(double)(begin_ns - terms->begin_ns) / 1e9, (double)(end_ns - begin_ns) / 1e9};
}

/* A stop makes every thread give up its processor. */
static void count_stop(struct runner *runner)
{
    const struct process_tree *tree = own_tree(runner);
    for (size_t i = 0; i < tree->count; i++)
        runner->stop_switches += tree->list[i].state == 'Z' ? 0 : tree->list[i].threads;
}

static void glance(void *who)
{
    struct runner *runner = who;
    uint64_t begin_ns = clock_now_ns();
    process_tree_reread(own_tree(runner));
    memory_watch_glance(&runner->memory, own_tree(runner));
    runner->glance_ns = clock_now_ns() - begin_ns;
}

/* Several processes have their peak together, which no kernel keeps. While they grow they are looked at in their turn
 * as well, as often as is cheap. */
static struct slicer_looks looks_in_turn(struct runner *runner)
{
    uint64_t before = runner->memory_before, now = runner->memory.now, every_ns = GLANCES_OF_TURN * runner->glance_ns;
    runner->memory_before = now;
    if (own_tree(runner)->count < 2 || now < before + before / 100 * GROWTH)
        return (struct slicer_looks){0};
    return (struct slicer_looks){glance, runner, every_ns > GLANCE_NS ? every_ns : GLANCE_NS};
}

static void take_output(struct runner *runner)
{
    output_watch_read(&runner->output, measured_output(runner));
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
    end_work(runner);
    runner->running = false;
    runner->resting = true;
}

/* The command, or the load, has not ended as it should have. */
static void tell_failure(struct runner *runner, enum group_part part, const char *program, const char *what)
{
    runner_set_status_of_end(runner, part, program, what);
    if (runner->result->status == RACE_FAILED)
        runner->result->own_status = runner->result->code;
}

static void take_end_of_work(const struct runner_terms *terms, struct runner *runner)
{
    if (!ended_well(terms, own_child(runner)))
        tell_failure(runner, GROUP_MAIN, NULL, NULL);
    runner_finish(runner);
}

/* The load has ended, or the server under it; which may come a moment later than the load that it has failed. */
static void take_end_of_load(const struct runner_terms *terms, struct runner *runner)
{
    struct child *load = &runner->group.members[GROUP_LOAD].child;
    if (load->exited && !ended_well(terms, load))
        slicer_wait(&runner->group, clock_now_ns() + DEATH_NS, terms->interrupted);
    if (own_child(runner)->exited)
        runner_tell_death(runner, "under load");
    else if (!ended_well(terms, load))
        tell_failure(runner, GROUP_LOAD, "the load", "the load failed:");
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
    double limit_s = (double)terms->time_limit_ns / 1e9;
    const char *option = terms->limit_is_timeout ? " (--timeout)" : "";
    if (workload_kind(terms->work)->has_load)
        runner_set_status(runner, GROUP_LOAD, RACE_HUNG, 0, "the load did not end within %.3g s%s%s", limit_s, of_what,
                          option);
    else
        runner_set_status(runner, GROUP_MAIN, RACE_HUNG, 0, "killed after %.3g s%s, the limit%s", limit_s, of_what,
                          option);
    runner_finish(runner);
}

void runner_take_turn(const struct runner_terms *terms, struct runner *runner)
{
    struct slicer_times times;
    const struct slicer_looks looks = looks_in_turn(runner);
    announce_stop(runner);
    uint64_t left = terms->deadline_ns - clock_now_ns();
    enum slicer_outcome outcome = slicer_turn(&runner->group, left < terms->slice_ns ? left : terms->slice_ns, &looks,
                                              terms->interrupted, &times);
    account_for_turn(runner, &times);
    keep_turn(terms, runner, times.continued_ns, times.stopped_ns);
    if (outcome == SLICER_STOPPED)
        count_stop(runner);
    if (outcome == SLICER_EXITED)
        runner_look(runner);
    else if (child_has_executed(own_child(runner)))
        look(runner); /* it was refreshed when it stood still */
    take_output(runner);
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
        if (runner_interrupted(terms) || (!ended && runner->active_ns > terms->time_limit_ns))
            break;
        runner_look(runner);
        take_output(runner);
    }
    keep_turn(terms, runner, begin, clock_now_ns());
    if (ended)
        take_end(terms, runner);
    else if (runner->active_ns > terms->time_limit_ns)
        take_too_long(terms, runner, "");
    else
        runner_cut(runner, RACE_CUT, "the race's time is over");
}
