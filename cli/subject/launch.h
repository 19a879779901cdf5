/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a contender's process has of its own: a library to preload, and environment variables.
 *
 * A launch belongs to its maker; one thread at a time. Below: cli/output/memory. */
#ifndef HAK_SUBJECT_LAUNCH_H
#define HAK_SUBJECT_LAUNCH_H

#include <stddef.h>

/* As a race takes it; the texts are borrowed. */
struct launch {
    const char *library; /* absolute path for LD_PRELOAD; NULL: none, the C library's malloc */
    /* "NAME=VALUE" to set a variable, "NAME" to take it away; NULL at the end. NULL: none of either. */
    const char *const *environment;
};

/* Variables that one launch sets or takes away. */
#define LAUNCH_MAX_VARIABLES 64

/* The variables of a launch, as they are collected. All zeros: none yet. */
struct launch_environment {
    char *list[LAUNCH_MAX_VARIABLES + 1]; /* owned; NULL at the end */
    size_t count;
};

/* Each variable once. More than LAUNCH_MAX_VARIABLES end the program. */
void launch_set(struct launch_environment *environment, const char *name, const char *value);
void launch_unset(struct launch_environment *environment, const char *name);

/* The launch with LIBRARY (or NULL) and ENVIRONMENT, both of which it borrows. */
struct launch launch_of(const char *library, const struct launch_environment *environment);

void launch_clear(struct launch_environment *environment);

#endif
