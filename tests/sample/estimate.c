/* SPDX-License-Identifier: MIT */
/* What samples stand for, beside the C library's functions. */
#include "lib/sample/estimate.h"

#include "lib/profile/active.h"
#include "tests/profile/cmocka_all.h"

#include <math.h>

static void weights_are_right(void **state)
{
    (void)state;
    static const uint64_t intervals[] = {1, 1000, 524288, UINT64_C(1) << 30};
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++)
        for (double bytes = 16; bytes < 1e12; bytes *= 1.37) {
            hak_active_profile.heap_profile_interval = intervals[i];
            uint64_t whole = (uint64_t)bytes;
            double expected = -1 / expm1(-(double)whole / (double)intervals[i]);
            assert_true(fabs(estimate_weight(whole) / expected - 1) < 1e-9);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(weights_are_right)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
