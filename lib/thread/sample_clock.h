/* SPDX-License-Identifier: MIT */
/* Which allocations are sampled for the heap profile: each byte is the one that samples its block with the same
 * probability, whatever was sampled before (a Poisson process), once in heap_profile.interval bytes on average. So a
 * block of B bytes is sampled with the probability 1 - exp(-B / interval), and who divides by that has an estimate
 * without bias. Bytes are those of the size class, or of the pages of a large block.
 *
 * A clock counts down the bytes up to the next one that samples. It may foresee the blocks of one class, whoever asks
 * for others meanwhile: what it has foreseen holds for the next blocks of that class. (To count the bytes of all
 * classes off in the order in which they are foreseen, and to sample whoever comes next, would spare the classes that
 * foresee much.)
 *
 * A clock belongs to the holder of its thread cache. Below: size_class, the profile. */
#ifndef HAK_THREAD_SAMPLE_CLOCK_H
#define HAK_THREAD_SAMPLE_CLOCK_H

#include "lib/heap/size_class.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sample_clock {
    uint64_t left;                              /* holder: bytes before the next one that samples */
    uint64_t random;                            /* holder: state; 0 before the first use */
    uint64_t due[(SIZE_CLASSES_MAX + 63) / 64]; /* holder: classes behind whose foreseen blocks one is sampled */
};

/* For sample_clock_passes alone: the clock has less than BYTES left. */
bool sample_clock_strike(struct sample_clock *clock, size_t bytes);

/* Counts a block of BYTES; whether it passes, and is not sampled. */
static inline bool sample_clock_passes(struct sample_clock *clock, size_t bytes)
{
    if (UNLIKELY(clock->left < bytes))
        return sample_clock_strike(clock, bytes);
    clock->left -= bytes;
    return true;
}

/* Whether the next block of CLASS is sampled, because it stands behind those that were foreseen. */
static inline bool sample_clock_is_due(const struct sample_clock *clock, unsigned class)
{
    return (clock->due[class / 64] >> class % 64 & 1) != 0;
}

/* Counts a block of CLASS, behind those that were foreseen. */
static inline bool sample_clock_class_passes(struct sample_clock *clock, unsigned class)
{
    uint64_t *due = &clock->due[class / 64], bit = UINT64_C(1) << class % 64;
    if (LIKELY((*due & bit) == 0))
        return sample_clock_passes(clock, size_classes[class].size);
    *due &= ~bit;
    return false;
}

/* Whether sample_clock_class_passes is going to say so. A clock that was not used yet does not know. */
static inline bool sample_clock_would_pass(const struct sample_clock *clock, unsigned class)
{
    return !sample_clock_is_due(clock, class) && clock->left >= size_classes[class].size;
}

/* Counts the next COUNT blocks of CLASS, of which none is due: how many pass before one that is sampled, which is due
 * then. */
uint32_t sample_clock_foresee(struct sample_clock *clock, unsigned class, uint32_t count);

/* The same as sample_clock_passes for a thread that has no clock. Any thread. */
bool sample_clock_passes_alone(size_t bytes);

/* A number of exponential distribution whose mean is 1, from the bits of RANDOM. */
double sample_clock_exponential(uint64_t random);

/* Random bits, other ones for each caller. */
uint64_t sample_clock_seed(void);

/* Has clocks that begin draw the same numbers in each run. For tests; before the first use of any. */
void sample_clock_fix(uint64_t seed);

#endif
