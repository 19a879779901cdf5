/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See reaper.h. */
#include "config.h"

#include "cli/race/reaper.h"

#include "cli/race/control_group.h"
#include "cli/race/process_tree.h"
#include "cli/race/result.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Rounds of killing: a process that is killed while it forks leaves a child that only the next one sees. */
#define MOST_ROUNDS 100

#define MOST_SESSIONS 1024
#define MOST_DIRECTORIES 128
#define MOST_OPEN 16 /* directories that are open at once while a tree of them is removed */

struct session {
    _Atomic pid_t id;    /* 0: none */
    _Atomic pid_t owner; /* the first process of the tree whose member was seen in it */
};

/* How a directory is removed. */
enum directory_kind { DIRECTORY_NONE, DIRECTORY_PLAIN, DIRECTORY_CONTROL_GROUP };

struct directory {
    _Atomic enum directory_kind kind;
    char path[PATH_MAX];
};

/* In memory that both share. Relaxed: the reaper reads it when the other has ended. */
struct watched {
    struct session sessions[MOST_SESSIONS];
    struct directory directories[MOST_DIRECTORIES];
};

_Static_assert(MOST_DIRECTORIES >= 4 * RACE_MAX_CONTENDERS, "each contender has its own, and a group for each part");

static struct watched *watched;

/* Kills the processes of SESSION; how many. */
static size_t kill_session(pid_t session)
{
    pid_t *all;
    size_t count = process_list(&all), found = 0;
    for (size_t i = 0; i < count; i++) {
        struct process process;
        if (process_read(all[i], &process) != 0 || process.session != session || process.state == 'Z')
            continue;
        found += kill(process.pid, SIGKILL) == 0;
    }
    free(all);
    return found;
}

static enum directory_kind kind_of(size_t slot)
{
    return atomic_load_explicit(&watched->directories[slot].kind, memory_order_relaxed);
}

static void kill_what_is_left(void)
{
    for (size_t i = 0; i < MOST_DIRECTORIES; i++)
        if (kind_of(i) == DIRECTORY_CONTROL_GROUP)
            control_group_remove_path(watched->directories[i].path);
    for (size_t i = 0; i < MOST_SESSIONS; i++) {
        pid_t session = atomic_load_explicit(&watched->sessions[i].id, memory_order_relaxed);
        for (int round = 0; session != 0 && round < MOST_ROUNDS && kill_session(session) != 0; round++)
            usleep(1000);
    }
    for (size_t i = 0; i < MOST_DIRECTORIES; i++)
        if (kind_of(i) == DIRECTORY_PLAIN)
            reaper_remove_directory(watched->directories[i].path);
}

/* The other end of the pipe is closed when the process that holds it has ended, and then alone. */
static _Noreturn void wait_in_session(int pipe_end)
{
    sigset_t all;
    char byte;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setsid();
    if (chdir("/") != 0) /* keeps no file system busy; never mind if it does */
        errno = 0;
    prctl(PR_SET_NAME, "hakmem-reaper");
    dup2(pipe_end, STDIN_FILENO);
    close_range(STDIN_FILENO + 1, ~0u, 0); /* whoever reads our output must see its end when the tuner's is closed */
    ssize_t got;
    while ((got = read(STDIN_FILENO, &byte, 1)) > 0 || (got < 0 && errno == EINTR))
        ;
    kill_what_is_left();
    _exit(0);
}

static void start(void)
{
    int ends[2];
    void *shared = mmap(NULL, sizeof *watched, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || pipe2(ends, O_CLOEXEC) != 0)
        return;
    watched = shared;
    pid_t between = fork();
    if (between == 0) {
        close(ends[1]);
        if (fork() == 0)
            wait_in_session(ends[0]);
        _exit(0); /* so the reaper is another process's child */
    }
    close(ends[0]);
    if (between < 0)
        close(ends[1]);
    while (between > 0 && waitpid(between, NULL, 0) < 0 && errno == EINTR)
        ;
}

void reaper_start(void)
{
    static bool started;
    if (!started)
        start();
    started = true;
}

/* ---- what is watched ---- */

static pid_t session_at(size_t slot)
{
    return atomic_load_explicit(&watched->sessions[slot].id, memory_order_relaxed);
}

static pid_t owner_at(size_t slot)
{
    return atomic_load_explicit(&watched->sessions[slot].owner, memory_order_relaxed);
}

static void set_slot(size_t slot, pid_t session, pid_t owner)
{
    atomic_store_explicit(&watched->sessions[slot].owner, owner, memory_order_relaxed);
    atomic_store_explicit(&watched->sessions[slot].id, session, memory_order_relaxed);
}

/* Where there is no room left it is not watched. */
static void watch(pid_t session, pid_t owner)
{
    size_t free_slot = MOST_SESSIONS;
    for (size_t i = 0; watched && i < MOST_SESSIONS; i++) {
        if (session_at(i) == session && owner_at(i) == owner)
            return;
        if (free_slot == MOST_SESSIONS && session_at(i) == 0)
            free_slot = i;
    }
    if (watched && free_slot < MOST_SESSIONS)
        set_slot(free_slot, session, owner);
}

void reaper_watch(pid_t leader)
{
    watch(leader, leader);
}

static bool has_session(const struct process_tree *tree, pid_t session)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->list[i].session == session)
            return true;
    return false;
}

void reaper_watch_tree(const struct process_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->list[i].session != tree->root)
            watch(tree->list[i].session, tree->root);
    for (size_t i = 0; watched && i < MOST_SESSIONS; i++) {
        pid_t session = session_at(i);
        if (session != 0 && session != tree->root && owner_at(i) == tree->root && !has_session(tree, session))
            set_slot(i, 0, 0);
    }
}

void reaper_forget(pid_t leader)
{
    for (size_t i = 0; watched && i < MOST_SESSIONS; i++)
        if (owner_at(i) == leader)
            set_slot(i, 0, 0);
}

static void watch_path(const char *path, enum directory_kind kind)
{
    for (size_t i = 0; watched && i < MOST_DIRECTORIES; i++) {
        struct directory *directory = &watched->directories[i];
        if (kind_of(i) != DIRECTORY_NONE)
            continue;
        snprintf(directory->path, sizeof directory->path, "%s", path);
        atomic_store_explicit(&directory->kind, kind, memory_order_relaxed);
        return;
    }
}

void reaper_watch_directory(const char *path)
{
    watch_path(path, DIRECTORY_PLAIN);
}

void reaper_watch_control_group(const char *path)
{
    watch_path(path, DIRECTORY_CONTROL_GROUP);
}

void reaper_forget_directory(const char *path)
{
    for (size_t i = 0; watched && i < MOST_DIRECTORIES; i++)
        if (strcmp(watched->directories[i].path, path) == 0)
            atomic_store_explicit(&watched->directories[i].kind, DIRECTORY_NONE, memory_order_relaxed);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

void reaper_remove_directory(const char *path)
{
    nftw(path, remove_one, MOST_OPEN, FTW_DEPTH | FTW_PHYS);
}
