/* SPDX-License-Identifier: MIT */
/* The processes that came of this one: /proc/PID/task/TID/children, again and again. */
#include "config.h"

#include "bench/process_tree.h"

#include <dirent.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* More processes than this are not looked at. */
#define TREE_MAX 1024

struct tree {
    pid_t process[TREE_MAX];
    size_t count;
};

static void add_children_of_thread(struct tree *tree, pid_t process, const char *thread)
{
    char name[64];
    snprintf(name, sizeof(name), "/proc/%d/task/%.20s/children", (int)process, thread);
    FILE *file = fopen(name, "re");
    if (!file)
        return;
    int child;
    while (tree->count < TREE_MAX && fscanf(file, "%d", &child) == 1)
        tree->process[tree->count++] = child;
    fclose(file);
}

static void add_children(struct tree *tree, pid_t process)
{
    char name[64];
    snprintf(name, sizeof(name), "/proc/%d/task", (int)process);
    DIR *threads = opendir(name);
    if (!threads)
        return;
    for (struct dirent *thread; (thread = readdir(threads));)
        if (thread->d_name[0] != '.')
            add_children_of_thread(tree, process, thread->d_name);
    closedir(threads);
}

static void read_tree(struct tree *tree)
{
    tree->count = 0;
    add_children(tree, getpid());
    for (size_t index = 0; index < tree->count; index++)
        add_children(tree, tree->process[index]);
}

static uint64_t proportional_bytes(pid_t process)
{
    char line[256];
    unsigned long long kilobytes = 0;
    snprintf(line, sizeof(line), "/proc/%d/smaps_rollup", (int)process);
    FILE *file = fopen(line, "re");
    if (!file)
        return 0;
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, "Pss: %llu", &kilobytes) == 1)
            break;
    fclose(file);
    return kilobytes * 1024;
}

void process_tree_signal(int signal)
{
    struct tree tree;
    read_tree(&tree);
    for (size_t index = 0; index < tree.count; index++)
        kill(tree.process[index], signal);
}

uint64_t process_tree_proportional_bytes(void)
{
    struct tree tree;
    uint64_t bytes = 0;
    read_tree(&tree);
    for (size_t index = 0; tree.count > 1 && index < tree.count; index++)
        bytes += proportional_bytes(tree.process[index]);
    return bytes;
}
