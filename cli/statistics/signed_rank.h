/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wilcoxon's signed-rank statistic, counted in Walsh averages: the means of all pairs of values, each value with itself
 * included. N values have N (N + 1) / 2 of them. Where the values are symmetric about 0, the number of averages that
 * are below 0 has a distribution that depends on N alone (Tukey 1949). Pure functions; any thread may call them. Below:
 * GSL. */
#ifndef HAK_STATISTICS_SIGNED_RANK_H
#define HAK_STATISTICS_SIGNED_RANK_H

#include <stddef.h>

/* How many Walsh averages COUNT values have. */
double signed_rank_averages(size_t count);

/* The chance that at most MOST Walsh averages of COUNT values are below 0 where there is no difference: exact up to 64
 * values, the normal approximation with continuity correction beyond. 0 for MOST below 0. */
double signed_rank_chance(size_t count, double most);

/* How many of the outermost Walsh averages on each side bound an interval of at least this CONFIDENCE: it reaches from
 * the smallest but RANK - 1 to the largest but RANK - 1. 0: COUNT values are too few for any interval. */
double signed_rank_of_interval(size_t count, double confidence);

/* How many Walsh averages of COUNT ascending VALUES are at most BOUND. */
double signed_rank_at_most(const double *values, size_t count, double bound);

/* The Walsh average that is the RANK-th of COUNT ascending VALUES, from 1. */
double signed_rank_average(const double *values, size_t count, double rank);

/* The Hodges-Lehmann estimate: the median of the Walsh averages of COUNT ascending VALUES, at least one. */
double signed_rank_median(const double *values, size_t count);

#endif
