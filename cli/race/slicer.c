/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SIGCONT, wait, SIGSTOP, confirm; see slicer.h. */
#include "config.h"

#include "cli/race/slicer.h"

#include "cli/machine/clock.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A running thread stops within some ten microseconds of the signal. */
#define STOP_NAP_NS (20 * NS_PER_US)
#define LONGEST_NAP_NS (1 * NS_PER_MS)
/* After this the kernel has reported no stop because a thread sleeps uninterruptibly or the signal waits for one that
 * does: look closer. */
#define REPORT_LIMIT_NS (2 * NS_PER_MS)
#define STOP_LIMIT_NS (1 * NS_PER_S)   /* of trying to stop a tree that grows all the time */
#define STARVE_LIMIT_NS (5 * NS_PER_S) /* the same where it does not grow: others keep its threads from executing */
#define FREEZE_LIMIT_NS (NS_PER_S / 5) /* the same before a kill, which is repeated anyway */
#define KILL_LIMIT_NS (5 * NS_PER_S)   /* a killed process that is still there after this hangs in the kernel */

static uint64_t longer(uint64_t nap_ns)
{
    return nap_ns * 2 < LONGEST_NAP_NS ? nap_ns * 2 : LONGEST_NAP_NS;
}

/* Sends SIGNAL_NUMBER to the group, as long as it has members, and to each member outside of it. */
static void signal_tree(const struct process_tree *tree, int signal_number)
{
    bool group_sent = false;
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->list[i].group != tree->root)
            kill(tree->list[i].pid, signal_number);
        else if (!group_sent)
            group_sent = kill(-tree->root, signal_number) == 0;
    }
}

static void signal_group(const struct group *group, int signal_number)
{
    for (int part = 0; part < GROUP_PARTS; part++)
        if (group_has(group, part))
            signal_tree(&group->members[part].tree, signal_number);
}

void slicer_continue(struct group *group)
{
    signal_group(group, SIGCONT);
}

/* Whether CHILD, which was running, has ended. */
static bool has_ended(struct child *child)
{
    child_update_times(child);
    return child_poll(child) == CHILD_EXITED;
}

bool slicer_wait(struct group *group, uint64_t end_ns, const volatile int *interrupted)
{
    for (;;) {
        struct pollfd ends[GROUP_PARTS];
        uint64_t now = clock_now_ns();
        struct timespec left = clock_timespec(now < end_ns ? end_ns - now : 0);
        for (int part = 0; part < GROUP_PARTS; part++)
            ends[part] = (struct pollfd){
                .fd = group_runs(group, part) ? group->members[part].child.pid_fd : -1,
                .events = POLLIN,
            };
        bool ended = false;
        if (ppoll(ends, GROUP_PARTS, &left, NULL) > 0)
            for (int part = 0; part < GROUP_PARTS; part++)
                ended |= ends[part].revents != 0 && has_ended(&group->members[part].child);
        if (ended)
            return true;
        if (clock_now_ns() >= end_ns || (interrupted && *interrupted))
            return false;
    }
}

/* Waits for the kernel's report that all threads of the first process have stopped. Returns false when none comes soon.
 */
static bool stop_is_reported(struct child *child)
{
    uint64_t limit = clock_now_ns() + REPORT_LIMIT_NS;
    while (child_poll(child) == CHILD_RUNNING) {
        if (clock_now_ns() > limit)
            return false;
        clock_nap(STOP_NAP_NS);
    }
    return true;
}

/* Sends SIGSTOP to each thread: one that is sent to the process may wait for a thread that sleeps, while the others run
 * on. */
static void stop_threads(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *directory = opendir(path);
    if (!directory)
        return;
    struct dirent *entry;
    while ((entry = readdir(directory)))
        if (entry->d_name[0] != '.')
            syscall(SYS_tgkill, pid, (pid_t)atoi(entry->d_name), SIGSTOP);
    closedir(directory);
}

/* Sends the stop again to all members that have not stopped. Returns how many of those were executing. */
static size_t stop_the_running(const struct process_tree *tree)
{
    size_t running = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const struct process *member = &tree->list[i];
        bool quiet = process_is_quiet(member);
        if (quiet && member->state == 'T')
            continue;
        kill(member->pid,
             SIGSTOP); /* also to one that sleeps uninterruptibly: it may be new, and must not wake up unstopped */
        if (quiet)
            continue;
        running++;
        if (member->threads > 1)
            stop_threads(member->pid);
    }
    return running;
}

static size_t stop_the_running_of_all(const struct group *group)
{
    size_t running = 0;
    for (int part = 0; part < GROUP_PARTS; part++)
        if (group_has(group, part))
            running += stop_the_running(&group->members[part].tree);
    return running;
}

/* What a series of looks at a group that is being stopped has come to. */
struct stopping {
    uint64_t begin_ns;
    uint64_t looked_ns; /* the time of the last look, before which everything stood still if nothing ran at it */
    uint64_t grown_ns;  /* the last look that found a new member; 0: none did */
};

static bool is_growing(const struct stopping *stopping)
{
    return stopping->grown_ns && 2 * stopping->grown_ns > stopping->begin_ns + stopping->looked_ns;
}

/* Repeats the stop until a look at the trees finds no new member and none that runs. A thread that executes takes note
 * of the signal at once; one that does not is ready to, and other programs hold the processors: so a group may grow for
 * GROWTH_LIMIT_NS, and one that does not grow may take STARVE_LIMIT_NS. *STOPPED_NS: when everything stood still. */
static enum slicer_outcome confirm_stop(struct group *group, uint64_t growth_limit_ns, uint64_t starve_limit_ns,
                                        const volatile int *interrupted, uint64_t *stopped_ns)
{
    struct stopping stopping = {.begin_ns = clock_now_ns()};
    for (uint64_t nap = STOP_NAP_NS;;) {
        stopping.looked_ns = clock_now_ns();
        int added = group_refresh(group);
        if (stop_the_running_of_all(group) == 0 && added == 0) {
            *stopped_ns = stopping.looked_ns;
            return SLICER_STOPPED;
        }
        if (added != 0)
            stopping.grown_ns = stopping.looked_ns;
        if (interrupted && *interrupted)
            return SLICER_INTERRUPTED;
        bool growing = is_growing(&stopping);
        if (stopping.looked_ns - stopping.begin_ns > (growing ? growth_limit_ns : starve_limit_ns))
            return growing ? SLICER_STUCK : SLICER_STARVED;
        if (added <= 0) { /* new members have been seen at once; those already known need a moment */
            clock_nap(nap);
            nap = longer(nap);
        }
    }
}

/* Waits for the kernel's reports of all first processes that were running. *EXITED: one of them has ended. */
static bool stops_are_reported(struct group *group, bool *exited)
{
    bool reported = true;
    *exited = false;
    for (int part = 0; part < GROUP_PARTS; part++) {
        if (!group_runs(group, part))
            continue;
        reported &= stop_is_reported(&group->members[part].child);
        *exited |= group->members[part].child.exited;
    }
    return reported;
}

/* Whether there is nothing but the first processes, as far as was seen at the last look. */
static bool is_bare(const struct group *group)
{
    for (int part = 0; part < GROUP_PARTS; part++)
        if (group_has(group, part) && (group->members[part].tree.count != 1 || group->members[part].child.exited))
            return false;
    return true;
}

/* Looks whether a first process that was running has ended after all. */
static bool any_has_ended(struct group *group)
{
    bool ended = false;
    for (int part = 0; part < GROUP_PARTS; part++)
        ended |= group_runs(group, part) && child_poll(&group->members[part].child) == CHILD_EXITED;
    return ended;
}

/* Stops everything. *STOPPED_NS: when all stood still. */
static enum slicer_outcome stop_all(struct group *group, const volatile int *interrupted, uint64_t *stopped_ns)
{
    bool exited;
    signal_group(group, SIGSTOP);
    bool reported = stops_are_reported(group, &exited);
    *stopped_ns = clock_now_ns();
    if (exited)
        return SLICER_EXITED;
    if (reported && group_refresh(group) == 0 && is_bare(group))
        return SLICER_STOPPED;
    uint64_t confirmed_ns = 0;
    enum slicer_outcome outcome = confirm_stop(group, STOP_LIMIT_NS, STARVE_LIMIT_NS, interrupted, &confirmed_ns);
    if (confirmed_ns > *stopped_ns)
        *stopped_ns = confirmed_ns;
    return any_has_ended(group) ? SLICER_EXITED : outcome;
}

enum slicer_outcome slicer_stop(struct group *group)
{
    uint64_t stopped_ns;
    signal_group(group, SIGSTOP);
    enum slicer_outcome outcome = confirm_stop(group, STOP_LIMIT_NS, STARVE_LIMIT_NS, NULL, &stopped_ns);
    any_has_ended(group);
    return outcome;
}

const char *slicer_reason(enum slicer_outcome outcome)
{
    if (outcome == SLICER_INTERRUPTED)
        return "killed: interrupted before it stood still";
    if (outcome == SLICER_STARVED)
        return "killed: it got no processor for 5 s, not even to stop: other programs hold them";
    return "killed: it starts processes faster than they can be stopped";
}

/* As far as was seen at the last look. */
static bool is_single_thread(const struct group *group)
{
    const struct process_tree *tree = &group->members[GROUP_MAIN].tree;
    return !group_has(group, GROUP_LOAD) && !group_has(group, GROUP_SIDE) && tree->count == 1 &&
           tree->list[0].pid == tree->root && tree->list[0].threads == 1;
}

/* What of the turn that began at BEFORE and lasted TURN_NS was not the program's own doing. One that never slept (but
 * for the stop itself, or its end) was ready all the time: all but its time on a processor. Else what the kernel says
 * that it waited. */
static uint64_t time_waited(const struct child *before, const struct child *after, uint64_t turn_ns)
{
    uint64_t executed = after->on_processor_ns - before->on_processor_ns;
    uint64_t waited = after->waited_ns - before->waited_ns;
    uint64_t rest = turn_ns > executed ? turn_ns - executed : 0;
    bool never_slept = executed > 0 && after->sleeps - before->sleeps == 1;
    return never_slept || waited > rest ? rest : waited;
}

/* slicer_wait(), with LOOKS meanwhile. */
static bool wait_and_look(struct group *group, uint64_t end_ns, const struct slicer_looks *looks,
                          const volatile int *interrupted)
{
    uint64_t next_ns = clock_now_ns() + looks->every_ns;
    while (looks->look && next_ns < end_ns) {
        if (slicer_wait(group, next_ns, interrupted))
            return true;
        if (interrupted && *interrupted)
            return false;
        looks->look(looks->who);
        next_ns = clock_now_ns() + looks->every_ns;
    }
    return slicer_wait(group, end_ns, interrupted);
}

enum slicer_outcome slicer_turn(struct group *group, uint64_t slice_ns, const struct slicer_looks *looks,
                                const volatile int *interrupted, struct slicer_times *times)
{
    enum slicer_outcome outcome = SLICER_EXITED;
    struct child *child = &group->members[GROUP_MAIN].child;
    const struct child before = *child;
    times->continued_ns = clock_now_ns();
    slicer_continue(group);
    if (wait_and_look(group, times->continued_ns + slice_ns, looks, interrupted)) {
        times->stopped_ns = clock_now_ns();
    } else {
        outcome = stop_all(group, interrupted, &times->stopped_ns);
        if (!child->exited)
            child_update_times(child);
    }
    times->waited_ns =
        is_single_thread(group) ? time_waited(&before, child, times->stopped_ns - times->continued_ns) : 0;
    return outcome;
}

/* ---- the end ---- */

static void kill_part(struct group *group, enum group_part part)
{
    struct group_member *member = &group->members[part];
    signal_tree(&member->tree, SIGKILL);
    child_poll(&member->child);
    if (process_tree_refresh(&member->tree) == 0 && member->child.exited && member->tree.count == 0)
        group_forget(group, part);
}

/* Kills PART, or all parts where that is GROUP_PARTS, until nothing of it is left. */
static int kill_until_gone(struct group *group, int wanted)
{
    uint64_t limit = clock_now_ns() + KILL_LIMIT_NS, nap = STOP_NAP_NS;
    for (;;) {
        bool left = false;
        for (int part = 0; part < GROUP_PARTS; part++) {
            if ((wanted != GROUP_PARTS && part != wanted) || !group_has(group, part))
                continue;
            kill_part(group, part);
            left |= group_has(group, part);
        }
        if (!left)
            return 0;
        clock_nap(nap);
        nap = longer(nap);
        if (clock_now_ns() > limit)
            return -1;
    }
}

int slicer_kill(struct group *group)
{
    if (!group_has(group, GROUP_MAIN) && !group_has(group, GROUP_LOAD) && !group_has(group, GROUP_SIDE))
        return 0;
    group_kill_controlled(group, GROUP_PARTS);
    group_refresh(group);
    uint64_t stopped_ns;
    signal_group(group, SIGSTOP);
    confirm_stop(group, FREEZE_LIMIT_NS, FREEZE_LIMIT_NS, NULL, &stopped_ns);
    int result = kill_until_gone(group, GROUP_PARTS);
    for (int part = 0; part < GROUP_PARTS; part++)
        if (group_has(group, part))
            group_forget(group, part);
    return result;
}

int slicer_kill_part(struct group *group, enum group_part part)
{
    group_kill_controlled(group, part);
    group_refresh(group);
    return kill_until_gone(group, part);
}
