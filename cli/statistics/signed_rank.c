/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See signed_rank.h. */
#include "config.h"

#include "cli/statistics/signed_rank.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#define MOST_EXACT 64
#define MOST_EXACT_AVERAGES (MOST_EXACT * (MOST_EXACT + 1) / 2)

double signed_rank_averages(size_t count)
{
    return (double)count * ((double)count + 1) / 2;
}

/* CHANCE[s]: that the ranks with a negative sign add up to s, each sign being a toss of a coin. One rank after the
 * other. */
static void distribution(size_t count, double *chance)
{
    size_t most = 0;
    chance[0] = 1;
    for (size_t rank = 1; rank <= count; rank++) {
        for (size_t sum = most + 1; sum <= most + rank; sum++)
            chance[sum] = 0;
        most += rank;
        for (size_t sum = most + 1; sum-- > 0;)
            chance[sum] = (chance[sum] + (sum >= rank ? chance[sum - rank] : 0)) / 2;
    }
}

static double exact_chance(size_t count, size_t most)
{
    double chance[MOST_EXACT_AVERAGES + 1], sum = 0;
    distribution(count, chance);
    for (size_t i = 0; i <= most; i++)
        sum += chance[i];
    return fmin(sum, 1);
}

double signed_rank_chance(size_t count, double most)
{
    double averages = signed_rank_averages(count), n = (double)count;
    if (most < 0)
        return 0;
    if (most >= averages)
        return 1;
    if (count <= MOST_EXACT)
        return exact_chance(count, (size_t)most);
    return gsl_cdf_gaussian_P(floor(most) + 0.5 - averages / 2, sqrt(n * (n + 1) * (2 * n + 1) / 24));
}

static double exact_rank(size_t count, double tail)
{
    double chance[MOST_EXACT_AVERAGES + 1], sum = 0;
    size_t rank = 0, averages = count * (count + 1) / 2;
    distribution(count, chance);
    while (rank < averages && sum + chance[rank] <= tail)
        sum += chance[rank++];
    return (double)rank;
}

/* The chances grow with the rank: halving. */
static double approximate_rank(size_t count, double tail)
{
    double fits = 0, too_many = signed_rank_averages(count) + 1;
    while (too_many - fits > 1) {
        double rank = floor((fits + too_many) / 2);
        if (signed_rank_chance(count, rank - 1) <= tail)
            fits = rank;
        else
            too_many = rank;
    }
    return fits;
}

double signed_rank_of_interval(size_t count, double confidence)
{
    double tail = (1 - confidence) / 2;
    return count <= MOST_EXACT ? exact_rank(count, tail) : approximate_rank(count, tail);
}

static double average(double one, double other)
{
    return one / 2 + other / 2;
}

double signed_rank_at_most(const double *values, size_t count, double bound)
{
    double at_most = 0;
    size_t end = count; /* partners of the value from itself up to here; the larger the value, the fewer */
    for (size_t i = 0; i < count; i++) {
        while (end > i && average(values[i], values[end - 1]) > bound)
            end--;
        if (end == i)
            break;
        at_most += (double)(end - i);
    }
    return at_most;
}

/* Halves the range of the values until no number is left between its ends: exact, and it takes no memory, of which all
 * averages of many values would need much. */
double signed_rank_average(const double *values, size_t count, double rank)
{
    double below = nextafter(values[0], -INFINITY), high = values[count - 1];
    for (;;) {
        double middle = average(below, high);
        if (middle <= below || middle >= high)
            return high;
        if (signed_rank_at_most(values, count, middle) >= rank)
            high = middle;
        else
            below = middle;
    }
}

double signed_rank_median(const double *values, size_t count)
{
    double averages = signed_rank_averages(count);
    return average(signed_rank_average(values, count, floor((averages + 1) / 2)),
                   signed_rank_average(values, count, ceil((averages + 1) / 2)));
}
