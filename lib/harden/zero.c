/* SPDX-License-Identifier: MIT */
#include "lib/harden/zero.h"

#include "lib/base/report.h"
#include "lib/heap/size_class.h"

#include <stdbool.h>
#include <string.h>

/* Blocks are multiples of 16 bytes, and so are their addresses. */
typedef uint64_t words __attribute__((vector_size(16), may_alias));

/* Sizes are hard to foresee, so each block of up to SHORT_BYTES, and each other of up to MEDIUM_BYTES, is cleared and
 * read in the same steps: those behind its end are its last 16 bytes once more. */
#define SHORT_BYTES 64
#define MEDIUM_BYTES 256

static ALWAYS_INLINE size_t step_at(size_t size, size_t step)
{
    return size_minimum(step, size / sizeof(words) - 1);
}

static ALWAYS_INLINE void clear_steps(words *at, size_t size, size_t most)
{
#pragma GCC unroll 16
    for (size_t step = 0; step < most / sizeof *at; step++)
        at[step_at(size, step)] = (words){0, 0};
}

static ALWAYS_INLINE bool is_zero(words of)
{
    return (of[0] | of[1]) == 0;
}

static ALWAYS_INLINE bool steps_are_zero(const words *at, size_t size, size_t most)
{
    words all = {0, 0};
#pragma GCC unroll 16
    for (size_t step = 0; step < most / sizeof *at; step++)
        all |= at[step_at(size, step)];
    return is_zero(all);
}

void zero_block(unsigned class, void *block)
{
    size_t size = size_classes[class].size;
    if (size <= SHORT_BYTES)
        clear_steps(block, size, SHORT_BYTES);
    else if (size <= MEDIUM_BYTES)
        clear_steps(block, size, MEDIUM_BYTES);
    else
        memset(block, 0, size);
}

/* Longer ones are read by lines, to the end whatever is in them: a block's last line is read once more, since it need
 * not be whole. */
#define LINE_BYTES 64
_Static_assert(MEDIUM_BYTES >= LINE_BYTES, "each longer block has a line");

typedef uint64_t wide_words __attribute__((vector_size(32), aligned(16), may_alias));

static ALWAYS_INLINE bool lines_are_zero(const char *at, size_t size)
{
    const char *last = at + size - LINE_BYTES;
    wide_words all = *(const wide_words *)last | ((const wide_words *)last)[1];
    for (; at < last; at += LINE_BYTES)
        all |= *(const wide_words *)at | ((const wide_words *)at)[1];
    return (all[0] | all[1] | all[2] | all[3]) == 0;
}

static NOINLINE bool long_is_zero_anywhere(const char *block, size_t size)
{
    return lines_are_zero(block, size);
}

#if defined __x86_64__
/* The same, for processors that have such words. */
__attribute__((target("avx2"))) static NOINLINE bool long_is_zero_wide(const char *block, size_t size)
{
    return lines_are_zero(block, size);
}

static bool has_wide_words; /* const after the start */

void zero_start(void)
{
    __builtin_cpu_init();
    has_wide_words = __builtin_cpu_supports("avx2");
}

static ALWAYS_INLINE bool long_is_zero(const void *block, size_t size)
{
    return has_wide_words ? long_is_zero_wide(block, size) : long_is_zero_anywhere(block, size);
}
#else
void zero_start(void)
{
}

static ALWAYS_INLINE bool long_is_zero(const void *block, size_t size)
{
    return long_is_zero_anywhere(block, size);
}
#endif

static ALWAYS_INLINE bool block_is_zero(const void *block, size_t size)
{
    if (size <= SHORT_BYTES)
        return steps_are_zero(block, size, SHORT_BYTES);
    if (size <= MEDIUM_BYTES)
        return steps_are_zero(block, size, MEDIUM_BYTES);
    return long_is_zero(block, size);
}

/* Where the first 16 bytes at BLOCK lie, of SIZE, that are not all 0. */
static COLD size_t first_written(const void *block, size_t size)
{
    const words *at = block;
    size_t count = size / sizeof *at, i = 0;
    while (i < count && is_zero(at[i]))
        i++;
    return i * sizeof *at;
}

void zero_check(unsigned class, void *block, const char *function)
{
    size_t size = size_classes[class].size;
    if (LIKELY(block_is_zero(block, size)))
        return;
    size_t written = first_written(block, size);
    zero_block(class, block);
    report_misuse("%s: block %p was written to after it was freed (near byte %zu of %zu, class %u)", function, block,
                  written, size, class);
}
