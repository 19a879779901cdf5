/* SPDX-License-Identifier: MIT */
/* Small things that every part of hakmem-bench needs and that must not touch the measured heap. Any thread may call
 * anything. */
#ifndef BENCH_SUPPORT_H
#define BENCH_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses, as hakmem-tune has them. */
enum { BENCH_EXIT_OK = 0, BENCH_EXIT_FAILED = 1, BENCH_EXIT_USAGE = 2 };

/* Prints "hakmem-bench: MESSAGE" as one line on stderr, without allocating, and goes on; or ends the process with
 * STATUS. */
void bench_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void bench_die(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the process because malloc(SIZE) gave NULL. Out of line and cold: it stands in the workloads' inner loops. */
_Noreturn void bench_out_of_memory(size_t size) __attribute__((cold, noinline));
/* Ends the process because a block no longer holds what was written into it. */
_Noreturn void bench_block_overwritten(const void *block) __attribute__((cold, noinline));

/* SIZE bytes of zeros, mapped and already touched, for the harness itself. Ends the process if there is no memory.
 * Never given back. */
void *bench_map(size_t size);

/* Parses TEXT as a decimal number and nothing else. False if it is none or not within MINIMUM to MAXIMUM. */
bool bench_parse_number(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *number);

/* A start value, never 0, for the random numbers of worker INDEX in a run with SEED. */
uint32_t bench_random_start(uint64_t seed, uint64_t index);

/* xorshift32 (Marsaglia, Xorshift RNGs, 2003): period 2^32 - 1, never 0. */
static inline uint32_t bench_random_next(uint32_t random)
{
    random ^= random << 13;
    random ^= random >> 17;
    random ^= random << 5;
    return random;
}

/* Resident memory of this process now and at its peak, in bytes; 0: not known. */
uint64_t bench_resident_bytes(void);
uint64_t bench_peak_resident_bytes(void);

#endif
