/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sobol search: fills the space evenly, without looking at results. See sobol_sequence.h. */
#include "config.h"

#include "cli/output/memory.h"
#include "cli/strategy/sobol_sequence.h"

#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdlib.h>

/* What gsl_qrng_sobol has tables for; dimensions beyond it are drawn at random. */
#define SOBOL_DIMENSIONS 40

struct sobol_sequence {
    const struct space *space;
    gsl_rng *random; /* the strategy's */
    gsl_qrng *sobol;
    size_t dimensions;
    double shift[SOBOL_DIMENSIONS];
};

struct sobol_sequence *sobol_sequence_new(struct strategy *strategy)
{
    struct sobol_sequence *sequence = must_have(calloc(1, sizeof *sequence));
    sequence->space = strategy->settings.space;
    sequence->random = strategy->random;
    sequence->dimensions = sequence->space->count < SOBOL_DIMENSIONS ? sequence->space->count : SOBOL_DIMENSIONS;
    sequence->sobol = must_have(gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)sequence->dimensions));
    for (size_t i = 0; i < sequence->dimensions; i++)
        sequence->shift[i] = gsl_rng_uniform(sequence->random);
    return sequence;
}

void sobol_sequence_free(struct sobol_sequence *sequence)
{
    gsl_qrng_free(sequence->sobol);
    free(sequence);
}

struct space_point sobol_sequence_next(struct sobol_sequence *sequence)
{
    double unit[SPACE_MAX_DIMENSIONS];
    gsl_qrng_get(sequence->sobol, unit);
    for (size_t i = 0; i < sequence->dimensions; i++)
        unit[i] = fmod(unit[i] + sequence->shift[i], 1);
    for (size_t i = sequence->dimensions; i < sequence->space->count; i++)
        unit[i] = gsl_rng_uniform(sequence->random);
    return space_from_unit(sequence->space, unit);
}

static void *start(struct strategy *strategy)
{
    return sobol_sequence_new(strategy);
}

static bool propose(struct strategy *strategy, struct space_point *point)
{
    *point = sobol_sequence_next(strategy->state);
    return true;
}

static void stop(void *state)
{
    sobol_sequence_free(state);
}

const struct strategy_kind strategy_sobol = {"sobol", start, propose, stop};
