/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every strategy is made of; for the files of this folder alone. */
#ifndef HAK_STRATEGY_KIND_H
#define HAK_STRATEGY_KIND_H

#include "cli/strategy/strategy.h"

#include <gsl/gsl_rng.h>

/* Proposing a point may fail (it is known already) so often before a strategy takes the space for exhausted. */
#define STRATEGY_PATIENCE 2000

struct strategy_kind;

struct strategy {
    const struct strategy_kind *kind;
    struct strategy_settings settings;
    gsl_rng *random;
    struct strategy_result *known; /* all that was asked for or told, in that order */
    size_t known_count, known_capacity;
    void *state; /* the kind's own */
};

struct strategy_kind {
    const char *name;
    void *(*start)(struct strategy *);                        /* makes the state */
    bool (*propose)(struct strategy *, struct space_point *); /* one point, known or not; false: has none left */
    void (*stop)(void *state);
};

extern const struct strategy_kind strategy_local, strategy_sobol, strategy_random;

/* The result of POINT, or NULL. Its score is NAN while it has been asked for and not told. */
struct strategy_result *strategy_known(const struct strategy *strategy, const struct space_point *point);

#endif
