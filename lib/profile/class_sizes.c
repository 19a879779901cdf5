/* SPDX-License-Identifier: MIT */
/* Size classes. See class_sizes.h. */
#include "config.h"

#include "lib/profile/class_sizes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KEY "size_classes.sizes"

/* Writes SPACING equal steps for each doubling above FROM and up to TO; returns how many. */
static size_t add_doublings(uint32_t from, uint32_t to, uint64_t spacing, uint32_t *sizes)
{
    size_t count = 0;
    for (uint32_t base = from; base < to; base *= 2) {
        uint32_t step = base / (uint32_t)spacing;
        if (step < HAK_CLASS_SIZE_STEP)
            step = HAK_CLASS_SIZE_STEP;
        for (uint32_t block = base + step; block <= base * 2; block += step)
            sizes[count++] = block;
    }
    return count;
}

static size_t expand_spacing(const struct hak_profile *profile, uint32_t *sizes)
{
    size_t count = 0;
    sizes[count++] = HAK_CLASS_SIZE_STEP;
    count += add_doublings(HAK_CLASS_SIZE_STEP, HAK_CLASS_SIZE_LONG, profile->size_classes_spacing, sizes + count);
    return count + add_doublings(HAK_CLASS_SIZE_LONG, HAK_CLASS_SIZE_LAST_LISTED, profile->size_classes_long_spacing,
                                 sizes + count);
}

static size_t copy_list(const struct hak_profile *profile, uint32_t *sizes)
{
    memcpy(sizes, profile->size_classes_sizes, profile->size_classes_count * sizeof sizes[0]);
    return profile->size_classes_count;
}

size_t hak_profile_class_sizes(const struct hak_profile *profile, uint32_t sizes[HAK_PROFILE_MAX_CLASSES])
{
    size_t count = profile->size_classes_count == 0 ? expand_spacing(profile, sizes) : copy_list(profile, sizes);
    return count + add_doublings(HAK_CLASS_SIZE_LAST_LISTED, HAK_CLASS_SIZE_LARGEST, profile->size_classes_long_spacing,
                                 sizes + count);
}

/* One size against its predecessor (0: there is none). */
static bool check_step(uint32_t before, uint32_t block, char *message, size_t size)
{
    if (block % HAK_CLASS_SIZE_STEP != 0 || block == 0)
        snprintf(message, size, KEY ": %" PRIu32 " is not a multiple of %d", block, HAK_CLASS_SIZE_STEP);
    else if (before == 0 && block != HAK_CLASS_SIZE_STEP)
        snprintf(message, size, KEY ": the first size is %" PRIu32 " (%d is expected)", block, HAK_CLASS_SIZE_STEP);
    else if (block <= before)
        snprintf(message, size, KEY ": %" PRIu32 " comes after %" PRIu32 " (the sizes must ascend)", block, before);
    else if (block > HAK_CLASS_SIZE_LAST_LISTED)
        snprintf(message, size, KEY ": %" PRIu32 " is above %d, the last size of a list", block,
                 HAK_CLASS_SIZE_LAST_LISTED);
    else
        return true;
    return false;
}

static bool report_missing(uint32_t power, char *message, size_t size)
{
    snprintf(message, size, KEY ": %" PRIu32 " is missing (alignments need every power of two from %d to %d)", power,
             HAK_CLASS_SIZE_STEP, HAK_CLASS_SIZE_ALIGNED);
    return false;
}

/* Whether the powers of two are there; *ELEMENT becomes the first size above the one that is missing. */
static bool check_powers(const uint32_t *sizes, size_t count, size_t *element, char *message, size_t size)
{
    uint32_t wanted = HAK_CLASS_SIZE_STEP;
    for (size_t i = 0; i < count && wanted <= HAK_CLASS_SIZE_ALIGNED; i++) {
        if (sizes[i] > wanted) {
            *element = i;
            return report_missing(wanted, message, size);
        }
        if (sizes[i] == wanted)
            wanted *= 2;
    }
    *element = count - 1;
    return wanted > HAK_CLASS_SIZE_ALIGNED || report_missing(wanted, message, size);
}

bool hak_class_sizes_check(const uint32_t *sizes, size_t count, size_t *element, char *message, size_t size)
{
    *element = 0;
    if (count == 0) {
        snprintf(message, size, KEY ": the list is empty (sizes from %d to %d are expected)", HAK_CLASS_SIZE_STEP,
                 HAK_CLASS_SIZE_LAST_LISTED);
        return false;
    }
    if (count > HAK_PROFILE_CLASS_LIMIT) {
        *element = HAK_PROFILE_CLASS_LIMIT;
        snprintf(message, size, KEY ": more than %d sizes", HAK_PROFILE_CLASS_LIMIT);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        *element = i;
        if (!check_step(i ? sizes[i - 1] : 0, sizes[i], message, size))
            return false;
    }
    if (!check_powers(sizes, count, element, message, size))
        return false;
    *element = count - 1;
    if (sizes[count - 1] != HAK_CLASS_SIZE_LAST_LISTED) {
        snprintf(message, size, KEY ": the last size is %" PRIu32 " (%d is expected)", sizes[count - 1],
                 HAK_CLASS_SIZE_LAST_LISTED);
        return false;
    }
    return true;
}
