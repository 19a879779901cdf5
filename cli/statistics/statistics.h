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

/* Below this many pairs neither a bootstrap nor a test says anything: with five, 1 in 16 machines without any
 * difference has all of one sign. */
#define STATISTICS_LEAST_PAIRS 6

/* The chance of a false claim that is accepted, and the confidence of every interval that goes with it. */
#define STATISTICS_SIGNIFICANCE 0.05
#define STATISTICS_CONFIDENCE 0.95

/* Two standard errors are the usual 95 %: what the search goes by, which claims nothing. */
#define STATISTICS_CLEARLY 2.0

struct statistics_interval {
    double mean;      /* of the log ratios */
    double low, high; /* confidence interval of the mean */
    double p_value;   /* two-sided, of "there is no difference" */
};

/* The interval for the mean of COUNT independent log ratios by the studentized bootstrap (Efron and Tibshirani
 * 1993, 12.5: it keeps its coverage for few values, where the percentile bootstrap is too narrow), and the p-value of a
 * paired t-test. False with fewer than STATISTICS_LEAST_PAIRS values: then mean alone is set, and the p-value is 1. */
bool statistics_interval(const double *log_ratios, size_t count, double confidence, uint64_t seed,
                         struct statistics_interval *interval);

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

/* Sample standard deviation; 0 for fewer than two values. */
double statistics_deviation(const double *values, size_t count);

#endif
