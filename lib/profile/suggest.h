/* SPDX-License-Identifier: MIT */
/* "Did you mean": the known key that a mistyped one is nearest to. Pure; any thread may call it. Below: schema. */
#ifndef HAK_PROFILE_SUGGEST_H
#define HAK_PROFILE_SUGGEST_H

#include "lib/base/compiler.h"
#include "lib/base/edit_distance.h"

#include <stddef.h>

/* Longest key that is compared; longer ones are like none. */
#define HAK_SUGGEST_KEY_MAX HAK_EDIT_DISTANCE_MAX

/* The key ("superslab.size") or section ("superslab") that NAME, found inside of SECTION ("" at the top), most likely
 * stands for: the same name in another place, else one in this place that differs by few letters. Written into TEXT;
 * NULL if nothing is near. */
COLD const char *hak_suggest_key(const char *section, const char *name, char *text, size_t size);

#endif
