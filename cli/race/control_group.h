/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A control group (version 2) for one program of a contender. Whatever that starts is in it, and cannot leave it by a
 * double fork or a session of its own, so that the kernel finds and kills all of it at once, however fast it forks.
 *
 * It is a directory below the group of this process, its home, where the kernel's hierarchy is mounted and this process
 * may make one: as root, or where a service manager has delegated the group. There must be no controllers for those
 * below the home, nor limits of the home itself: else a program in there would run under other terms than the home's,
 * or not find the limits that it asks for. Where there is no home all else does nothing, and process_tree finds who is
 * to be killed. That also finds those who may leave the group, as root may.
 *
 * The process holds a lock (flock) on each of its directories; one without a lock was left by a process that was
 * killed, as in cli/output/scratch. One thread. Below: clock and the kernel. */
#ifndef HAK_RACE_CONTROL_GROUP_H
#define HAK_RACE_CONTROL_GROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct control_group {
    char path[PATH_MAX];
    int directory; /* its descriptor, which holds the lock; -1: there is none */
};

/* Writes the home's directory into PATH. ROOT is put in front of every path ("" for the running system), so that it can
 * be tested. False, and an empty PATH, where there is none. */
bool control_group_home(const char *root, char *path, size_t size);

/* Makes an empty group in HOME. False where that is not possible; GROUP is none then. */
bool control_group_make(struct control_group *group, const char *home);

/* fork() into GROUP. The child may call little, as that of a process with threads, nor what asks for its thread's
 * identity (raise). Returns -1 with errno where this kernel, or the group, does not have that. */
pid_t control_group_fork(const struct control_group *group);

/* Kills all that is in GROUP. Kernels before 5.14 need a round of signals for each generation. */
void control_group_kill(const struct control_group *group);

/* Kills what is left in GROUP, and removes it, with all groups below it, when it has ended. GROUP is none then. Gives
 * up on what does not end within a second. */
void control_group_remove(struct control_group *group);

/* The same of the group of a process that has ended, whose directory is PATH. */
void control_group_remove_path(const char *path);

/* Removes the groups in HOME that killed processes of this user left there. */
void control_group_remove_stale(const char *home);

#endif
