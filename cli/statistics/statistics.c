/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See statistics.h. */
#include "config.h"

#include "cli/statistics/statistics.h"

#include "cli/output/memory.h"
#include "cli/statistics/signed_rank.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* With fewer merged values than this the correlation itself is not known any more. */
#define LEAST_BLOCKS 6

/* A lag-1 correlation below this widens the error by less than a tenth. */
#define CORRELATION_LEFT 0.1

/* An estimate from a few values that is above this is taken for this: it would widen the error without bounds. */
#define MOST_CORRELATION 0.8

/* The part of normal values that is within a standard deviation of the mean. */
#define WITHIN_DEVIATION 0.6827

static double standard_error(const double *values, size_t count, double mean)
{
    return gsl_stats_sd_m(values, 1, count, mean) / sqrt((double)count);
}

/* --- pairs --------------------------------------------------------------------------------------------------------
 */

size_t statistics_least_pairs(double confidence)
{
    size_t count = 1;
    while (signed_rank_of_interval(count, confidence) < 1)
        count++;
    return count;
}

/* Of "there is no difference", by a paired t-test. */
static double p_value_of_t(const double *values, size_t count)
{
    double mean = gsl_stats_mean(values, 1, count), error = standard_error(values, count, mean);
    if (error <= 0) /* counts, not times: all pairs agree to the last bit */
        return mean == 0 ? 1 : 0;
    return 2 * gsl_cdf_tdist_Q(fabs(mean) / error, (double)count - 1);
}

/* Ranks cannot tell one difference from another once all of them have the same sign: their smallest p-value is
 * 2^(1 - count), which the correction for many comparisons makes too large. Only then the t-test may say less. */
static double p_value(const double *sorted, size_t count)
{
    double not_above = signed_rank_at_most(sorted, count, 0);
    double below = signed_rank_at_most(sorted, count, nextafter(0, -1));
    double fewer = fmin(not_above, signed_rank_averages(count) - below);
    double p = fmin(1, 2 * signed_rank_chance(count, fewer));
    return fewer > 0 ? p : fmin(p, p_value_of_t(sorted, count));
}

bool statistics_interval(const double *log_ratios, size_t count, double confidence,
                         struct statistics_interval *interval)
{
    *interval = (struct statistics_interval){.p_value = 1};
    if (count == 0)
        return false;
    double *sorted = must_have(malloc(count * sizeof *sorted)), rank = signed_rank_of_interval(count, confidence);
    memcpy(sorted, log_ratios, count * sizeof *sorted);
    gsl_sort(sorted, 1, count);
    interval->mean = interval->low = interval->high = signed_rank_median(sorted, count);
    if (rank >= 1) {
        interval->low = signed_rank_average(sorted, count, rank);
        interval->high = signed_rank_average(sorted, count, signed_rank_averages(count) + 1 - rank);
        interval->p_value = p_value(sorted, count);
    }
    free(sorted);
    return rank >= 1;
}

double statistics_at_least(const struct statistics_interval *interval)
{
    if (interval->low > 0)
        return interval->low;
    return fmin(interval->high, 0);
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

/* --- blocks -------------------------------------------------------------------------------------------------------
 */

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

double statistics_median(const double *values, size_t count)
{
    double *sorted = must_have(malloc(count * sizeof *sorted));
    memcpy(sorted, values, count * sizeof *sorted);
    gsl_sort(sorted, 1, count);
    double median = gsl_stats_median_from_sorted_data(sorted, 1, count);
    free(sorted);
    return median;
}

double statistics_usual_distance(double *distances, size_t count)
{
    gsl_sort(distances, 1, count);
    return count ? gsl_stats_quantile_from_sorted_data(distances, 1, count, WITHIN_DEVIATION) : 0;
}

double statistics_deviation(const double *values, size_t count)
{
    return count < 2 ? 0 : gsl_stats_sd(values, 1, count);
}
