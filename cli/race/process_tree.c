/* SPDX-License-Identifier: GPL-3.0-or-later */
/* process_tree.c: reads /proc; see process_tree.h for who belongs to a tree and why. */
#include "config.h"

#include "cli/race/process_tree.h"

#include "cli/machine/clock.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A look at a tree that grows ends after this: who is known may have to be stopped before there is an end to it. */
#define GROWTH_LIMIT_NS (50 * NS_PER_MS)

/* A growing list of process ids. */
struct pid_list {
    pid_t *pids;
    size_t count;
    size_t capacity;
};

static int pid_list_add(struct pid_list *list, pid_t pid)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        pid_t *pids = reallocarray(list->pids, capacity, sizeof *pids);
        if (!pids)
            return -1;
        list->pids = pids;
        list->capacity = capacity;
    }
    list->pids[list->count++] = pid;
    return 0;
}

ssize_t process_read_file(const char *path, char *buffer, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length = read(fd, buffer, size - 1);
    close(fd);
    if (length >= 0)
        buffer[length] = '\0';
    return length;
}

/* The state letter of a /proc/.../stat line; the name before it may hold any character, so it is the last ')' that
 * counts. */
static const char *stat_after_name(const char *line)
{
    const char *end = strrchr(line, ')');
    return end && end[1] == ' ' ? end + 2 : NULL;
}

int process_read(pid_t pid, struct process *process)
{
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (process_read_file(path, line, sizeof line) <= 0)
        return -1;
    const char *fields = stat_after_name(line);
    int parent, group, session;
    long threads, resident_pages;
    unsigned long long start_time, start_stack;
    if (!fields ||
        sscanf(fields,
               "%c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld %*d %llu %*u %ld %*u "
               "%*u %*u %llu",
               &process->state, &parent, &group, &session, &threads, &start_time, &resident_pages, &start_stack) != 8)
        return -1;
    process->pid = pid;
    process->parent = (pid_t)parent;
    process->group = (pid_t)group;
    process->session = (pid_t)session;
    process->threads = threads > 0 ? (unsigned)threads : 1;
    process->start_time = start_time;
    process->start_stack = start_stack;
    process->resident = resident_pages > 0 ? (uint64_t)resident_pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
    return 0;
}

uint64_t process_peak_resident(pid_t pid)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    if (process_read_file(path, text, sizeof text) <= 0)
        return 0;
    const char *row = strstr(text, "\nVmHWM:");
    return row ? strtoull(row + sizeof "\nVmHWM:" - 1, NULL, 10) * 1024 : 0;
}

/* The next entry of a directory of /proc that is a number, or -1 at the end. */
static pid_t next_number(DIR *directory)
{
    struct dirent *entry;
    while ((entry = readdir(directory)))
        if (isdigit((unsigned char)entry->d_name[0]))
            return (pid_t)atoi(entry->d_name);
    return -1;
}

/* Adds the children of one thread. Returns 0, or -1 with errno (ENOENT: the thread is gone, or the kernel has no such
 * file). */
static int add_children_of_thread(struct pid_list *list, pid_t pid, pid_t thread)
{
    char path[96];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)thread);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    int child, result = 0;
    while (result == 0 && fscanf(file, "%d", &child) == 1)
        result = pid_list_add(list, (pid_t)child);
    fclose(file);
    return result;
}

static bool kernel_lists_children(void)
{
    static int known = -1; /* a property of the kernel: asked once */
    if (known < 0) {
        char path[96];
        snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
        known = access(path, R_OK) == 0;
    }
    return known;
}

size_t process_list(pid_t **all)
{
    struct pid_list list = {0};
    DIR *directory = opendir("/proc");
    if (directory) {
        for (pid_t pid = next_number(directory); pid > 0; pid = next_number(directory))
            if (pid_list_add(&list, pid) != 0)
                break;
        closedir(directory);
    }
    *all = list.pids;
    return list.count;
}

size_t process_children_by_scan(pid_t pid, pid_t **children)
{
    size_t count = process_list(children), kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct process process;
        if (process_read((*children)[i], &process) == 0 && process.parent == pid)
            (*children)[kept++] = (*children)[i];
    }
    return kept;
}

size_t process_children(pid_t pid, pid_t **children)
{
    if (!kernel_lists_children())
        return process_children_by_scan(pid, children);
    struct pid_list list = {0};
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *directory = opendir(path);
    if (directory) {
        for (pid_t thread = next_number(directory); thread > 0; thread = next_number(directory))
            add_children_of_thread(&list, pid, thread);
        closedir(directory);
    }
    *children = list.pids;
    return list.count;
}

static bool state_is_quiet(char state)
{
    return strchr("TtZXxD", state) != NULL;
}

static bool is_dead(const struct process *process)
{
    return strchr("ZXx", process->state) && process->threads <= 1;
}

bool process_is_quiet(const struct process *process)
{
    if (process->threads <= 1)
        return state_is_quiet(process->state);
    char path[96], line[1024];
    snprintf(path, sizeof path, "/proc/%d/task", (int)process->pid);
    DIR *directory = opendir(path);
    if (!directory)
        return true; /* it has gone */
    bool quiet = true;
    for (pid_t thread = next_number(directory); quiet && thread > 0; thread = next_number(directory)) {
        snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)process->pid, (int)thread);
        const char *state = process_read_file(path, line, sizeof line) > 0 ? stat_after_name(line) : NULL;
        quiet = !state || state_is_quiet(*state);
    }
    closedir(directory);
    return quiet;
}

void process_family_init(struct process_family *family)
{
    memset(family, 0, sizeof *family);
    family->stranger_count = process_children(getpid(), &family->strangers);
}

void process_family_release(struct process_family *family)
{
    free(family->trees);
    free(family->strangers);
    memset(family, 0, sizeof *family);
}

void process_tree_release(struct process_tree *tree)
{
    free(tree->list);
    tree->list = NULL;
    tree->root = -1; /* the pid is free for another process */
    tree->count = tree->capacity = 0;
}

static bool has_member(const struct process_tree *tree, pid_t pid)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->list[i].pid == pid)
            return true;
    return false;
}

/* True when PID is in the session that the root of another tree leads. */
static bool is_in_session_of_another(const struct process_tree *tree, pid_t pid)
{
    const struct process_family *family = tree->family;
    struct process process = {.pid = 0};
    for (size_t i = 0; i < family->tree_count; i++) {
        const struct process_tree *other = family->trees[i];
        if (other == tree || other->root <= 0)
            continue;
        if (process.pid == 0 && process_read(pid, &process) != 0)
            return false;
        if (other->root == process.session)
            return true;
    }
    return false;
}

/* True for a child of ours that was there before the race, or is another tree's. */
static bool belongs_elsewhere(const struct process_tree *tree, pid_t pid)
{
    const struct process_family *family = tree->family;
    for (size_t i = 0; i < family->stranger_count; i++)
        if (family->strangers[i] == pid)
            return true;
    for (size_t i = 0; i < family->tree_count; i++)
        if (family->trees[i] != tree && (family->trees[i]->root == pid || has_member(family->trees[i], pid)))
            return true;
    return is_in_session_of_another(tree, pid);
}

void process_usage_add(struct process_usage *sum, const struct rusage *usage)
{
    sum->cpu_ns += (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * NS_PER_S +
                   (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * NS_PER_US;
    sum->minor_faults += (uint64_t)usage->ru_minflt;
    sum->major_faults += (uint64_t)usage->ru_majflt;
    sum->voluntary_switches += (uint64_t)usage->ru_nvcsw;
    sum->involuntary_switches += (uint64_t)usage->ru_nivcsw;
}

/* Waits for an orphan if it has died, so that it does not stay a zombie, and adds up what it used. Returns whether it
 * has. */
static bool reap_orphan(struct process_tree *tree, pid_t pid)
{
    struct rusage usage;
    int status;
    if (wait4(pid, &status, WNOHANG, &usage) != pid)
        return false;
    process_usage_add(&tree->usage, &usage);
    uint64_t resident = (uint64_t)usage.ru_maxrss * 1024;
    if (resident > tree->max_resident)
        tree->max_resident = resident;
    return true;
}

/* Adds PID unless it is a member or gone. Returns how many were added, or -1. */
static int add_member(struct process_tree *tree, pid_t pid)
{
    struct process process;
    if (has_member(tree, pid) || process_read(pid, &process) != 0)
        return 0;
    if (tree->count == tree->capacity) {
        size_t capacity = tree->capacity ? 2 * tree->capacity : 8;
        struct process *list = reallocarray(tree->list, capacity, sizeof *list);
        if (!list)
            return -1;
        tree->list = list;
        tree->capacity = capacity;
    }
    tree->list[tree->count++] = process;
    return 1;
}

static bool is_in_family(const struct process_family *family, const struct process_tree *tree)
{
    for (size_t i = 0; i < family->tree_count; i++)
        if (family->trees[i] == tree)
            return true;
    return false;
}

static int add_root(struct process_tree *tree)
{
    int added = add_member(tree, tree->root);
    if (added > 0)
        tree->root_start = tree->list[0].start_time;
    return added < 0 ? -1 : 0;
}

int process_tree_init(struct process_tree *tree, struct process_family *family, pid_t root)
{
    *tree = (struct process_tree){.family = family, .root = root};
    if (is_in_family(family, tree))
        return add_root(tree);
    struct process_tree **trees = reallocarray(family->trees, family->tree_count + 1, sizeof *trees);
    if (!trees)
        return -1;
    trees[family->tree_count++] = tree;
    family->trees = trees;
    return add_root(tree);
}

/* Reads every member again and drops those that are gone, whose pid is another process's by now, or that were waited
 * for here. */
static void update_members(struct process_tree *tree)
{
    size_t kept = 0;
    for (size_t i = 0; i < tree->count; i++) {
        struct process now;
        if (process_read(tree->list[i].pid, &now) != 0 || now.start_time != tree->list[i].start_time)
            continue;
        bool is_root = now.pid == tree->root && now.start_time == tree->root_start;
        if (is_dead(&now) && !is_root && now.parent == getpid()) {
            reap_orphan(tree, now.pid);
            continue;
        }
        tree->list[kept++] = now;
    }
    tree->count = kept;
}

/* Adds PID, a child of this process, unless it belongs to another tree. One that has died is waited for at once: there
 * may be too many of these for a list. Returns how many were seen for the first time, or -1. */
static int add_own_child(struct process_tree *tree, pid_t pid)
{
    if (has_member(tree, pid) || belongs_elsewhere(tree, pid))
        return 0;
    return reap_orphan(tree, pid) ? 1 : add_member(tree, pid);
}

/* Adds the children of PID. Returns how many were seen for the first time, or -1. */
static int add_children(struct process_tree *tree, pid_t pid)
{
    pid_t *children;
    size_t count = process_children(pid, &children);
    int added = 0;
    for (size_t i = 0; i < count && added >= 0; i++) {
        int more = pid == getpid() ? add_own_child(tree, children[i]) : add_member(tree, children[i]);
        added = more < 0 ? -1 : added + more;
    }
    free(children);
    return added;
}

int process_tree_refresh(struct process_tree *tree)
{
    update_members(tree);
    uint64_t limit = clock_now_ns() + GROWTH_LIMIT_NS;
    int added = add_children(tree, getpid());
    for (size_t i = 0; i < tree->count && added >= 0; i++) { /* grows while it runs: breadth first */
        if (added > 0 && clock_now_ns() > limit)
            break;
        int more = add_children(tree, tree->list[i].pid);
        added = more < 0 ? -1 : added + more;
    }
    return added;
}

void process_tree_reread(struct process_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        struct process *member = &tree->list[i], now;
        if (process_read(member->pid, &now) == 0 && now.start_time == member->start_time)
            *member = now;
        else
            member->resident = 0;
    }
}

uint64_t process_tree_resident(const struct process_tree *tree)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < tree->count; i++)
        sum += tree->list[i].resident;
    return sum;
}
