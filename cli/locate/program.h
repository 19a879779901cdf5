/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies beside the running program, and what is in PATH. No state; any thread may call anything. Below:
 * cli/output/memory. */
#ifndef HAK_LOCATE_PROGRAM_H
#define HAK_LOCATE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

/* Looks for NAME in COUNT folders BELOW ("" or with a slash at the end) the running program's, the first that is_good
 * takes. Returns its path (malloc'd), or NULL. */
char *program_find_beside(const char *name, const char *const *below, size_t count, bool (*is_good)(const char *path));

/* The file that NAME is, as a shell finds it: itself with a slash in it, else the first in PATH that can be executed.
 * Returns its path (malloc'd), or NULL. */
char *program_find(const char *name);

bool program_is_executable(const char *path);

#endif
