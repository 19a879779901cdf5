/* SPDX-License-Identifier: MIT */
/* The same numbers in every run of a test. */
#ifndef TESTS_PROFILE_RANDOM_H
#define TESTS_PROFILE_RANDOM_H

#include "lib/base/splitmix.h"

static inline uint64_t random_next(uint64_t *state)
{
    return splitmix_next(state);
}

/* 0 to LIMIT - 1. */
static inline uint64_t random_below(uint64_t *state, uint64_t limit)
{
    return random_next(state) % limit;
}

#endif
