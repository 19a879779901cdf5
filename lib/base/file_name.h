/* SPDX-License-Identifier: MIT */
/* Names of files as a user writes them for processes: %p is the process, %n its program, %t the time in UTC, %i the
 * number of the file among those that the process has written, %% a percent sign.
 *
 * Pure functions. Below: process, writer. */
#ifndef HAK_BASE_FILE_NAME_H
#define HAK_BASE_FILE_NAME_H

#include "lib/base/writer.h"

#include <stdbool.h>
#include <stdint.h>

/* What is known when a file is written. */
struct file_names {
    const char *program;
    uint64_t pid, seconds, number;
};

/* Whether each % in PATTERN is followed by one of the letters; FILE_NAME_LETTERS names them in messages. */
#define FILE_NAME_LETTERS "p (pid), n (program), t (time), i (number) and %"
COLD bool file_name_is_good(const char *pattern);

/* Writes PATTERN with what they stand for. */
COLD void file_name_expand(struct writer *, const char *pattern, const struct file_names *names);

/* Whether the file is one process's alone, since its name has the pid. */
COLD bool file_name_has_pid(const char *pattern);

/* Writes the pattern FILE, in DIRECTORY if it is relative: whose name is no pattern, so its percent signs are doubled.
 * NULL: it is not known, and FILE stays relative. */
COLD void file_name_absolute(struct writer *, const char *file, const char *directory);

#endif
