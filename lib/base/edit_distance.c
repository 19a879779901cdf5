/* SPDX-License-Identifier: MIT */
/* See edit_distance.h. */
#include "config.h"

#include "lib/base/edit_distance.h"

static size_t least(size_t a, size_t b, size_t c)
{
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

/* Wagner and Fischer 1974, one row at a time. */
size_t hak_edit_distance(const char *from, size_t from_length, const char *to, size_t to_length)
{
    size_t row[HAK_EDIT_DISTANCE_MAX];
    if (from_length >= HAK_EDIT_DISTANCE_MAX || to_length >= HAK_EDIT_DISTANCE_MAX)
        return from_length > to_length ? from_length : to_length;
    for (size_t j = 0; j <= to_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= from_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= to_length; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (from[i - 1] != to[j - 1]));
            diagonal = above;
        }
    }
    return row[to_length];
}
