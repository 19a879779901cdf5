/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See workspace.h. */
#include "config.h"

#include "cli/tune/workspace.h"

#include <stdio.h>

bool workspace_open(struct workspace *workspace, char *message, size_t size)
{
    return scratch_open(&workspace->scratch, message, size);
}

static bool write_file(struct workspace *workspace, unsigned slot, const struct subject *subject,
                       const struct subject_values *values, char *path, size_t size)
{
    char name[32];
    snprintf(name, sizeof name, "slot-%u%s", slot, subject->kind->suffix);
    FILE *stream = scratch_create(&workspace->scratch, name, path, size);
    if (!stream)
        return false;
    bool written = subject->kind->write(subject, values, "candidate", NULL, 0, stream);
    return (fclose(stream) == 0) && written;
}

bool workspace_launch(struct workspace *workspace, unsigned slot, const struct space *space,
                      const struct space_point *point, struct launch_environment *environment)
{
    const struct subject *subject = &space->subject;
    struct subject_values values;
    char path[PATH_MAX];
    space_to_values(space, point, &values);
    if (!subject->kind->in_environment && !write_file(workspace, slot, subject, &values, path, sizeof path))
        return false;
    subject->kind->launch(subject, &values, path, environment);
    return true;
}

void workspace_close(struct workspace *workspace)
{
    scratch_close(&workspace->scratch);
}
