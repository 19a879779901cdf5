/* SPDX-License-Identifier: MIT */
#include "lib/harden/canary.h"

#include "lib/base/report.h"
#include "lib/base/secret.h"
#include "lib/heap/size_class.h"

#include <string.h>

#define MOST_BYTES (2 * CANARY_BYTES)

static ALWAYS_INLINE uint64_t word_at(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static ALWAYS_INLINE void set_word(char *at, uint64_t word)
{
    memcpy(at, &word, sizeof word);
}

/* The pattern's first word. None of its bytes is 0: what is written behind a string's end is. */
static ALWAYS_INLINE uint64_t pattern_of(const void *block)
{
    return secret_mask(block) | UINT64_C(0x0101010101010101);
}

/* How long a canary is can hardly be foreseen. So it is two words, whatever it is: the second one begins this much
 * behind the first, and they overlap. */
static ALWAYS_INLINE size_t second_at(unsigned class, size_t asked)
{
    return size_minimum(size_classes[class].size - asked, MOST_BYTES) - CANARY_BYTES;
}

/* The pattern repeats the first word: what it has from byte BEGIN on. */
static ALWAYS_INLINE uint64_t pattern_from(uint64_t first, size_t begin)
{
    unsigned bits = 8 * (unsigned)begin % 64;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return first >> bits | first << (64 - bits) % 64;
#else
    return first << bits | first >> (64 - bits) % 64;
#endif
}

void canary_set(unsigned class, void *block, size_t asked)
{
    uint64_t first = pattern_of(block);
    size_t second = second_at(class, asked);
    char *canary = (char *)block + asked;
    set_word(canary, first);
    set_word(canary + second, pattern_from(first, second));
}

/* The first byte of the canary that is another one. */
static size_t first_other(const char *canary, size_t count, uint64_t first)
{
    unsigned char pattern[sizeof first];
    memcpy(pattern, &first, sizeof first);
    size_t i = 0;
    while (i < count && (unsigned char)canary[i] == pattern[i % sizeof first])
        i++;
    return i;
}

static COLD void report_broken(unsigned class, const void *block, size_t asked, const char *function)
{
    const char *canary = (const char *)block + asked;
    size_t other = first_other(canary, second_at(class, asked) + CANARY_BYTES, pattern_of(block));
    report_misuse(
        "%s: block %p was written to behind its end (at byte %zu, of %zu that were asked for; it has %u, class %u)",
        function, block, asked + other, asked, size_classes[class].size, class);
}

bool canary_is_whole(unsigned class, const void *block, size_t asked, const char *function)
{
    uint64_t first = pattern_of(block);
    size_t second = second_at(class, asked);
    const char *canary = (const char *)block + asked;
    if (LIKELY(((word_at(canary) ^ first) | (word_at(canary + second) ^ pattern_from(first, second))) == 0))
        return true;
    report_broken(class, block, asked, function);
    return false;
}
