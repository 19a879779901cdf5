/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a terminal shows of a process while it runs: the sums, and one of the listings, which keys choose, sort and
 * scroll.
 *
 * The owner changes it under the screen's lock. Below: listing, print, cli/output. */
#ifndef HAK_INSPECT_LIVE_H
#define HAK_INSPECT_LIVE_H

#include "cli/inspect/listing.h"
#include "cli/output/frame.h"

struct live {
    const struct target *target;
    const struct look *look;
    double interval; /* seconds */
    bool utf8;
    enum listing_kind kind;
    struct listing listing; /* of `kind` and the present look */
    size_t sort[LISTINGS];  /* column, for each listing; SIZE_MAX: as it comes */
    bool backwards[LISTINGS];
    size_t first[LISTINGS];                        /* row that is shown first */
    size_t page;                                   /* rows that were shown last time */
    size_t columns;                                /* of the terminal then */
    size_t widest[LISTINGS][LISTING_MOST_COLUMNS]; /* of columns, since the terminal has these */
    bool is_paused;                                /* the look stays as it is */
};

void live_open(struct live *live, const struct target *target, const struct look *look, double interval);
void live_close(struct live *live);

/* The look has changed. */
void live_renew(struct live *live);

/* Does what KEY says; false: to quit. */
bool live_key(struct live *live, int key);

/* Composes all that fits. */
void live_draw(void *live, struct frame *frame);

#endif
