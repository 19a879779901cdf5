/* SPDX-License-Identifier: MIT */
#include "lib/sample/estimate.h"

#include "lib/profile/active.h"

/* 1 - exp(-X) of a positive X, by halves: 1 - exp(-2 y) = s (2 - s), where s = 1 - exp(-y). (The C library's function
 * is in a library of its own, which most programs have not loaded.) */
static double one_less_exponential(double x)
{
    enum { X_MOST = 64, TERMS = 8 }; /* beyond, a double has 1 */
    static const double series_below = 0.01;
    int halvings = 0;
    double share = 1;
    if (x > X_MOST)
        return 1;
    while (x > series_below) {
        x /= 2;
        halvings++;
    }
    for (int term = TERMS; term > 1; term--)
        share = 1 - share * x / term;
    for (share *= x; halvings > 0; halvings--)
        share *= 2 - share;
    return share;
}

double estimate_weight(uint64_t bytes)
{
    return 1 / one_less_exponential((double)bytes / (double)HAK_PROFILE(heap_profile_interval));
}
