/* SPDX-License-Identifier: MIT */
#include "lib/thread/sample_clock.h"

#include "lib/base/os.h"
#include "lib/base/splitmix.h"
#include "lib/profile/active.h"

#include <stdatomic.h>
#include <string.h>

/* What the next clock's state, or the next number without a clock, is made from; 0 before the first. Relaxed: each gets
 * a value of its own. */
static _Atomic uint64_t next_seed;

uint64_t sample_clock_seed(void)
{
    uint64_t unset = 0;
    if (UNLIKELY(atomic_load_explicit(&next_seed, memory_order_relaxed) == 0))
        atomic_compare_exchange_strong_explicit(&next_seed, &unset, os_microseconds() ^ (uintptr_t)&unset,
                                                memory_order_relaxed, memory_order_relaxed);
    return splitmix_scatter(atomic_fetch_add_explicit(&next_seed, SPLITMIX_STEP, memory_order_relaxed));
}

void sample_clock_fix(uint64_t seed)
{
    atomic_store_explicit(&next_seed, seed, memory_order_relaxed);
}

#define LN_2 0.693147180559945309
#define SQUARE_ROOT_2 1.414213562373095049

/* -ln(VALUE) of a normal number below 1. (The C library's logarithm is in a library of its own, which most programs
 * have not loaded.) The logarithm of the mantissa M, between 1 / sqrt(2) and sqrt(2), is 2 artanh((M - 1) / (M + 1)):
 * |t| is below 0.172, so TERMS terms are right to 11 digits. */
static double minus_logarithm(double value)
{
    enum { TERMS = 6, MANTISSA_BITS = 52, EXPONENT_OF_1 = 1023 };
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int exponent = (int)(bits >> MANTISSA_BITS) - EXPONENT_OF_1;
    bits = (bits & ((UINT64_C(1) << MANTISSA_BITS) - 1)) | (uint64_t)EXPONENT_OF_1 << MANTISSA_BITS;
    double mantissa;
    memcpy(&mantissa, &bits, sizeof mantissa);
    if (mantissa > SQUARE_ROOT_2) {
        mantissa /= 2;
        exponent++;
    }
    double t = (mantissa - 1) / (mantissa + 1), square = t * t, sum = 0;
#pragma GCC unroll 6
    for (int term = 2 * TERMS - 1; term > 0; term -= 2)
        sum = sum * square + 1.0 / term; /* unrolled, these are constants */
    return -(exponent * LN_2 + 2 * t * sum);
}

double sample_clock_exponential(uint64_t random)
{
    return minus_logarithm(((double)(random >> 11) + 0.5) / 9007199254740992.0); /* 2^53 values between 0 and 1 */
}

/* A random number of bytes before the next one that samples: of exponential distribution, whole. */
static uint64_t bytes_between(uint64_t random)
{
    return (uint64_t)(sample_clock_exponential(random) * (double)HAK_PROFILE(heap_profile_interval));
}

static void wind(struct sample_clock *clock)
{
    clock->left = bytes_between(splitmix_next(&clock->random));
}

bool sample_clock_strike(struct sample_clock *clock, size_t bytes)
{
    if (UNLIKELY(clock->random == 0)) { /* its first block */
        clock->random = sample_clock_seed() | 1;
        wind(clock);
        return sample_clock_passes(clock, bytes);
    }
    wind(clock);
    return false;
}

uint32_t sample_clock_foresee(struct sample_clock *clock, unsigned class, uint32_t count)
{
    uint64_t size = size_classes[class].size;
    if (LIKELY(count * size <= clock->left)) {
        clock->left -= count * size;
        return count;
    }
    count = (uint32_t)(clock->left / size);
    clock->due[class / 64] |= UINT64_C(1) << class % 64;
    wind(clock);
    return count;
}

bool sample_clock_passes_alone(size_t bytes)
{
    return bytes_between(sample_clock_seed()) >= bytes;
}
