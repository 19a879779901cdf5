/* SPDX-License-Identifier: MIT */
/* How much empty memory may wait, and how long: what regret adds, and what time takes away. */
#include "lib/space/retention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void what_went_at_once_and_is_taken_again_is_allowed_twice(void **state)
{
    (void)state;
    struct retention retention = {0};
    assert_false(retention_watches(&retention));
    retention_released(&retention, 100, 5000);
    assert_true(retention_watches(&retention));
    retention_refaulted(&retention, 30, 5500);
    assert_int_equal(retention.earned, 60);
    retention_refaulted(&retention, 1000, 5999); /* no more than was given */
    assert_int_equal(retention.earned, 200);
    assert_false(retention_watches(&retention));
}

static void regret_has_a_bound(void **state)
{
    (void)state;
    struct retention retention = {0};
    for (int i = 0; i < 3; i++) {
        retention_released(&retention, UINT64_C(2) << 30, 5000);
        retention_refaulted(&retention, UINT64_C(2) << 30, 5100);
        assert_int_equal(retention.earned, 256 << 20);
    }
}

static void what_is_taken_late_is_not_regretted(void **state)
{
    (void)state;
    struct retention retention = {0};
    retention_released(&retention, 100, 5000);
    retention_refaulted(&retention, 100, 5000 + RETENTION_REFAULT_MS);
    assert_int_equal(retention.earned, 0);
    retention_aged(&retention, 100, 7000);
    retention_refaulted(&retention, 100, 7000 + RETENTION_REFAULT_MS);
    assert_int_equal(retention.delay_shift, 0);
    assert_false(retention_watches(&retention));
}

static void half_of_what_had_waited_makes_patient(void **state)
{
    (void)state;
    struct retention retention = {0};
    retention_aged(&retention, 100, 5000);
    retention_refaulted(&retention, 49, 5100);
    assert_int_equal(retention.delay_shift, 0);
    retention_refaulted(&retention, 1, 5200);
    assert_int_equal(retention.delay_shift, 2);
    for (int i = 0; i < 5; i++) {
        retention_aged(&retention, 100, 5300);
        retention_refaulted(&retention, 100, 5400);
    }
    assert_int_equal(retention.delay_shift, RETENTION_DELAY_SHIFT_MOST);
}

static void in_vain_shrinks_both(void **state)
{
    (void)state;
    struct retention retention = {.earned = 100, .delay_shift = 2};
    retention_aged(&retention, 0, 10000); /* nothing went, nothing is learnt */
    assert_int_equal(retention.delay_shift, 2);
    retention_aged(&retention, 80, 20000);
    assert_int_equal(retention.earned, 60);
    assert_int_equal(retention.delay_shift, 1);
    retention_aged(&retention, 80, 20100); /* too soon after the last to tell */
    assert_int_equal(retention.delay_shift, 1);
    retention_aged(&retention, 1000, 30000);
    assert_int_equal(retention.earned, 0);
    assert_int_equal(retention.delay_shift, 0);
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
