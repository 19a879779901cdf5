/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which subject is meant: from the word on the command line to libhakmem or another allocator.
 *
 * Main thread only. Below: hakmem, allocator_ask, cli/locate. */
#ifndef HAK_SUBJECT_CHOICE_H
#define HAK_SUBJECT_CHOICE_H

#include "cli/subject/allocator_ask.h"
#include "cli/subject/subject.h"

#include <stdbool.h>
#include <stddef.h>

/* What "hakmem" is called on the command line. */
#define CHOICE_HAKMEM "hakmem"

struct subject_choice {
    struct subject subject; /* points into what follows: a choice is not moved */
    struct allocator allocator;
    char *library, *description, *baseline;
};

/* Chooses libhakmem: FILE, or the library that belongs to this program. */
bool choice_of_hakmem(struct subject_choice *choice, const char *file, char *message, size_t size);

/* Chooses the allocator that TEXT names: one of spaces/, a FILE.so of one of them, NAME=FILE.so, or the path of a
 * FILE.yaml that describes another. Its settings are cut down to those of its version, and it is asked whether it takes
 * them. False: one line in MESSAGE, and nothing to clear. */
bool choice_of_allocator(struct subject_choice *choice, const char *text, char *message, size_t size);

void choice_clear(struct subject_choice *choice);

/* The library that TEXT means, a FILE.so or the name of a description in spaces/: its absolute path (malloc'd), or NULL
 * for the C library's own, into *LIBRARY. False: one line in MESSAGE. */
bool choice_library(const char *text, char **library, char *message, size_t size);

/* The names of all descriptions in spaces/, malloc'd as the array is; NULL at the end. */
char **choice_names(void);

/* Reads the description of NAME, or of the FILE.yaml that it is the path of. False: one line in MESSAGE. */
bool choice_load(struct allocator *allocator, const char *name, char *message, size_t size);

#endif
