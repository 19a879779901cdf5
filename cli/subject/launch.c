/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See launch.h. */
#include "config.h"

#include "cli/subject/launch.h"

#include "cli/output/memory.h"

#include <stdlib.h>
#include <string.h>

static void add(struct launch_environment *environment, char *entry)
{
    if (environment->count == LAUNCH_MAX_VARIABLES)
        abort(); /* no subject has so many settings: SUBJECT_MAX_ROWS */
    environment->list[environment->count++] = entry;
    environment->list[environment->count] = NULL;
}

void launch_set(struct launch_environment *environment, const char *name, const char *value)
{
    add(environment, must_format("%s=%s", name, value));
}

void launch_unset(struct launch_environment *environment, const char *name)
{
    add(environment, must_have(strdup(name)));
}

struct launch launch_of(const char *library, const struct launch_environment *environment)
{
    return (struct launch){library, (const char *const *)environment->list};
}

void launch_clear(struct launch_environment *environment)
{
    for (size_t i = 0; i < environment->count; i++)
        free(environment->list[i]);
    *environment = (struct launch_environment){.count = 0};
}
