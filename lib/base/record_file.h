/* SPDX-License-Identifier: MIT */
/* Long files that the library writes, piece by piece: a regular file is there as a whole or not at all. Nothing here
 * allocates or has state, so that a signal handler may use it. Below: writer, report. */
#ifndef HAK_BASE_RECORD_FILE_H
#define HAK_BASE_RECORD_FILE_H

#include "lib/base/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_FILE_NAME 1024 /* bytes of the longest name, its NUL included */

struct record_file {
    int descriptor;
    int error; /* the first that happened, an errno; 0: none */
    struct writer line;
    char name[RECORD_FILE_NAME], temporary[RECORD_FILE_NAME], buffer[4096];
};

/* Text goes to DESCRIPTOR, which stays open. */
COLD void record_file_use(struct record_file *file, int descriptor);
COLD void record_file_flush(struct record_file *file);

/* Begins the file NAME beside where it is going to be. False where that is refused: `error` says why. */
COLD bool record_file_begin(struct record_file *file, const char *name);

/* Where the next text goes: there is room for BYTES, half of the buffer at most. */
COLD struct writer *record_file_room(struct record_file *file, size_t bytes);

/* Writes a text of any length. */
COLD void record_file_write(struct record_file *file, const char *text, size_t length);

/* The file is whole: it takes the place of the one before. False where something was refused: then there is no file,
 * and `error` says why. */
COLD bool record_file_end(struct record_file *file);

#endif
