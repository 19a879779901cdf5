/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See workspace.h. */
#include "config.h"

#include "cli/tune/workspace.h"

#include "lib/profile/write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool workspace_open(struct workspace *workspace, char *message, size_t size)
{
    const char *parent = getenv("TMPDIR");
    if (!parent || parent[0] != '/')
        parent = "/tmp";
    workspace->files = 0;
    int length = snprintf(workspace->directory, sizeof workspace->directory, "%s/hakmem-tune-XXXXXX", parent);
    if (length > 0 && (size_t)length < sizeof workspace->directory && mkdtemp(workspace->directory))
        return true;
    snprintf(message, size, "cannot make a temporary directory in %s: %s", parent, strerror(errno));
    workspace->directory[0] = '\0';
    return false;
}

static void slot_path(const struct workspace *workspace, unsigned slot, char *path, size_t size)
{
    snprintf(path, size, "%s/slot-%u.yaml", workspace->directory, slot);
}

bool workspace_write(struct workspace *workspace, unsigned slot, const struct space *space,
                     const struct space_point *point, char *path, size_t size)
{
    struct hak_profile profile;
    char file[PATH_MAX + 32];
    slot_path(workspace, slot, file, sizeof file);
    if ((size_t)snprintf(path, size, "%s", file) >= size) {
        errno = ENAMETOOLONG;
        return false;
    }
    FILE *stream = fopen(path, "we");
    if (!stream)
        return false;
    if (slot >= workspace->files)
        workspace->files = slot + 1;
    space_to_profile(space, point, "candidate", &profile);
    bool written = hak_profile_write(stream, &profile, NULL, 0);
    return (fclose(stream) == 0) && written;
}

void workspace_close(struct workspace *workspace)
{
    char path[PATH_MAX + 32];
    if (!workspace->directory[0])
        return;
    for (unsigned slot = 0; slot < workspace->files; slot++) {
        slot_path(workspace, slot, path, sizeof path);
        unlink(path);
    }
    rmdir(workspace->directory);
    workspace->directory[0] = '\0';
}
