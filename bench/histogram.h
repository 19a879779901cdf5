/* SPDX-License-Identifier: MIT */
/* A log-linear histogram of whole numbers, after HdrHistogram: every value of 64 bits has a bucket, whose width is at
 * most 1/128 of the values in it. It is one piece of memory of fixed size and never allocates. One thread at a time. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

/* Each octave is cut into 2^7 buckets: a value is told to 0.8 %. Values below 2^8 have a bucket each. */
#define HISTOGRAM_PRECISION_BITS 7
#define HISTOGRAM_OCTAVE (1u << HISTOGRAM_PRECISION_BITS)
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_PRECISION_BITS + 1) * HISTOGRAM_OCTAVE)

/* All zeros: empty. */
struct histogram {
    uint64_t count;   /* values recorded */
    uint64_t sum;     /* of them; wraps around */
    uint64_t maximum; /* the largest of them, exactly */
    uint64_t bucket[HISTOGRAM_BUCKETS];
};

/* The bucket of VALUE: its octave, and its next 7 bits. */
static inline unsigned histogram_bucket(uint64_t value)
{
    if (value < HISTOGRAM_OCTAVE)
        return (unsigned)value;
    unsigned shift = 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_PRECISION_BITS;
    return shift * HISTOGRAM_OCTAVE + (unsigned)(value >> shift);
}

static inline void histogram_record(struct histogram *histogram, uint64_t value)
{
    histogram->count++;
    histogram->sum += value;
    if (value > histogram->maximum)
        histogram->maximum = value;
    histogram->bucket[histogram_bucket(value)]++;
}

/* Adds all that MORE holds. */
void histogram_merge(struct histogram *, const struct histogram *more);

/* How many of the values are at least VALUE, to the bucket that VALUE begins in. */
uint64_t histogram_count_from(const struct histogram *, uint64_t value);

/* The least value that PER_TEN_THOUSAND (1 to 10000) of all recorded values do not exceed, and at most 1/128 above it:
 * 9999 asks for p99.99. Of fewer than 10,000 values that is the largest one. 0 if the histogram is empty. */
uint64_t histogram_percentile(const struct histogram *, unsigned per_ten_thousand);

/* The same without what NOISE, SHARE times, is expected to have put among the values: the least value above which,
 * wherever one looks, no more than the allowed ones are in excess of it. Of NOISE only what is at least FLOOR counts.
 */
uint64_t histogram_percentile_less(const struct histogram *, unsigned per_ten_thousand, const struct histogram *noise,
                                   double share, uint64_t floor);

#endif
