/* SPDX-License-Identifier: MIT */
#include "lib/observe/miss_rates.h"

static bool wanted; /* written once, before any other thread */

bool miss_rates_are_wanted(void)
{
    return wanted;
}

/* A C library that comes without the kernel's headers (musl's compiler wrapper) builds a library without counters. */
#if __has_include(<linux/perf_event.h>)

#include <linux/perf_event.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TLB_READ(result) \
    (PERF_COUNT_HW_CACHE_DTLB | PERF_COUNT_HW_CACHE_OP_READ << 8 | PERF_COUNT_HW_CACHE_RESULT_##result << 16)

/* A pair of counters for each rate: accesses and misses. */
static struct {
    uint32_t type;
    uint64_t accesses, misses;
    int accesses_file, misses_file; /* written once, before any other thread; -1: not counted */
} pairs[MISS_RATES] = {
    [MISS_RATE_CACHE] = {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES, PERF_COUNT_HW_CACHE_MISSES, -1, -1},
    [MISS_RATE_TLB] = {PERF_TYPE_HW_CACHE, TLB_READ(ACCESS), TLB_READ(MISS), -1, -1},
};

static int open_counter(uint32_t type, uint64_t event)
{
    struct perf_event_attr attributes = {
        .size = sizeof attributes, .type = type, .config = event, .inherit = 1, .exclude_kernel = 1, .exclude_hv = 1};
    return (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

void miss_rates_open(void)
{
    wanted = true;
    for (int rate = 0; rate < MISS_RATES; rate++) {
        pairs[rate].accesses_file = open_counter(pairs[rate].type, pairs[rate].accesses);
        pairs[rate].misses_file = open_counter(pairs[rate].type, pairs[rate].misses);
    }
}

static double read_counter(int file)
{
    uint64_t value;
    return file >= 0 && read(file, &value, sizeof value) == sizeof value ? (double)value : 0;
}

double miss_rates_read(enum miss_rate rate)
{
    double accesses = read_counter(pairs[rate].accesses_file);
    return accesses > 0 && pairs[rate].misses_file >= 0 ? read_counter(pairs[rate].misses_file) / accesses : -1;
}

#else

void miss_rates_open(void)
{
    wanted = true;
}

double miss_rates_read(enum miss_rate rate)
{
    (void)rate;
    return -1;
}

#endif
