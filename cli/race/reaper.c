/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See reaper.h. */
#include "config.h"

#include "cli/race/reaper.h"

#include "cli/race/process_tree.h"
#include "cli/race/result.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Rounds of killing: a process that is killed while it forks leaves a child that only the next one sees. */
#define MOST_ROUNDS 100

/* In memory that both share: the leaders of the sessions, 0 where there is none. Relaxed: the reaper reads them when
 * the other has ended. */
static _Atomic pid_t *watched;

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

static void kill_what_is_left(void)
{
    for (size_t i = 0; i < RACE_MAX_CONTENDERS; i++) {
        pid_t session = atomic_load_explicit(&watched[i], memory_order_relaxed);
        for (int round = 0; session != 0 && round < MOST_ROUNDS && kill_session(session) != 0; round++)
            usleep(1000);
    }
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
    void *shared =
        mmap(NULL, RACE_MAX_CONTENDERS * sizeof *watched, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
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

static void replace(pid_t old, pid_t new)
{
    for (size_t i = 0; watched && i < RACE_MAX_CONTENDERS; i++) {
        if (atomic_load_explicit(&watched[i], memory_order_relaxed) == old) {
            atomic_store_explicit(&watched[i], new, memory_order_relaxed);
            return;
        }
    }
}

void reaper_watch(pid_t leader)
{
    replace(0, leader);
}

void reaper_forget(pid_t leader)
{
    replace(leader, 0);
}
