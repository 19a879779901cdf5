/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of environment variables, as a shell's `set -a; . FILE`, systemd's EnvironmentFile= and docker's --env-file
 * read it. No state; any thread may call anything. Below: launch. */
#ifndef HAK_SUBJECT_ENVIRONMENT_FILE_H
#define HAK_SUBJECT_ENVIRONMENT_FILE_H

#include "cli/subject/launch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Writes COUNT lines of COMMENTS, LIBRARY (or NULL) as LD_PRELOAD, and what ENVIRONMENT sets. A value with anything
 * that a shell would not take for itself is in single quotes, which systemd knows too. False: STREAM has an error. */
bool environment_file_write(FILE *stream, const char *library, const struct launch_environment *environment,
                            const char *const *comments, size_t count);

/* Whether the file at PATH, which is there and not empty, has nothing else than comments and variables; else MESSAGE
 * says which line has. */
bool environment_file_is(const char *path, char *message, size_t size);

#endif
