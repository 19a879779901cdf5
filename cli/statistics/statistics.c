/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See statistics.h. */
#include "config.h"

#include "cli/statistics/statistics.h"

#include "cli/output/memory.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Resamples: the ends of a 95 % interval then stand still to a few percent of its width. */
#define RESAMPLES 2000

/* With fewer merged values than this the correlation itself is not known any more. */
#define LEAST_BLOCKS 6

/* A lag-1 correlation below this widens the error by less than a tenth. */
#define CORRELATION_LEFT 0.1

/* An estimate from a few values that is above this is taken for this: it would widen the error without bounds. */
#define MOST_CORRELATION 0.8

/* Room for the error of a resample in which all values are the same one: of a spread of 1e-9 of the original nothing
 * depends. */
#define SMALLEST_SPREAD 1e-9

static double standard_error(const double *values, size_t count, double mean)
{
    return gsl_stats_sd_m(values, 1, count, mean) / sqrt((double)count);
}

static void resample(gsl_rng *random, const double *from, double *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = from[gsl_rng_uniform_int(random, count)];
}

/* Fills T with the studentized means of RESAMPLES resamples, ascending. */
static void bootstrap(const double *values, size_t count, uint64_t seed, double mean, double error, double *t)
{
    double *drawn = must_have(malloc(count * sizeof *drawn));
    gsl_rng *random = must_have(gsl_rng_alloc(gsl_rng_mt19937));
    gsl_rng_set(random, (unsigned long)seed);
    for (size_t i = 0; i < RESAMPLES; i++) {
        resample(random, values, drawn, count);
        double drawn_mean = gsl_stats_mean(drawn, 1, count);
        double drawn_error = standard_error(drawn, count, drawn_mean);
        t[i] = (drawn_mean - mean) / fmax(drawn_error, SMALLEST_SPREAD * error);
    }
    gsl_sort(t, 1, RESAMPLES);
    gsl_rng_free(random);
    free(drawn);
}

bool statistics_interval(const double *log_ratios, size_t count, double confidence, uint64_t seed,
                         struct statistics_interval *interval)
{
    double mean = count ? gsl_stats_mean(log_ratios, 1, count) : 0;
    *interval = (struct statistics_interval){mean, mean, mean, 1};
    if (count < STATISTICS_LEAST_PAIRS)
        return false;
    double error = standard_error(log_ratios, count, mean);
    if (error <= 0) { /* counts, not times: all pairs agree to the last bit */
        interval->p_value = mean == 0 ? 1 : 0;
        return true;
    }
    double t[RESAMPLES], tail = (1 - confidence) / 2;
    bootstrap(log_ratios, count, seed, mean, error, t);
    interval->low = mean - error * gsl_stats_quantile_from_sorted_data(t, 1, RESAMPLES, 1 - tail);
    interval->high = mean - error * gsl_stats_quantile_from_sorted_data(t, 1, RESAMPLES, tail);
    interval->p_value = 2 * gsl_cdf_tdist_Q(fabs(mean) / error, (double)count - 1);
    return true;
}

void statistics_holm(double *p_values, size_t count)
{
    size_t *order = must_have(malloc((count + 1) * sizeof *order));
    double least = 0;
    gsl_sort_index(order, p_values, 1, count);
    for (size_t i = 0; i < count; i++) {
        double *p = &p_values[order[i]];
        least = fmax(least, fmin(1, *p * (double)(count - i)));
        *p = least;
    }
    free(order);
}

/* The standard error of the mean of values whose correlation falls off geometrically, as what merging leaves does. */
static double correlated_error(const double *values, size_t count)
{
    double error = standard_error(values, count, gsl_stats_mean(values, 1, count));
    if (count < LEAST_BLOCKS || error <= 0)
        return error;
    double correlation = fmin(fmax(gsl_stats_lag1_autocorrelation(values, 1, count), 0), MOST_CORRELATION);
    return error * sqrt((1 + correlation) / (1 - correlation));
}

/* Means of neighbours; an odd one at the end is left out. */
static size_t merge_neighbours(double *values, size_t count)
{
    for (size_t i = 0; i < count / 2; i++)
        values[i] = (values[2 * i] + values[2 * i + 1]) / 2;
    return count / 2;
}

struct statistics_mean statistics_mean_of_blocks(const double *values, size_t count)
{
    if (count < 2)
        return (struct statistics_mean){count ? values[0] : 0, INFINITY};
    double mean = gsl_stats_mean(values, 1, count);
    double *merged = must_have(malloc(count * sizeof *merged));
    memcpy(merged, values, count * sizeof *merged);
    size_t left = count;
    double error = correlated_error(merged, left);
    while (left / 2 >= LEAST_BLOCKS && gsl_stats_lag1_autocorrelation(merged, 1, left) > CORRELATION_LEFT) {
        left = merge_neighbours(merged, left);
        /* The largest error of all sizes: at few merged values the estimate itself jumps about. */
        error = fmax(error, correlated_error(merged, left));
    }
    free(merged);
    return (struct statistics_mean){mean, error};
}

double statistics_deviation(const double *values, size_t count)
{
    return count < 2 ? 0 : gsl_stats_sd(values, 1, count);
}
