/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is compared: from the word on the command line to what it runs with.
 *
 * Below this file: cli/subject/choice, cli/locate/library, lib/profile. */
#ifndef HAK_COMPARE_CONTENDER_H
#define HAK_COMPARE_CONTENDER_H

#include "cli/subject/launch.h"

#include <stdbool.h>
#include <stddef.h>

/* Strings are owned. */
struct contender {
    char *label;
    char *library;   /* absolute path, or NULL: the C library's malloc */
    char *profile;   /* absolute path, or NULL */
    bool is_default; /* libhakmem under its built-in profile */
    bool gives_way;  /* the label is not the user's: what the program turns out to have is better */
    struct launch_environment environment; /* of another allocator: its settings */
};

/* Reads [LABEL=]CONTENDER: "default", a profile's name or path, "lib:FILE.so", "lib:NAME" of a peer. LIBRARY is the
 * libhakmem.so that profiles are run on, NULL for the one that belongs to this program; it is looked for when a profile
 * comes. The profile is loaded to see that it is good. False: one line in MESSAGE, nothing to clear. */
bool contender_parse(struct contender *contender, const char *text, const char *library, char *message, size_t size);

/* Makes labels that occur twice different: "default", "default (2)". */
void contenders_tell_apart(struct contender *contenders, size_t count);

void contenders_clear(struct contender *contenders, size_t count);

#endif
