/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What measured ratios say, and how sure that is.
 *
 * Everything is in natural logarithms of ratios, baseline / candidate: above 0 the candidate is better. Within one run
 * neighbouring blocks are correlated and share the run's luck (where its memory came to lie), so a claim rests on whole
 * runs, each on a seed of its own; blocks only rank candidates while the search goes on. Pure functions, the same
 * result for the same seed; any thread may call them. Below: GSL. */
#ifndef HAK_STATISTICS_STATISTICS_H
#define HAK_STATISTICS_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Below this many pairs there is no interval of 95 %: with five, 1 in 16 machines without any difference has all of one
 * sign. */
#define STATISTICS_LEAST_PAIRS 6

/* The chance of a false claim that is accepted, and the confidence of every interval that goes with it. */
#define STATISTICS_SIGNIFICANCE 0.05
#define STATISTICS_CONFIDENCE 0.95

/* Two standard errors are the usual 95 %: what the search goes by, which claims nothing. */
#define STATISTICS_CLEARLY 2.0

struct statistics_interval {
    double mean;      /* of the log ratios: a robust one */
    double low, high; /* its confidence interval */
    double p_value;   /* two-sided, of "there is no difference" */
};

/* What COUNT independent log ratios say: of time, of memory, of any metric that is above 0. The contenders of a pair
 * run in random order and meet the same noise, so a log ratio is symmetric about the true one, whatever the noise is
 * like, and the signs of the differences from it are tosses of a coin. From that alone follow the Hodges-Lehmann
 * estimate and Wilcoxon's interval and test (Hollander, Wolfe and Chicken 2014, 3.1 to 3.3), which agree: the interval
 * of 1 - p just holds 0. Up to 29 % of the pairs may be as far off as they like. Ties and zeros widen the interval and
 * raise the p-value, never the opposite. Only where all pairs have one sign, a t-test may lower the p-value further.
 *
 * False with fewer than statistics_least_pairs(CONFIDENCE) values: then mean alone is set, and the p-value is 1. */
bool statistics_interval(const double *log_ratios, size_t count, double confidence,
                         struct statistics_interval *interval);

/* The fewest pairs that have an interval of this CONFIDENCE, which is below 1. */
size_t statistics_least_pairs(double confidence);

/* The part of the difference that is sure: the end of the interval that is nearer to 0, and 0 where the interval holds
 * it. Its sign is the mean's. */
double statistics_at_least(const struct statistics_interval *interval);

/* Replaces COUNT p-values by those that Holm's step-down method (1979) corrects for their number: each may be held
 * against the significance level, and the chance of even one false claim among them stays below it. */
void statistics_holm(double *p_values, size_t count);

/* Mean of VALUES and its standard error. For neighbours that are correlated: values are merged in pairs until the lag-1
 * correlation is gone or few are left (Flyvbjerg and Petersen 1989), which widens the error to what it really is. The
 * error is INFINITY for one value. */
struct statistics_mean {
    double mean;
    double error;
};
struct statistics_mean statistics_mean_of_blocks(const double *values, size_t count);

/* The median of COUNT values, at least one. */
double statistics_median(const double *values, size_t count);

/* What DISTANCES from the middle, 0 or above, are below in two thirds of the cases: of normal values it is the standard
 * deviation, and one value in ten may be as far off as it likes. Sorts them. 0 for none. */
double statistics_usual_distance(double *distances, size_t count);

/* Sample standard deviation; 0 for fewer than two values. */
double statistics_deviation(const double *values, size_t count);

#endif
