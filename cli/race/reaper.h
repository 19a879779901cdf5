/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process of its own that outlives this one by a moment. Contenders stand still most of the time, and who is stopped
 * does not see that the tuner was killed: the first process of each dies with it (child.h), what that has started would
 * stand still for ever. The reaper waits for this process to end, however it does, and kills what is left of the
 * control groups and of the sessions that it watches by then; then it removes the directories that it watches. Outside
 * of a control group, a session that nobody has seen a process in, since all that lead to it had ended before, is not
 * found.
 *
 * One thread. Below: process_tree, control_group. */
#ifndef HAK_RACE_REAPER_H
#define HAK_RACE_REAPER_H

#include "cli/race/process_tree.h"

#include <sys/types.h>

/* Starts the reaper, at the first call. It is no child of this process, holds none of its files, and gets no signal of
 * its terminal. Where it cannot be started the others do nothing. Not while this process is a child subreaper. */
void reaper_start(void);

/* Watches the session that LEADER, the first process of a tree, leads; from now on until it is forgotten. */
void reaper_watch(pid_t leader);

/* Watches the sessions that other members of TREE are in now, those that its former members were in no more. */
void reaper_watch_tree(const struct process_tree *tree);

/* Forgets all that was watched for LEADER. */
void reaper_forget(pid_t leader);

/* A directory that is to go with all that is in it; that of a control group, with all its processes. */
void reaper_watch_directory(const char *path);
void reaper_watch_control_group(const char *path);
void reaper_forget_directory(const char *path);

/* Removes a directory with all that is in it, as far as that is allowed. */
void reaper_remove_directory(const char *path);

#endif
