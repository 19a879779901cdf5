/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Sobol sequence over the space, shifted by a random vector (Cranley and Patterson 1976), so that seeds differ in
 * their points. */
#ifndef HAK_STRATEGY_SOBOL_SEQUENCE_H
#define HAK_STRATEGY_SOBOL_SEQUENCE_H

#include "cli/strategy/kind.h"

struct sobol_sequence;

struct sobol_sequence *sobol_sequence_new(struct strategy *strategy);
void sobol_sequence_free(struct sobol_sequence *sequence);
struct space_point sobol_sequence_next(struct sobol_sequence *sequence);

#endif
