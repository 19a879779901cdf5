/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How candidates are chosen: ask for points, tell what they were worth.
 *
 * A strategy knows the space and nothing of trials, time or noise beyond the error it is told. It never asks for a
 * point that it was told of, nor twice for the same one; so a search resumes by telling what is known already. The same
 * seed and the same answers give the same questions. A strategy belongs to one thread. Below: cli/search_space, GSL. */
#ifndef HAK_STRATEGY_STRATEGY_H
#define HAK_STRATEGY_STRATEGY_H

#include "cli/search_space/space.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strategy;

/* What a point was worth. */
struct strategy_result {
    struct space_point point;
    double score; /* natural logarithm of the gain: 0 is the default, above it is better; -INFINITY for what failed */
    double error; /* its standard error */
};

struct strategy_settings {
    const struct space *space; /* must outlive the strategy */
    uint64_t seed;
    const struct space_point *first; /* points to try before all others; must outlive the strategy */
    size_t first_count;
};

/* The strategy called NAME ("local", "sobol", "random"), or NULL if there is none. */
struct strategy *strategy_new(const char *name, const struct strategy_settings *settings);
void strategy_free(struct strategy *strategy);

/* Writes up to MAX new points and returns how many; 0: there is nothing left to try. */
size_t strategy_ask(struct strategy *strategy, struct space_point *points, size_t max);

/* Tells what a point was worth, asked for or not. For a point that is known the newer result counts: it includes the
 * older. */
void strategy_tell(struct strategy *strategy, const struct strategy_result *result);

#endif
