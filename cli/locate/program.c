/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See program.h. */
#include "config.h"

#include "cli/locate/program.h"

#include "cli/output/memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

bool program_is_executable(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 && S_ISREG(file.st_mode) && access(path, X_OK) == 0;
}

/* A malloc'd DIRECTORY/NAME if it can be executed, else NULL. */
static char *program_in(const char *directory, const char *name)
{
    char *path = must_format("%s/%s", directory, name);
    if (program_is_executable(path))
        return path;
    free(path);
    return NULL;
}

char *program_find(const char *name)
{
    if (strchr(name, '/'))
        return program_is_executable(name) ? must_have(strdup(name)) : NULL;
    const char *path = getenv("PATH");
    char *directories = must_have(strdup(path ? path : ""));
    char *found = NULL, *rest = directories;
    for (char *directory = strsep(&rest, ":"); directory && !found; directory = strsep(&rest, ":"))
        if (*directory)
            found = program_in(directory, name);
    free(directories);
    return found;
}
