/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profiles of a race's contenders as files, while they run. One thread. Below: cli/search_space,
 * cli/output/scratch, lib/profile/write. */
#ifndef HAK_TUNE_WORKSPACE_H
#define HAK_TUNE_WORKSPACE_H

#include "cli/output/scratch.h"
#include "cli/search_space/space.h"

#include <stdbool.h>
#include <stddef.h>

struct workspace {
    struct scratch scratch;
};

/* False: the reason is in MESSAGE. */
bool workspace_open(struct workspace *workspace, char *message, size_t size);

/* Writes the profile of POINT as the file of SLOT, replacing what was there, and its path into PATH. Any user may read
 * it. False with errno. */
bool workspace_write(struct workspace *workspace, unsigned slot, const struct space *space,
                     const struct space_point *point, char *path, size_t size);

/* Removes all files. Does nothing for one that is not open. */
void workspace_close(struct workspace *workspace);

#endif
