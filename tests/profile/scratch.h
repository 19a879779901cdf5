/* SPDX-License-Identifier: MIT */
/* A directory of its own for one test program, and files in it. */
#ifndef TESTS_PROFILE_SCRATCH_H
#define TESTS_PROFILE_SCRATCH_H

#include "tests/profile/cmocka_all.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[] = "/tmp/hakmem profile XXXXXX"; /* with blanks, as a path may have */

static inline int scratch_make(void **state)
{
    (void)state;
    return mkdtemp(scratch) ? 0 : -1;
}

static inline int scratch_remove(void **state)
{
    (void)state;
    char command[PATH_MAX];
    snprintf(command, sizeof command, "rm -rf '%s'", scratch);
    return system(command);
}

/* The path of NAME in the scratch directory, in one of a few buffers that are used in turns. */
static inline const char *scratch_path(const char *name)
{
    static char paths[8][PATH_MAX];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    snprintf(path, PATH_MAX, "%s/%s", scratch, name);
    return path;
}

static inline const char *scratch_file(const char *name, const void *text, size_t length)
{
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline const char *scratch_directory(const char *name)
{
    const char *path = scratch_path(name);
    assert_int_equal(mkdir(path, 0700), 0);
    return path;
}

#endif
