/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All processes of one contender: a tree for each program that was started for it.
 *
 * A command has the one; a server has its load's, and at times that of a command beside it. They are stopped and
 * continued as one (slicer.h). Each has a control group where that is possible. What is started is watched by the
 * reaper until it has been ended. One thread. Below: child, process_tree, control_group, reaper. */
#ifndef HAK_RACE_GROUP_H
#define HAK_RACE_GROUP_H

#include "cli/race/child.h"
#include "cli/race/control_group.h"
#include "cli/race/process_tree.h"

#include <stdbool.h>
#include <stdint.h>

enum group_part {
    GROUP_MAIN, /* the contender's own program: the command or the server */
    GROUP_LOAD, /* what gives the server its work */
    GROUP_SIDE, /* one command at a time that prepares, asks or warms up */
    GROUP_PARTS
};

/* A program, and all that it has started. */
struct group_member {
    struct child child;
    struct process_tree tree;           /* no root: not started, or ended */
    struct control_group control_group; /* none where it is not possible, or the part not started, or ended */
};

struct group {
    struct group_member members[GROUP_PARTS];
};

void group_init(struct group *group);

/* Whether the part was started and not yet ended with all that it had started. */
bool group_has(const struct group *group, enum group_part part);

/* Whether its first process is there. */
bool group_runs(const struct group *group, enum group_part part);

/* Starts the part, stopped. What another one left there must have been ended. Returns 0, or -1 with errno. */
int group_start(struct group *group, enum group_part part, const struct child_settings *settings,
                struct process_family *family);

/* Looks again at all trees. Returns how many processes were added, or -1 with errno ENOMEM. */
int group_refresh(struct group *group);

/* Sum of the resident memory of all its processes at the last look, bytes. */
uint64_t group_resident(const struct group *group);

/* Kills all that is in the control groups of PART, or of all parts where that is GROUP_PARTS. */
void group_kill_controlled(struct group *group, int part);

/* Forgets the part, of which nothing is left. What its child has to say stays until group_release(). */
void group_forget(struct group *group, enum group_part part);

/* Gives back everything but processes. */
void group_release(struct group *group);

#endif
