/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See memory_watch.h. */
#include "config.h"

#include "cli/race/memory_watch.h"

#include "cli/machine/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Close looks may take so much of the active time, as a divisor of it. */
#define SPENT_OF_ACTIVE 32
#define SHORTEST_INTERVAL_NS (50 * NS_PER_MS)
#define LONGEST_INTERVAL_NS (800 * NS_PER_MS)
/* What a close look takes until one has been taken: for each process, and for each page that is resident. */
#define PROCESS_NS 20000
#define PAGE_NS 15
#define PAGE_BYTES 4096
/* Growth of a tree of several processes, percent, that calls for a close look before its time. */
#define MUCH_GROWTH 10

/* What counts of a process, and what that was said of. */
struct memory_member {
    pid_t pid;
    uint64_t start_time, start_stack; /* with pid: the process, and the program that it executes */
    uint64_t resident;                /* as /proc/PID/stat said, all of it */
    uint64_t counted;                 /* its share of anonymous and shared memory, less what is lazily freed */
    uint64_t lazy;
};

/* What smaps_rollup says of a process, bytes. */
struct rollup {
    uint64_t resident, share, file_share, lazy;
    bool tells_files; /* older kernels do not say what of the share is of files */
};

static uint64_t less(uint64_t value, uint64_t off)
{
    return value > off ? value - off : 0;
}

static uint64_t larger(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

/* The figure of the row NAME ("\nRss:") in TEXT, which is in KiB; 0 where there is none. */
static uint64_t row_bytes(const char *text, const char *name)
{
    const char *row = strstr(text, name);
    return row ? strtoull(row + strlen(name), NULL, 10) * 1024 : 0;
}

static bool kernel_has_rollups(void)
{
    static int known = -1; /* a property of the kernel: asked once */
    if (known < 0)
        known = access("/proc/self/smaps_rollup", R_OK) == 0;
    return known;
}

/* False: it may not be read. Of a process that has ended since all is 0. */
static bool read_rollup(pid_t pid, struct rollup *rollup)
{
    char path[64], text[4096] = "";
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    errno = 0;
    if (process_read_file(path, text, sizeof text) <= 0 && (errno == EACCES || errno == EPERM || !kernel_has_rollups()))
        return false;
    *rollup = (struct rollup){
        .resident = row_bytes(text, "\nRss:"),
        .share = row_bytes(text, "\nPss:"),
        .file_share = row_bytes(text, "\nPss_File:"),
        .lazy = row_bytes(text, "\nLazyFree:"),
        .tells_files = strstr(text, "\nPss_File:") != NULL,
    };
    return true;
}

static uint64_t resident_of_files(pid_t pid)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    return process_read_file(path, text, sizeof text) > 0 ? row_bytes(text, "\nRssFile:") : 0;
}

/* ---- close looks ---- */

/* The shares that the members have of files, and the most that one of them has mapped. */
struct files {
    uint64_t shares, most;
};

static struct memory_member member_of(const struct process *process)
{
    return (struct memory_member){
        .pid = process->pid,
        .start_time = process->start_time,
        .start_stack = process->start_stack,
        .resident = process->resident,
        .counted = process->resident,
    };
}

/* One that is alone has all that is resident to itself, whoever else has mapped it. */
static void look_closely_at(struct memory_member *member, bool alone, struct files *files)
{
    struct rollup rollup;
    if (!read_rollup(member->pid, &rollup))
        return;
    member->lazy = rollup.lazy;
    if (alone) {
        member->counted = less(rollup.resident, rollup.lazy);
        return;
    }
    member->counted = less(rollup.share, rollup.file_share + rollup.lazy);
    files->shares += rollup.file_share;
    if (rollup.tells_files)
        files->most = larger(files->most, resident_of_files(member->pid));
}

static void forget_members(struct memory_watch *watch)
{
    free(watch->members);
    watch->members = NULL;
    watch->count = 0;
}

/* Without memory for the members nothing is known of them. */
static void look_closely(struct memory_watch *watch, const struct process_tree *tree)
{
    struct files files = {0};
    uint64_t begin_ns = clock_now_ns();
    forget_members(watch);
    watch->members = calloc(tree->count, sizeof *watch->members);
    if (!watch->members)
        return;
    watch->count = tree->count;
    watch->lazy = 0;
    for (size_t i = 0; i < tree->count; i++) {
        watch->members[i] = member_of(&tree->list[i]);
        look_closely_at(&watch->members[i], tree->count == 1, &files);
        watch->lazy += watch->members[i].lazy;
    }
    watch->files = larger(files.shares, files.most);
    watch->lazy_peak = larger(watch->lazy_peak, watch->lazy);
    watch->plain = process_tree_resident(tree);
    watch->last_took_ns = clock_now_ns() - begin_ns;
    watch->spent_ns += watch->last_took_ns;
}

/* What a close look would take, after the last one. */
static uint64_t expected_ns(const struct memory_watch *watch, size_t count, uint64_t plain)
{
    if (watch->plain == 0)
        return count * PROCESS_NS + plain / PAGE_BYTES * PAGE_NS;
    return larger(watch->last_took_ns, (uint64_t)((double)watch->last_took_ns * (double)plain / (double)watch->plain));
}

static bool is_affordable(const struct memory_watch *watch, size_t count, uint64_t plain, uint64_t active_ns)
{
    return watch->spent_ns + expected_ns(watch, count, plain) <= active_ns / SPENT_OF_ACTIVE;
}

static const struct memory_member *find_member(const struct memory_watch *watch, const struct process *process)
{
    for (size_t i = 0; i < watch->count; i++) {
        const struct memory_member *member = &watch->members[i];
        if (member->pid == process->pid && member->start_time == process->start_time &&
            member->start_stack == process->start_stack)
            return member;
    }
    return NULL;
}

static bool has_same_members(const struct memory_watch *watch, const struct process_tree *tree)
{
    if (watch->count != tree->count)
        return false;
    for (size_t i = 0; i < tree->count; i++)
        if (!find_member(watch, &tree->list[i]))
            return false;
    return true;
}

/* Whether what is known is old, or of other processes. */
static bool is_due(const struct memory_watch *watch, const struct process_tree *tree, uint64_t plain,
                   uint64_t active_ns)
{
    uint64_t interval_ns = watch->interval_ns ? watch->interval_ns : SHORTEST_INTERVAL_NS;
    if (active_ns - watch->closely_looked_ns >= interval_ns)
        return true;
    if (tree->count < 2)
        return false;
    return plain > watch->plain + watch->plain / 100 * MUCH_GROWTH || !has_same_members(watch, tree);
}

/* ---- from one close look to the next ---- */

/* Whether another member of TREE has the memory of which PROCESS is a copy. */
static bool is_copy(const struct process_tree *tree, const struct process *process)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->list[i].pid != process->pid && process->start_stack &&
            tree->list[i].start_stack == process->start_stack)
            return true;
    return false;
}

static uint64_t estimate_of(const struct memory_watch *watch, const struct process_tree *tree,
                            const struct process *process)
{
    const struct memory_member *member = find_member(watch, process);
    if (!member)
        return is_copy(tree, process) ? 0 : process->resident;
    return less(member->counted + process->resident, member->resident);
}

/* What TREE has: between what its largest process has, and the sum of all. */
static uint64_t estimate(const struct memory_watch *watch, const struct process_tree *tree)
{
    uint64_t sum = watch->files, plain = 0, largest = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const struct memory_member *member = find_member(watch, &tree->list[i]);
        uint64_t own = less(tree->list[i].resident, member ? member->lazy : 0);
        sum += estimate_of(watch, tree, &tree->list[i]);
        plain += own;
        largest = larger(largest, own);
    }
    return larger(largest, sum < plain ? sum : plain);
}

/* Rarer where a close look of one process has changed nothing. */
static void set_interval(struct memory_watch *watch, size_t count, uint64_t active_ns)
{
    uint64_t next_ns = 2 * (watch->interval_ns ? watch->interval_ns : SHORTEST_INTERVAL_NS / 2);
    watch->closely_looked_ns = active_ns;
    watch->interval_ns = count > 1 || watch->lazy > 0    ? SHORTEST_INTERVAL_NS
                         : next_ns < LONGEST_INTERVAL_NS ? next_ns
                                                         : LONGEST_INTERVAL_NS;
}

static void add_time(struct memory_watch *watch, uint64_t before, uint64_t active_ns)
{
    double taken_ns = (double)(active_ns - watch->looked_ns);
    watch->byte_ns += ((double)before + (double)watch->now) / 2 * taken_ns;
    watch->lazy_byte_ns += (double)watch->lazy * taken_ns;
    watch->measured_ns += active_ns - watch->looked_ns;
    watch->looked_ns = active_ns;
}

void memory_watch_begin(struct memory_watch *watch, uint64_t active_ns)
{
    watch->byte_ns = watch->lazy_byte_ns = 0;
    watch->measured_ns = 0;
    watch->looked_ns = active_ns;
}

void memory_watch_look(struct memory_watch *watch, const struct process_tree *tree, uint64_t active_ns)
{
    uint64_t before = watch->now, plain = process_tree_resident(tree);
    if (plain > 0) { /* else it has ended since: to its end it had what was seen last */
        if (is_due(watch, tree, plain, active_ns) && is_affordable(watch, tree->count, plain, active_ns)) {
            look_closely(watch, tree);
            set_interval(watch, tree->count, active_ns);
        }
        memory_watch_glance(watch, tree);
        watch->seen_ns = active_ns;
    }
    if (watch->now > 0)
        add_time(watch, before > 0 ? before : watch->now, active_ns);
}

void memory_watch_glance(struct memory_watch *watch, const struct process_tree *tree)
{
    uint64_t now = estimate(watch, tree);
    if (now == 0)
        return;
    watch->now = now;
    watch->peak = larger(watch->peak, now);
}

uint64_t memory_watch_exact(struct memory_watch *watch, const struct process_tree *tree)
{
    uint64_t spent_ns = watch->spent_ns;
    look_closely(watch, tree);
    watch->spent_ns = spent_ns; /* nobody waits for it in a turn */
    return estimate(watch, tree);
}

void memory_watch_release(struct memory_watch *watch)
{
    forget_members(watch);
}
