/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a race's contenders have in their environments, and the files that they read while they run. One thread. Below:
 * cli/search_space, cli/subject, cli/output/scratch. */
#ifndef HAK_TUNE_WORKSPACE_H
#define HAK_TUNE_WORKSPACE_H

#include "cli/output/scratch.h"
#include "cli/search_space/space.h"
#include "cli/subject/launch.h"

#include <stdbool.h>
#include <stddef.h>

struct workspace {
    struct scratch scratch;
};

/* False: the reason is in MESSAGE. */
bool workspace_open(struct workspace *workspace, char *message, size_t size);

/* Makes what a process at POINT has in its environment. Where that names a file it is that of SLOT, in place of what
 * was there, and any user may read it. False with errno. */
bool workspace_launch(struct workspace *workspace, unsigned slot, const struct space *space,
                      const struct space_point *point, struct launch_environment *environment);

/* Removes all files. Does nothing for one that is not open. */
void workspace_close(struct workspace *workspace);

#endif
