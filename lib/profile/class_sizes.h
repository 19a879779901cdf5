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
/* The last size of an explicit map, and where the spacing ends. */
#define HAK_CLASS_SIZE_LAST_LISTED 32768
/* One class comes behind it in every map: its blocks fill a page of slabs each, as the pages of a large block do, but
 * come out of thread caches. */
#define HAK_CLASS_SIZE_LARGEST 65536
/* Powers of two up to a system page must be classes: memalign takes blocks of these, which are aligned to their own
 * size. */
#define HAK_CLASS_SIZE_ALIGNED 4096
/* Classes in an explicit map at most. */
#define HAK_PROFILE_CLASS_LIMIT 120

/* Writes the ascending block sizes of PROFILE, which passes hak_profile_check, into SIZES and returns how many they
 * are: the explicit map if there is one, else `spacing` equal steps for each doubling up to 32768, but none below 16
 * bytes; and then 65536. */
COLD size_t hak_profile_class_sizes(const struct hak_profile *profile, uint32_t sizes[HAK_PROFILE_MAX_CLASSES]);

/* Checks an explicit map. False: what is wrong is in MESSAGE, and the index of the size that is (COUNT - 1 if one is
 * lacking at the end) in *ELEMENT. */
COLD bool hak_class_sizes_check(const uint32_t *sizes, size_t count, size_t *element, char *message, size_t size);

#endif
