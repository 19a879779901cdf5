/* Files that are there as a whole or not at all: written beside their place, then renamed. One thread for each file. Nothing is below. */
#ifndef HAK_TERMINAL_WHOLE_FILE_H
#define HAK_TERMINAL_WHOLE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct whole_file {
    FILE *stream;            /* to be written to */
    const char *path;
    char temporary[PATH_MAX];
};

/* Whether a file can be written at PATH. False: one line that names it in MESSAGE. */
bool whole_file_possible(const char *path, char *message, size_t size);

/* Begins the file that is to be at PATH (which has to outlive FILE), with the permissions that the umask gives. False: as above. */
bool whole_file_open(struct whole_file *file, const char *path, char *message, size_t size);

/* Ends it: renames it where GOOD and everything was written and synchronized, else removes it, and PATH is as it was. False: as above. */
bool whole_file_close(struct whole_file *file, bool good, char *message, size_t size);

#endif
