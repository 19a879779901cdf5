/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The private temporary directory that holds the candidates' profiles while they run. One thread. Below:
 * cli/search_space, lib/profile/write. */
#ifndef HAK_TUNE_WORKSPACE_H
#define HAK_TUNE_WORKSPACE_H

#include "cli/search_space/space.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct workspace {
    char directory[PATH_MAX]; /* absolute; empty: not open */
    unsigned files;           /* slot-0.yaml to slot-(files - 1).yaml have been written */
};

/* Makes a directory in $TMPDIR or /tmp that only this user can enter. False: the reason is in MESSAGE. */
bool workspace_open(struct workspace *workspace, char *message, size_t size);

/* Writes the profile of POINT as the file of SLOT, replacing what was there, and its path into PATH. False with errno.
 */
bool workspace_write(struct workspace *workspace, unsigned slot, const struct space *space,
                     const struct space_point *point, char *path, size_t size);

/* Removes the directory and everything in it. Does nothing for one that is not open. */
void workspace_close(struct workspace *workspace);

#endif
