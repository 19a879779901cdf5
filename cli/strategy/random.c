/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random search: each level with the same chance. The baseline that any other strategy has to beat. */
#include "config.h"

#include "cli/strategy/kind.h"

static void *start(struct strategy *strategy)
{
    (void)strategy;
    return NULL;
}

static bool propose(struct strategy *strategy, struct space_point *point)
{
    double unit[SPACE_MAX_DIMENSIONS];
    for (size_t i = 0; i < strategy->settings.space->count; i++)
        unit[i] = gsl_rng_uniform(strategy->random);
    *point = space_from_unit(strategy->settings.space, unit);
    return true;
}

static void stop(void *state)
{
    (void)state;
}

const struct strategy_kind strategy_random = {"random", start, propose, stop};
