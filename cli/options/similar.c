/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See similar.h. */
#include "config.h"

#include "cli/options/similar.h"

#include "lib/base/edit_distance.h"

#include <string.h>

/* A name with this many wrong letters is still known. */
static size_t most_distance(size_t length)
{
    return length < 6 ? 1 : length / 3;
}

struct similar similar_to(const char *typed, size_t length)
{
    return (struct similar){typed, length, NULL, most_distance(length) + 1};
}

void similar_offer(struct similar *similar, const char *name)
{
    if (similar->length >= HAK_EDIT_DISTANCE_MAX)
        return;
    size_t distance = hak_edit_distance(similar->typed, similar->length, name, strlen(name));
    if (distance >= similar->distance)
        return;
    similar->distance = distance;
    similar->best = name;
}
