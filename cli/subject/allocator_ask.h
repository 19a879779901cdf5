/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an allocator says of itself: its version, and whether it took its settings.
 *
 * A program that does nothing is started with it for a moment. Main thread only, while there is no other. Below:
 * allocator. */
#ifndef HAK_SUBJECT_ALLOCATOR_ASK_H
#define HAK_SUBJECT_ALLOCATOR_ASK_H

#include "cli/subject/allocator.h"

/* Room for a version's number. */
#define ALLOCATOR_VERSION_SIZE 32

/* The version of ALLOCATOR in LIBRARY (NULL: the C library); empty where it does not say. */
void allocator_ask_version(const struct allocator *allocator, const char *library,
                           char version[ALLOCATOR_VERSION_SIZE]);

/* Whether ALLOCATOR takes every setting that is searched, as far as this VERSION can say. False: one line in MESSAGE
 * about the first that it does not take. */
bool allocator_confirm(const struct allocator *allocator, const char *library, const char *version, char *message,
                       size_t size);

#endif
