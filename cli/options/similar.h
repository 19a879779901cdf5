/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The known name that a mistyped one is the most like. Pure functions; any thread may call them. Below:
 * lib/base/edit_distance. */
#ifndef HAK_OPTIONS_SIMILAR_H
#define HAK_OPTIONS_SIMILAR_H

#include <stddef.h>

struct similar {
    const char *typed;
    size_t length;    /* of it */
    const char *best; /* the most like it so far, NULL: none is like it */
    size_t distance;  /* of that */
};

/* TYPED is the first LENGTH letters of what was typed. */
struct similar similar_to(const char *typed, size_t length);

/* Offers a known NAME, which has to outlive SIMILAR. */
void similar_offer(struct similar *similar, const char *name);

#endif
