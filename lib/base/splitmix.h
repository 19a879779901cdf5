/* SPDX-License-Identifier: MIT */
/* SplitMix64 (Steele, Lea and Flood: Fast splittable pseudorandom number generators, 2014): random numbers, the
 * same ones for the same state. Any state will do, 0 included. Nothing is below. */
#ifndef HAK_BASE_SPLITMIX_H
#define HAK_BASE_SPLITMIX_H

#include <stdint.h>

#define SPLITMIX_STEP UINT64_C(0x9e3779b97f4a7c15)

/* Neighbouring numbers become unrelated ones. */
static inline uint64_t splitmix_scatter(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t splitmix_next(uint64_t *state)
{
    return splitmix_scatter(*state += SPLITMIX_STEP);
}

/* A number below COUNT: each with the same chance, nearly, as COUNT is small against 2^32. */
static inline uint32_t splitmix_below(uint64_t *state, uint32_t count)
{
    return (uint32_t)((splitmix_next(state) >> 32) * count >> 32);
}

#endif
