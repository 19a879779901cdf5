/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A temporary directory for files that contenders read, whoever they run as.
 *
 * A command may drop its privileges (runuser, gosu) before the library reads the profile. So everybody may enter the
 * directory and read its files; only its owner may list or change it, and its name cannot be guessed. The process holds
 * a lock (flock) on the directory: one without a lock was left by a process that was killed, and the next process of
 * the same user removes it. One thread for each. Nothing is below. */
#ifndef HAK_OUTPUT_SCRATCH_H
#define HAK_OUTPUT_SCRATCH_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct scratch {
    char directory[PATH_MAX]; /* absolute, without the characters that LD_PRELOAD splits at; empty: not open */
    int lock;                 /* the directory's descriptor, which holds the lock */
};

/* Makes the directory in $TMPDIR or /tmp. The first call of a process removes what killed processes of this user left
 * there. False: the reason is in MESSAGE. */
bool scratch_open(struct scratch *scratch, char *message, size_t size);

/* Begins the file NAME, in place of one that is there, and writes its path into PATH. NULL with errno. */
FILE *scratch_create(const struct scratch *scratch, const char *name, char *path, size_t size);

/* Removes the directory and its files. Does nothing for one that is not open. */
void scratch_close(struct scratch *scratch);

#endif
