/* SPDX-License-Identifier: MIT */
/* The patterns that tests fill blocks with, and check. C and C++. Any thread may call anything. */
#ifndef HAK_TESTS_PATTERN_H
#define HAK_TESTS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define KIB ((size_t)1024)
#define MIB (KIB * KIB)

/* The word at place I of the pattern of SEED. */
static inline uint64_t pattern_word(uint64_t seed, size_t i)
{
    return (seed + 1) * UINT64_C(0x9E3779B97F4A7C15) + i * UINT64_C(0xD1B54A32D192ED03);
}

/* Fills SIZE bytes with a pattern that depends on SEED and on the place, so that neither a shifted nor a foreign
 * content passes. */
static inline void pattern_fill(void *block, size_t size, uint64_t seed)
{
    unsigned char *bytes = (unsigned char *)block;
    uint64_t word;
    size_t i = 0;
    for (; i + sizeof word <= size; i += sizeof word) {
        word = pattern_word(seed, i);
        memcpy(bytes + i, &word, sizeof word);
    }
    word = pattern_word(seed, i);
    memcpy(bytes + i, &word, size - i);
}

/* Do the first SIZE bytes still hold the start of the pattern of SEED? */
static inline bool pattern_holds(const void *block, size_t size, uint64_t seed)
{
    const unsigned char *bytes = (const unsigned char *)block;
    uint64_t word, different = 0;
    size_t i = 0;
    for (; i + sizeof word <= size; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        different |= word ^ pattern_word(seed, i);
    }
    word = pattern_word(seed, i);
    return different == 0 && memcmp(bytes + i, &word, size - i) == 0;
}

/* Are all SIZE bytes zero? */
static inline bool all_zero(const void *block, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)block;
    return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

#endif
