/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See program.h. */
#include "config.h"

#include "cli/locate/program.h"

#include "cli/output/memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Without a slash at its end. */
static bool program_directory(char *directory, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", directory, size - 1);
    if (length <= 0)
        return false;
    directory[length] = '\0';
    *strrchr(directory, '/') = '\0';
    return true;
}

char *program_find_beside(const char *name, const char *const *below, size_t count, bool (*is_good)(const char *path))
{
    char directory[PATH_MAX];
    if (!program_directory(directory, sizeof directory))
        return NULL;
    for (size_t i = 0; i < count; i++) {
        char *path = must_format("%s/%s%s", directory, below[i], name);
        if (is_good(path))
            return path;
        free(path);
    }
    return NULL;
}
