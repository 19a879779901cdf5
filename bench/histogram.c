/* SPDX-License-Identifier: MIT */
/* Adding histograms up, and reading them. */
#include "config.h"

#include "bench/histogram.h"

#include <stdbool.h>

void histogram_merge(struct histogram *histogram, const struct histogram *more)
{
    histogram->count += more->count;
    histogram->sum += more->sum;
    if (more->maximum > histogram->maximum)
        histogram->maximum = more->maximum;
    for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++)
        histogram->bucket[bucket] += more->bucket[bucket];
}

uint64_t histogram_count_from(const struct histogram *histogram, uint64_t value)
{
    uint64_t count = 0;
    for (unsigned bucket = histogram_bucket(value); bucket < HISTOGRAM_BUCKETS; bucket++)
        count += histogram->bucket[bucket];
    return count;
}

/* The largest value that belongs to a bucket. */
static uint64_t highest_value(unsigned bucket)
{
    if (bucket < HISTOGRAM_OCTAVE)
        return bucket;
    unsigned shift = bucket / HISTOGRAM_OCTAVE - 1;
    uint64_t lowest = (uint64_t)(HISTOGRAM_OCTAVE + bucket % HISTOGRAM_OCTAVE) << shift;
    return lowest + (((uint64_t)1 << shift) - 1);
}

/* How many of COUNT values may exceed the percentile; in integers, because 0.9999 has no exact double. */
static uint64_t allowed_above(uint64_t count, unsigned per_ten_thousand)
{
    unsigned above = 10000 - per_ten_thousand;
    return count / 10000 * above + count % 10000 * above / 10000;
}

uint64_t histogram_percentile_less(const struct histogram *histogram, unsigned per_ten_thousand,
                                   const struct histogram *noise, double share, uint64_t floor)
{
    double allowed = (double)allowed_above(histogram->count, per_ten_thousand);
    uint64_t above = histogram->count, noise_above = histogram_count_from(noise, floor), value = 0;
    bool found = false;
    for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        above -= histogram->bucket[bucket];
        if (bucket >= histogram_bucket(floor))
            noise_above -= noise->bucket[bucket];
        if ((double)above - share * (double)noise_above > allowed)
            found = false;
        else if (!found && histogram->bucket[bucket] > 0) {
            found = true;
            value = highest_value(bucket);
        }
    }
    return value < histogram->maximum ? value : histogram->maximum;
}

uint64_t histogram_percentile(const struct histogram *histogram, unsigned per_ten_thousand)
{
    return histogram_percentile_less(histogram, per_ten_thousand, histogram, 0, 0);
}
