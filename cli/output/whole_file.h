/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are there as a whole or not at all: written beside their place, then renamed. One thread for each file.
 * Nothing is below. */
#ifndef HAK_OUTPUT_WHOLE_FILE_H
#define HAK_OUTPUT_WHOLE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Room for the name of a copy. */
#define WHOLE_FILE_KEPT (PATH_MAX + 16)

struct whole_file {
    FILE *stream; /* to be written to */
    const char *path;
    char target[PATH_MAX]; /* where a link at `path` leads, else the same */
    char temporary[PATH_MAX];
    char kept[WHOLE_FILE_KEPT]; /* after whole_file_keep_old and whole_file_close: what the file that was there before
                                   is called now; else empty */
    bool keeps_old;
};

/* Whether a file can be written at PATH: there is none, or a regular one that is not this program's standard output or
 * error. False: one line that names it in MESSAGE. */
bool whole_file_possible(const char *path, char *message, size_t size);

/* Whether PATH is a link that another user has put where everybody may (a sticky directory, such as /tmp), and so may
 * lead anywhere: it is not followed, as the kernel does not where fs.protected_symlinks is set. */
bool whole_file_is_foreign_link(const char *path);

/* Begins the file that is to be at PATH (which has to outlive FILE), with the owner and the permissions of the one that
 * is there, else those that the umask gives. A link that is not foreign stays a link: the file that it leads to is
 * written. False: as above. */
bool whole_file_open(struct whole_file *file, const char *path, char *message, size_t size);

/* The file that is there now, if anything is in it, is to be kept as whole_file_keep says when it is replaced. Where it
 * cannot be kept it is replaced all the same: the new one is worth more. Before whole_file_close. */
void whole_file_keep_old(struct whole_file *file);

/* Gives the file at PATH a second name, written into KEPT: PATH.~1~, or with the first number that is free, so that no
 * copy ever replaces another. Where the file system has no links the file has that name alone. False with errno, and
 * KEPT is empty. */
bool whole_file_keep(const char *path, char *kept, size_t size);

/* Ends it: renames it where GOOD and everything was written and synchronized, else removes it, and PATH is as it was.
 * False: as above. */
bool whole_file_close(struct whole_file *file, bool good, char *message, size_t size);

#endif
