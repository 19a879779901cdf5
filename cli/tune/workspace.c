/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See workspace.h. */
#include "config.h"

#include "cli/tune/workspace.h"

#include "lib/profile/write.h"

#include <stdio.h>

bool workspace_open(struct workspace *workspace, char *message, size_t size)
{
    return scratch_open(&workspace->scratch, message, size);
}

bool workspace_write(struct workspace *workspace, unsigned slot, const struct space *space,
                     const struct space_point *point, char *path, size_t size)
{
    struct hak_profile profile;
    char name[32];
    snprintf(name, sizeof name, "slot-%u.yaml", slot);
    FILE *stream = scratch_create(&workspace->scratch, name, path, size);
    if (!stream)
        return false;
    space_to_profile(space, point, "candidate", &profile);
    bool written = hak_profile_write(stream, &profile, NULL, 0);
    return (fclose(stream) == 0) && written;
}

void workspace_close(struct workspace *workspace)
{
    scratch_close(&workspace->scratch);
}
