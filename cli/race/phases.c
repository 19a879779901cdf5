/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See phases.h. */
#include "config.h"

#include "cli/race/phases.h"

#include "cli/machine/clock.h"
#include "cli/race/ready.h"
#include "cli/race/slicer.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define LOOK_NS (5 * NS_PER_MS)    /* between two looks whether a server is ready */
#define ASK_NS (50 * NS_PER_MS)    /* the same where a command is run for it */
#define WATCH_NS (50 * NS_PER_MS)  /* between two looks at what runs beside */
#define DEATH_NS (200 * NS_PER_MS) /* a server that dies may be so much later than who has noticed */

/* Of a command that prepares or warms up, where the user has set none. */
#define SIDE_LIMIT_S 60.0

/* How a wait for something ended. */
enum wait_end {
    WAIT_ENDED, /* as it should */
    WAIT_DIED,  /* the server has ended */
    WAIT_LATE,  /* its time is over */
    WAIT_OVER,  /* that of the race is */
    WAIT_ERROR  /* errno says why the race cannot be held */
};

static uint64_t earlier(uint64_t one_ns, uint64_t other_ns)
{
    return one_ns < other_ns ? one_ns : other_ns;
}

static uint64_t limit_after(double seconds)
{
    return clock_now_ns() + (uint64_t)(seconds * 1e9);
}

static bool server_has_died(struct runner *runner)
{
    return runner->group.members[GROUP_MAIN].child.exited;
}

/* Lets the group run for LENGTH_NS, or until one of its first processes ends. */
static enum wait_end let_run(const struct runner_terms *terms, struct runner *runner, uint64_t length_ns,
                             uint64_t limit_ns)
{
    uint64_t until = earlier(earlier(clock_now_ns() + length_ns, limit_ns), terms->deadline_ns);
    slicer_wait(&runner->group, until, terms->interrupted);
    if (group_has(&runner->group, GROUP_MAIN))
        runner_look(runner);
    else
        group_refresh(&runner->group);
    if (runner_time_is_over(terms))
        return WAIT_OVER;
    if (group_has(&runner->group, GROUP_MAIN) && server_has_died(runner))
        return WAIT_DIED;
    return clock_now_ns() >= limit_ns ? WAIT_LATE : WAIT_ENDED;
}

/* ---- commands beside ---- */

static bool side_has_failed(const struct runner *runner)
{
    const struct child *child = &runner->group.members[GROUP_SIDE].child;
    return !WIFEXITED(child->status) || WEXITSTATUS(child->status) != 0;
}

/* Waits until the command at the side has ended. */
static enum wait_end wait_for_side(const struct runner_terms *terms, struct runner *runner, uint64_t limit_ns)
{
    enum wait_end end = WAIT_ENDED;
    while (end == WAIT_ENDED && group_runs(&runner->group, GROUP_SIDE))
        end = let_run(terms, runner, WATCH_NS, limit_ns);
    if (end == WAIT_ENDED && side_has_failed(runner)) /* a server that dies may take a moment longer */
        end = let_run(terms, runner, DEATH_NS, limit_ns);
    return end == WAIT_DIED || group_runs(&runner->group, GROUP_SIDE) ? end : WAIT_ENDED;
}

/* Runs COMMAND_LINE beside whatever runs, to its end; nothing of it is left. */
static enum wait_end run_side(const struct runner_terms *terms, struct runner *runner, const char *command_line,
                              uint64_t limit_ns)
{
    if (runner_start_part(terms, runner, GROUP_SIDE, command_line) != 0)
        return WAIT_ERROR;
    if (!group_has(&runner->group, GROUP_SIDE))
        return WAIT_ENDED; /* it has a result */
    slicer_continue(&runner->group);
    enum wait_end end = wait_for_side(terms, runner, limit_ns);
    slicer_kill_part(&runner->group, GROUP_SIDE);
    return end;
}

/* ---- what went wrong ---- */

static bool has_result(const struct runner *runner)
{
    return runner->result->status != RACE_OK;
}

/* Says what END means for a phase. LATE: what did not happen in time; WHEN: when the server died, if it did. */
static void tell(struct runner *runner, enum wait_end end, enum group_part part, const char *late, const char *when,
                 double limit_s)
{
    if (has_result(runner))
        return;
    if (end == WAIT_DIED)
        runner_tell_death(runner, when);
    else if (end == WAIT_LATE)
        runner_set_status(runner, part, RACE_FAILED, 0, "%s within %.3g s", late, limit_s);
    else if (end == WAIT_OVER)
        runner_set_status(runner, GROUP_MAIN, RACE_CUT, 0, "cut off before its work: the race's time is over");
}

/* ---- before ---- */

/* Runs a command that must end well. WHEN: when the server died, if it did. */
static enum wait_end run_phase(const struct runner_terms *terms, struct runner *runner, const char *command_line,
                               const char *name, const char *when)
{
    char late[64], failed[64];
    double limit_s = terms->work->timeout_s > 0 ? terms->work->timeout_s : SIDE_LIMIT_S;
    enum wait_end end = run_side(terms, runner, command_line, limit_after(limit_s));
    snprintf(late, sizeof late, "%s did not end", name);
    snprintf(failed, sizeof failed, "%s failed:", name);
    tell(runner, end, GROUP_SIDE, late, when, limit_s);
    if (end == WAIT_ENDED && !has_result(runner) && side_has_failed(runner))
        runner_set_status_of_end(runner, GROUP_SIDE, name, failed);
    return end;
}

/* Whether somebody else is where the server is to be. */
static bool is_port_taken(struct runner *runner, const struct ready *ready)
{
    if (ready->condition->kind != WORKLOAD_READY_TCP || !place_port_is_taken(ready->place, ready->port))
        return false;
    runner_set_status(runner, GROUP_MAIN, RACE_FAILED, 0,
                      "port %u is taken: write {port} for it, or run one after the other (--interleave run) if another "
                      "contender has it",
                      ready->port);
    return true;
}

static enum wait_end ask_until_ready(const struct runner_terms *terms, struct runner *runner, uint64_t limit_ns)
{
    for (;;) {
        enum wait_end end = run_side(terms, runner, terms->work->ready.text, limit_ns);
        if (end != WAIT_ENDED || has_result(runner) || !side_has_failed(runner))
            return end;
        if (child_exec_error(&runner->group.members[GROUP_SIDE].child)) {
            runner_set_status_of_end(runner, GROUP_SIDE, "--ready", NULL);
            return end;
        }
        if ((end = let_run(terms, runner, ASK_NS, limit_ns)) != WAIT_ENDED)
            return end;
    }
}

static enum wait_end look_until_ready(const struct runner_terms *terms, struct runner *runner, struct ready *ready,
                                      uint64_t limit_ns)
{
    enum wait_end end = WAIT_ENDED;
    while (end == WAIT_ENDED && !ready_is(ready))
        end = let_run(terms, runner, LOOK_NS, limit_ns);
    return end;
}

/* What did not happen in time: of a port which one was tried, and why the server may have another one. */
static void name_not_ready(const struct runner_terms *terms, const struct ready *ready, char *text, size_t size)
{
    const char *server = terms->work->server;
    if (ready->condition->kind != WORKLOAD_READY_TCP)
        snprintf(text, size, "the server was not ready (--ready)");
    else
        snprintf(text, size, "the server was not ready (--ready tcp:%u%s)", ready->port,
                 server && strstr(server, WORDS_PORT) ? "" : "; its command has no " WORDS_PORT);
}

static void wait_until_ready(const struct runner_terms *terms, struct runner *runner, struct ready *ready)
{
    double limit_s = terms->work->start_timeout_s > 0 ? terms->work->start_timeout_s : WORKLOAD_START_TIMEOUT_S;
    uint64_t limit_ns = limit_after(limit_s);
    ready->output_fd = runner->group.members[GROUP_MAIN].child.stderr_fd;
    slicer_continue(&runner->group);
    enum wait_end end = ready->condition->kind == WORKLOAD_READY_EXEC
                            ? ask_until_ready(terms, runner, limit_ns)
                            : look_until_ready(terms, runner, ready, limit_ns);
    char late[96];
    name_not_ready(terms, ready, late, sizeof late);
    tell(runner, end, GROUP_MAIN, late, "before it was ready", limit_s);
}

/* Starts the server and waits until it can be given work. Returns 0 also when there is a result, or -1 with errno. */
static int start_server(const struct runner_terms *terms, struct runner *runner)
{
    struct ready ready;
    if (ready_init(&ready, &terms->work->ready, &runner->place) != 0)
        return -1;
    int result = is_port_taken(runner, &ready) ? 0 : runner_start(terms, runner);
    if (runner->running)
        wait_until_ready(terms, runner, &ready);
    ready_release(&ready);
    return result;
}

static int warm_up(const struct runner_terms *terms, struct runner *runner)
{
    if (!terms->work->warm_up || has_result(runner))
        return 0;
    return run_phase(terms, runner, terms->work->warm_up, "the warm-up", "in its warm-up") == WAIT_ERROR ? -1 : 0;
}

/* Stops the server, and starts its load, stopped. */
static int start_load(const struct runner_terms *terms, struct runner *runner)
{
    if (has_result(runner))
        return 0;
    enum slicer_outcome outcome = slicer_stop(&runner->group);
    if (outcome != SLICER_STOPPED) {
        runner_set_status(runner, GROUP_MAIN, RACE_HUNG, 0, "%s", slicer_reason(outcome));
        return 0;
    }
    if (server_has_died(runner)) {
        runner_tell_death(runner, "before its load");
        return 0;
    }
    runner_begin_work(runner);
    return runner_start_part(terms, runner, GROUP_LOAD, terms->work->load);
}

static int start_with_load(const struct runner_terms *terms, struct runner *runner)
{
    int result = start_server(terms, runner);
    if (result == 0)
        result = warm_up(terms, runner);
    return result == 0 ? start_load(terms, runner) : result;
}

int phases_start(const struct runner_terms *terms, struct runner *runner)
{
    const struct workload *work = terms->work;
    if (runner_make_place(terms, runner) != 0)
        return -1;
    if (work->prepare && run_phase(terms, runner, work->prepare, "--prepare", "") == WAIT_ERROR)
        return -1;
    if (has_result(runner))
        return 0;
    int result = workload_kind(work)->has_load ? start_with_load(terms, runner) : runner_start(terms, runner);
    if (result == 0 && has_result(runner) && runner->running)
        runner_finish(runner);
    return result;
}

/* ---- after ---- */

/* Whether any server has ended that should not have; it has a result then. */
static void look_at_idle(const struct runner_terms *terms, struct runner *runners, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct runner *runner = &runners[i];
        if (!runner->resting)
            continue;
        slicer_wait(&runner->group, 0, terms->interrupted);
        if (!server_has_died(runner))
            continue;
        runner_tell_death(runner, "while it was idle");
        runner_finish(runner);
    }
}

/* All that rest run without any work, so that they can give memory back. A process that is orphaned in this time before
 * it was seen may be taken for another contender's. */
static void idle(const struct runner_terms *terms, struct runner *runners, size_t count)
{
    uint64_t end_ns = limit_after(terms->work->idle_s);
    for (size_t i = 0; i < count; i++)
        if (runners[i].resting)
            slicer_continue(&runners[i].group);
    while (clock_now_ns() < end_ns && !runner_time_is_over(terms)) {
        clock_nap(earlier(WATCH_NS, end_ns - earlier(clock_now_ns(), end_ns)));
        look_at_idle(terms, runners, count);
    }
    bool whole = clock_now_ns() >= end_ns;
    for (size_t i = 0; i < count; i++) {
        if (!runners[i].resting)
            continue;
        slicer_stop(&runners[i].group);
        if (whole)
            runners[i].idle_resident =
                memory_watch_exact(&runners[i].memory, &runners[i].group.members[GROUP_MAIN].tree);
    }
}

/* Whether the server ended as the signal, or any other, may have it end. */
static bool ended_well(const struct child *child, int stop_signal)
{
    return WIFEXITED(child->status) || WTERMSIG(child->status) == stop_signal || WTERMSIG(child->status) == SIGTERM ||
           WTERMSIG(child->status) == SIGKILL;
}

/* Lets the server end, until nothing of it is left. */
static enum wait_end wait_until_gone(const struct runner_terms *terms, struct runner *runner, uint64_t limit_ns)
{
    enum wait_end end = WAIT_ENDED;
    const struct process_tree *tree = &runner->group.members[GROUP_MAIN].tree;
    while (tree->count > 0 && clock_now_ns() < limit_ns && end != WAIT_OVER)
        end = let_run(terms, runner, LOOK_NS, limit_ns);
    return tree->count == 0 ? WAIT_ENDED : end == WAIT_OVER ? WAIT_OVER : WAIT_LATE;
}

static void stop(const struct runner_terms *terms, struct runner *runner)
{
    const struct workload *work = terms->work;
    const struct child *child = &runner->group.members[GROUP_MAIN].child;
    int stop_signal = work->stop_signal ? work->stop_signal : SIGTERM;
    double limit_s = work->stop_timeout_s > 0 ? work->stop_timeout_s : WORKLOAD_STOP_TIMEOUT_S;
    kill(runner->in_shell ? -child->pid : child->pid, stop_signal); /* a shell does not pass it on */
    slicer_continue(&runner->group);
    enum wait_end end = wait_until_gone(terms, runner, limit_after(limit_s));
    if (end == WAIT_LATE)
        runner_set_status(
            runner, GROUP_MAIN, RACE_FAILED, 0, "the server would not stop: %s still ran %.3g s after signal %d (%s)",
            child->exited ? "a process it had started" : "it", limit_s, stop_signal, strsignal(stop_signal));
    else if (end == WAIT_ENDED && !ended_well(child, stop_signal))
        runner_set_status_of_end(runner, GROUP_MAIN, NULL, "the server crashed as it was stopped:");
}

void phases_end(const struct runner_terms *terms, struct runner *runners, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any |= runners[i].resting;
    if (any && terms->work->idle_s > 0)
        idle(terms, runners, count);
    for (size_t i = 0; i < count; i++) {
        if (!runners[i].resting)
            continue;
        if (!runner_time_is_over(terms))
            stop(terms, &runners[i]);
        runner_finish(&runners[i]);
    }
}
