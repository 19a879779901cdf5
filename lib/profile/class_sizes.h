/* SPDX-License-Identifier: MIT */
/* Size classes: from a profile to the block sizes, and what an explicit map must fulfil.
 *
 * Pure functions; any thread may call them. Below: schema.h's types only. */
#ifndef HAK_PROFILE_CLASS_SIZES_H
#define HAK_PROFILE_CLASS_SIZES_H

#include "lib/profile/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every class is a multiple of the alignment that malloc promises, and the smallest is one of it. */
#define HAK_CLASS_SIZE_STEP 16
/* Where `spacing` ends and `long_spacing` begins. */
#define HAK_CLASS_SIZE_LONG 1024
/* The last size of an explicit map. */
#define HAK_CLASS_SIZE_LAST_LISTED 32768
/* The last class of every map. What is longer is a large block. */
#define HAK_CLASS_SIZE_LARGEST 65536
/* The largest `long_spacing`, and so the most classes behind an explicit map. */
#define HAK_CLASS_SPACING_MOST 8
/* Powers of two up to a system page must be classes: memalign takes blocks of these, which are aligned to their own
 * size. */
#define HAK_CLASS_SIZE_ALIGNED 4096
/* Classes in an explicit map at most. */
#define HAK_PROFILE_CLASS_LIMIT 120
_Static_assert(HAK_PROFILE_CLASS_LIMIT + HAK_CLASS_SPACING_MOST <= HAK_PROFILE_MAX_CLASSES,
               "an explicit map has room for the classes behind it");

/* Writes the ascending block sizes of PROFILE, which passes hak_profile_check, into SIZES and returns how many they
 * are: the explicit map if there is one, else `spacing` equal steps for each doubling up to 1024, but none below 16
 * bytes, and `long_spacing` for each up to 32768; and behind either `long_spacing` steps up to 65536. */
COLD size_t hak_profile_class_sizes(const struct hak_profile *profile, uint32_t sizes[HAK_PROFILE_MAX_CLASSES]);

/* Checks an explicit map. False: what is wrong is in MESSAGE, and the index of the size that is (COUNT - 1 if one is
 * lacking at the end) in *ELEMENT. */
COLD bool hak_class_sizes_check(const uint32_t *sizes, size_t count, size_t *element, char *message, size_t size);

#endif
