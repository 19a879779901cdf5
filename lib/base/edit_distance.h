/* SPDX-License-Identifier: MIT */
/* How many letters of a word differ. Pure; any thread may call it. Nothing is below. */
#ifndef HAK_BASE_EDIT_DISTANCE_H
#define HAK_BASE_EDIT_DISTANCE_H

#include "lib/base/compiler.h"

#include <stddef.h>

/* Words that are not shorter are taken to differ in every letter. */
#define HAK_EDIT_DISTANCE_MAX 48

/* Levenshtein distance: how many letters to insert, drop or change. */
COLD size_t hak_edit_distance(const char *from, size_t from_length, const char *to, size_t to_length);

#endif
