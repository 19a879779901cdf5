/* SPDX-License-Identifier: MIT */
/* A command that leaves processes behind, which nobody but the measuring engine ends in time.
 *
 *     fugitive HOW MS
 *
 * works for MS milliseconds of processor time and ends well; what it has started in between, as HOW says, would live
 * for LIFE_S seconds:
 *
 *     session  a child in a session of its own
 *     orphan   a grandchild whose parent has ended
 *     daemon   both
 *     deaf     itself and a child ignore all signals
 *     bomb     each process forks, until there are MOST
 *     frenzy   the same in sessions of their own, and none of them ever rests
 *     swarm    each process forks two, in sessions of their own, and ends, so that those that live are others all the
 *              time; after FORKS of them the rest stays
 */
#include "config.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIFE_S 120
#define MOST 200   /* of a bomb */
#define AT_ONCE 20 /* of a swarm, about */
#define FORKS 1500

/* Shared by all processes. */
struct count {
    _Atomic int live, forked;
};

static time_t end;

static double processor_ms(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return 1e3 * (double)used.tv_sec + 1e-6 * (double)used.tv_nsec;
}

static void work(double ms)
{
    while (processor_ms() < ms)
        continue;
}

static _Noreturn void compute(void)
{
    while (time(NULL) < end)
        continue;
    _exit(0);
}

/* 200 of these leave the processors to the measuring engine, also on a slow machine. */
static _Noreturn void stay(void)
{
    while (time(NULL) < end)
        usleep(50000);
    _exit(0);
}

static void ignore_everything(void)
{
    sigset_t all;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
}

/* A child, or without its parent a grandchild; in a session of its own or not. */
static void leave(bool in_session, bool without_parent)
{
    pid_t child = fork();
    if (child == 0) {
        if (in_session)
            setsid();
        if (!without_parent || fork() == 0)
            stay();
        _exit(0);
    }
    if (without_parent)
        waitpid(child, NULL, 0);
}

static struct count *make_count(void)
{
    struct count *count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (count == MAP_FAILED)
        exit(1);
    return count;
}

static void start_bomb(bool rests)
{
    struct count *count = make_count();
    if (fork() != 0)
        return;
    while (time(NULL) < end) {
        if (atomic_fetch_add(&count->forked, 1) >= MOST)
            rests ? stay() : compute();
        if (fork() == 0 && !rests)
            setsid();
    }
    _exit(0);
}

/* Returns to the caller in each of two children. */
static void fork_two(struct count *count)
{
    for (int i = 0; i < 2; i++)
        if (atomic_load(&count->live) < AT_ONCE && atomic_fetch_add(&count->forked, 1) < FORKS) {
            atomic_fetch_add(&count->live, 1);
            if (fork() == 0) {
                setsid();
                return;
            }
        }
}

static void start_swarm(void)
{
    struct count *count = make_count();
    if (fork() != 0)
        return;
    ignore_everything();
    setsid();
    while (time(NULL) < end) {
        pid_t before = getpid();
        fork_two(count);
        if (getpid() == before && atomic_load(&count->forked) < FORKS && atomic_load(&count->live) > AT_ONCE / 2) {
            atomic_fetch_sub(&count->live, 1);
            _exit(0);
        }
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    const char *how = argv[1];
    end = time(NULL) + LIFE_S;
    if (strcmp(how, "session") == 0 || strcmp(how, "orphan") == 0 || strcmp(how, "daemon") == 0)
        leave(how[0] != 'o', how[0] != 's');
    else if (strcmp(how, "deaf") == 0)
        ignore_everything(), leave(false, false);
    else if (strcmp(how, "bomb") == 0)
        start_bomb(true);
    else if (strcmp(how, "frenzy") == 0)
        start_bomb(false);
    else if (strcmp(how, "swarm") == 0)
        start_swarm();
    else
        return 2;
    work(atof(argv[2]));
    return 0;
}
