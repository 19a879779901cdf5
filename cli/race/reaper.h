/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process of its own that outlives this one by a moment. Contenders stand still most of the time, and who is stopped
 * does not see that the tuner was killed: the first process of each dies with it (child.h), what that has started would
 * stand still for ever. The reaper waits for this process to end, however it does, and kills what is left of the
 * sessions that it watches by then. What has made a session of its own is not found.
 *
 * One thread. Below: process_tree. */
#ifndef HAK_RACE_REAPER_H
#define HAK_RACE_REAPER_H

#include <sys/types.h>

/* Starts the reaper, at the first call. It is no child of this process, holds none of its files, and gets no signal of
 * its terminal. Where it cannot be started the others do nothing. Not while this process is a child subreaper. */
void reaper_start(void);

/* Watches the session that LEADER, a contender's first process, leads; from now on until it is forgotten. */
void reaper_watch(pid_t leader);
void reaper_forget(pid_t leader);

#endif
