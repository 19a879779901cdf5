/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all strategies share: the table of names, and what is known. See strategy.h. */
#include "config.h"

#include "cli/strategy/strategy.h"

#include "cli/output/memory.h"
#include "cli/strategy/kind.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct strategy_kind *const kinds[] = {&strategy_local, &strategy_sobol, &strategy_random};

struct strategy *strategy_new(const char *name, const struct strategy_settings *settings)
{
    const struct strategy_kind *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i]->name, name) == 0)
            kind = kinds[i];
    }
    if (!kind)
        return NULL;
    struct strategy *strategy = must_have(calloc(1, sizeof *strategy));
    strategy->kind = kind;
    strategy->settings = *settings;
    strategy->random = must_have(gsl_rng_alloc(gsl_rng_mt19937));
    gsl_rng_set(strategy->random, (unsigned long)settings->seed);
    strategy->state = kind->start(strategy);
    struct strategy_result baseline = {space_default(settings->space), 0, 0};
    strategy_tell(strategy, &baseline);
    return strategy;
}

void strategy_free(struct strategy *strategy)
{
    if (!strategy)
        return;
    strategy->kind->stop(strategy->state);
    gsl_rng_free(strategy->random);
    free(strategy->known);
    free(strategy);
}

struct strategy_result *strategy_known(const struct strategy *strategy, const struct space_point *point)
{
    for (size_t i = 0; i < strategy->known_count; i++) {
        if (space_equal(strategy->settings.space, &strategy->known[i].point, point))
            return &strategy->known[i];
    }
    return NULL;
}

static void remember(struct strategy *strategy, const struct strategy_result *result)
{
    if (strategy->known_count == strategy->known_capacity) {
        strategy->known_capacity = strategy->known_capacity ? 2 * strategy->known_capacity : 64;
        strategy->known = must_have(realloc(strategy->known, strategy->known_capacity * sizeof *strategy->known));
    }
    strategy->known[strategy->known_count++] = *result;
}

void strategy_tell(struct strategy *strategy, const struct strategy_result *result)
{
    struct strategy_result *known = strategy_known(strategy, &result->point);
    if (known)
        *known = *result;
    else
        remember(strategy, result);
}

static bool ask_one(struct strategy *strategy, struct space_point *point)
{
    for (unsigned attempt = 0; attempt < STRATEGY_PATIENCE; attempt++) {
        if (!strategy->kind->propose(strategy, point))
            return false;
        space_repair(strategy->settings.space, point);
        if (strategy_known(strategy, point))
            continue;
        struct strategy_result asked = {*point, NAN, INFINITY};
        remember(strategy, &asked);
        return true;
    }
    return false;
}

size_t strategy_ask(struct strategy *strategy, struct space_point *points, size_t max)
{
    size_t count = 0;
    while (count < max && ask_one(strategy, &points[count]))
        count++;
    return count;
}
