/* SPDX-License-Identifier: MIT */
/* How much empty memory may wait, and how long: what regret adds, and what time takes away. */
#include "lib/space/allowance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void what_went_at_once_and_is_taken_again_is_allowed_twice(void **state)
{
    (void)state;
    struct allowance allowance = {0};
    assert_false(allowance_watches(&allowance));
    allowance_gave(&allowance, 100, 5000);
    assert_true(allowance_watches(&allowance));
    allowance_took(&allowance, 30, 5500);
    assert_int_equal(allowance.extra, 60);
    allowance_took(&allowance, 1000, 5999); /* no more than was given */
    assert_int_equal(allowance.extra, 200);
    assert_false(allowance_watches(&allowance));
}

static void regret_has_a_bound(void **state)
{
    (void)state;
    struct allowance allowance = {0};
    for (int i = 0; i < 3; i++) {
        allowance_gave(&allowance, UINT64_C(2) << 30, 5000);
        allowance_took(&allowance, UINT64_C(2) << 30, 5100);
        assert_int_equal(allowance.extra, 256 << 20);
    }
}

static void what_is_taken_late_is_not_regretted(void **state)
{
    (void)state;
    struct allowance allowance = {0};
    allowance_gave(&allowance, 100, 5000);
    allowance_took(&allowance, 100, 5000 + ALLOWANCE_REGRET_MS);
    assert_int_equal(allowance.extra, 0);
    allowance_gave_waited(&allowance, 100, 7000);
    allowance_took(&allowance, 100, 7000 + ALLOWANCE_REGRET_MS);
    assert_int_equal(allowance.patience, 0);
    assert_false(allowance_watches(&allowance));
}

static void half_of_what_had_waited_makes_patient(void **state)
{
    (void)state;
    struct allowance allowance = {0};
    allowance_gave_waited(&allowance, 100, 5000);
    allowance_took(&allowance, 49, 5100);
    assert_int_equal(allowance.patience, 0);
    allowance_took(&allowance, 1, 5200);
    assert_int_equal(allowance.patience, 2);
    for (int i = 0; i < 5; i++) {
        allowance_gave_waited(&allowance, 100, 5300);
        allowance_took(&allowance, 100, 5400);
    }
    assert_int_equal(allowance.patience, ALLOWANCE_PATIENCE_MOST);
}

static void in_vain_shrinks_both(void **state)
{
    (void)state;
    struct allowance allowance = {.extra = 100, .patience = 2};
    allowance_gave_waited(&allowance, 0, 10000); /* nothing went, nothing is learnt */
    assert_int_equal(allowance.patience, 2);
    allowance_gave_waited(&allowance, 80, 20000);
    assert_int_equal(allowance.extra, 60);
    assert_int_equal(allowance.patience, 1);
    allowance_gave_waited(&allowance, 80, 20100); /* too soon after the last to tell */
    assert_int_equal(allowance.patience, 1);
    allowance_gave_waited(&allowance, 1000, 30000);
    assert_int_equal(allowance.extra, 0);
    assert_int_equal(allowance.patience, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_went_at_once_and_is_taken_again_is_allowed_twice),
        cmocka_unit_test(regret_has_a_bound),
        cmocka_unit_test(what_is_taken_late_is_not_regretted),
        cmocka_unit_test(half_of_what_had_waited_makes_patient),
        cmocka_unit_test(in_vain_shrinks_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
