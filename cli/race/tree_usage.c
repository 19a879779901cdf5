/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tree_usage.h. */
#include "config.h"

#include "cli/race/tree_usage.h"

#include "cli/machine/clock.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Adds what /proc/PID/stat says of the process and of the children that it waited for. Returns its processor time. */
static uint64_t add_stat(struct process_usage *sum, pid_t pid)
{
    char path[64], line[1024];
    unsigned long long minor, minor_of_children, major, major_of_children, user, system, user_of_children,
        system_of_children;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (process_read_file(path, line, sizeof line) <= 0)
        return 0;
    const char *fields = strrchr(line, ')');
    if (!fields || sscanf(fields, ") %*c %*d %*d %*d %*d %*d %*u %llu %llu %llu %llu %llu %llu %llu %llu", &minor,
                          &minor_of_children, &major, &major_of_children, &user, &system, &user_of_children,
                          &system_of_children) != 8)
        return 0;
    uint64_t tick_ns = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
    sum->minor_faults += minor + minor_of_children;
    sum->major_faults += major + major_of_children;
    sum->cpu_ns += (user_of_children + system_of_children) * tick_ns;
    return (user + system) * tick_ns;
}

/* The number of the row NAME in TEXT. */
static uint64_t row_number(const char *text, const char *name)
{
    const char *row = strstr(text, name);
    return row ? strtoull(row + strlen(name), NULL, 10) : 0;
}

/* Adds the switches of one thread. Returns its processor time. */
static uint64_t add_thread(struct process_usage *sum, pid_t pid, const char *thread)
{
    char path[320], text[4096];
    snprintf(path, sizeof path, "/proc/%d/task/%.20s/status", (int)pid, thread);
    if (process_read_file(path, text, sizeof text) > 0) {
        sum->voluntary_switches += row_number(text, "\nvoluntary_ctxt_switches:");
        sum->involuntary_switches += row_number(text, "\nnonvoluntary_ctxt_switches:");
    }
    snprintf(path, sizeof path, "/proc/%d/task/%.20s/schedstat", (int)pid, thread);
    return process_read_file(path, text, sizeof text) > 0 ? strtoull(text, NULL, 10) : 0;
}

static void add_process(struct process_usage *sum, pid_t pid)
{
    char path[64];
    uint64_t by_ticks = add_stat(sum, pid), by_threads = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *directory = opendir(path);
    struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        if (entry->d_name[0] != '.')
            by_threads += add_thread(sum, pid, entry->d_name);
    if (directory)
        closedir(directory);
    sum->cpu_ns += by_threads > by_ticks ? by_threads : by_ticks;
}

struct process_usage tree_usage_now(const struct process_tree *tree)
{
    struct process_usage sum = tree->usage;
    for (size_t i = 0; i < tree->count; i++)
        add_process(&sum, tree->list[i].pid);
    return sum;
}

static uint64_t between(uint64_t before, uint64_t now)
{
    return now > before ? now - before : 0;
}

struct process_usage tree_usage_between(const struct process_usage *before, const struct process_usage *now)
{
    return (struct process_usage){
        .cpu_ns = between(before->cpu_ns, now->cpu_ns),
        .minor_faults = between(before->minor_faults, now->minor_faults),
        .major_faults = between(before->major_faults, now->major_faults),
        .voluntary_switches = between(before->voluntary_switches, now->voluntary_switches),
        .involuntary_switches = between(before->involuntary_switches, now->involuntary_switches),
    };
}
