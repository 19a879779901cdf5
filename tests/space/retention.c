/* SPDX-License-Identifier: MIT */
/* How much memory may be retained, and how long: the ceiling of all kinds, the limit of one kind, what refaults add to
 * it, and what time takes away. */
#include "lib/space/retention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MIB ((uint64_t)1 << 20)

static void the_ceiling_is_the_most_that_was_used(void **state)
{
    (void)state;
    struct footprint footprint = {.used = 100 * MIB};
    assert_int_equal(footprint_excess(&footprint), 0);
    assert_int_equal(footprint.ceiling, 100 * MIB);
    footprint.used = 60 * MIB;
    footprint.retained = 40 * MIB;
    assert_int_equal(footprint_excess(&footprint), 0);
    assert_int_equal(footprint.ceiling, 100 * MIB);
    footprint.used = 130 * MIB;
    footprint_excess(&footprint);
    assert_int_equal(footprint.ceiling, 130 * MIB);
}

static void what_exceeds_the_ceiling_has_to_go(void **state)
{
    (void)state;
    struct footprint footprint = {.used = 50 * MIB, .retained = 46 * MIB, .ceiling = 64 * MIB};
    assert_int_equal(footprint_excess(&footprint), 30 * MIB); /* all but 64 MiB and a 32nd of it */
    footprint.retained = 16 * MIB;
    assert_int_equal(footprint_excess(&footprint), 0);
    footprint.retained++;
    assert_int_equal(footprint_excess(&footprint), 1);
    footprint = (struct footprint){.used = 70 * MIB, .retained = MIB};
    assert_int_equal(footprint_excess(&footprint), 0); /* what is used is below the ceiling by now */
    assert_int_equal(footprint.ceiling, 70 * MIB);
}

/* In a small program single pages come and go. */
static void two_pages_more_are_always_allowed(void **state)
{
    (void)state;
    struct footprint footprint = {.used = 10 * PAGE_BYTES, .retained = 2 * PAGE_BYTES};
    assert_int_equal(footprint_excess(&footprint), 0);
    footprint.retained = 3 * PAGE_BYTES;
    assert_int_equal(footprint_excess(&footprint), PAGE_BYTES);
    footprint = (struct footprint){.retained = 5 * PAGE_BYTES};
    assert_int_equal(footprint_excess(&footprint), 3 * PAGE_BYTES);
}

static void what_was_not_needed_lowers_the_ceiling(void **state)
{
    (void)state;
    struct footprint footprint = {.used = 20 * MIB, .retained = 30 * MIB, .ceiling = 100 * MIB};
    footprint_settle(&footprint);
    assert_int_equal(footprint.ceiling, 50 * MIB);
    footprint.used = 40 * MIB;
    assert_int_equal(footprint_excess(&footprint), 20 * MIB - 50 * MIB / RETENTION_SLACK_SHARE);
    footprint = (struct footprint){.used = 60 * MIB, .retained = 41 * MIB, .ceiling = 100 * MIB};
    footprint_settle(&footprint); /* and never raises it */
    assert_int_equal(footprint.ceiling, 100 * MIB);
}

static void what_cannot_go_raises_the_ceiling(void **state)
{
    (void)state;
    struct footprint footprint = {.used = 60 * MIB, .retained = 50 * MIB, .ceiling = 100 * MIB};
    assert_int_not_equal(footprint_excess(&footprint), 0);
    footprint_accept(&footprint);
    assert_int_equal(footprint_excess(&footprint), 0);
    assert_int_equal(footprint.ceiling, 110 * MIB);
}

static void each_kind_counts_for_all(void **state)
{
    (void)state;
    struct footprint footprint = {.ceiling = 100 * MIB};
    struct retention one = {.footprint = &footprint}, other = {.footprint = &footprint};
    retention_add(&one, 30 * MIB);
    retention_add(&other, 20 * MIB);
    retention_add(&one, -10 * (int64_t)MIB);
    assert_int_equal(one.bytes, 20 * MIB);
    assert_int_equal(other.bytes, 20 * MIB);
    assert_int_equal(footprint.retained, 40 * MIB);
}

static void a_kind_retains_what_is_kept_and_earned(void **state)
{
    (void)state;
    struct footprint footprint = {.used = 1000 * MIB};
    struct retention retention = {.footprint = &footprint};
    retention_add(&retention, 30 * MIB);
    assert_int_equal(retention_excess(&retention, 30 * MIB), 0);
    assert_int_equal(retention_excess(&retention, 12 * MIB), 18 * MIB); /* whatever is in use */
    retention.earned = 10 * MIB;
    assert_int_equal(retention_excess(&retention, 12 * MIB), 8 * MIB);
    assert_int_equal(retention_excess(&retention, 0), 30 * MIB); /* nothing is kept, whatever is earned */
}

static void what_is_earned_and_not_proven_goes_by_the_memory_in_use(void **state)
{
    (void)state;
    struct footprint footprint = {.used = 40 * MIB, .ceiling = 400 * MIB};
    struct retention retention = {.footprint = &footprint, .earned = 100 * MIB};
    retention_add(&retention, 90 * MIB);
    assert_int_equal(retention_excess(&retention, 4 * MIB), 90 * MIB - (4 + 40 / RETENTION_UNPROVEN_SHARE) * MIB);
    footprint.used = 0;
    assert_int_equal(retention_excess(&retention, 4 * MIB), 82 * MIB); /* as much again as is kept */
    footprint.proven = 50 * MIB;
    assert_int_equal(retention_excess(&retention, 4 * MIB), 36 * MIB);
    footprint.proven = 77 * MIB; /* eight ninths of it */
    assert_int_equal(retention_excess(&retention, 4 * MIB), 0);
    footprint.proven = 200 * MIB; /* by another kind of memory */
    assert_int_equal(retention_excess(&retention, 4 * MIB), 0);
    retention.earned = 10 * MIB;
    assert_int_equal(retention_excess(&retention, 4 * MIB), 76 * MIB);
}

/* A few cycles prove little, many as much as is earned. */
static void refaults_prove_what_is_earned(void **state)
{
    (void)state;
    struct footprint footprint = {.ceiling = 400 * MIB};
    struct retention retention = {.footprint = &footprint};
    retention_refaulted(&retention, 80 * MIB, 5000); /* nothing was released */
    assert_int_equal(footprint.proven, 0);
    for (int cycle = 0; cycle < 3; cycle++) {
        retention_released(&retention, 80 * MIB, 5000);
        retention_refaulted(&retention, 80 * MIB, 5100);
    }
    assert_int_equal(footprint.proven, 3 * 80 * MIB / RETENTION_PROOF_SHARE);
    for (int cycle = 0; cycle < 30; cycle++) {
        retention_released(&retention, 80 * MIB, 5000);
        retention_refaulted(&retention, 80 * MIB, 5100);
    }
    assert_int_equal(footprint.proven, RETENTION_EARNED_MOST);
}

static void a_rise_of_the_ceiling_takes_proof_away(void **state)
{
    (void)state;
    struct footprint footprint = {.used = 130 * MIB, .ceiling = 100 * MIB, .proven = 40 * MIB};
    footprint_excess(&footprint);
    assert_int_equal(footprint.proven, 10 * MIB);
    footprint.used = 200 * MIB;
    footprint_excess(&footprint);
    assert_int_equal(footprint.proven, 0);
    footprint.proven = 40 * MIB;
    footprint_settle(&footprint);
    assert_int_equal(footprint.proven, 20 * MIB);
}

static void a_release_at_once_that_refaults_earns_twice_as_much(void **state)
{
    (void)state;
    struct footprint footprint = {0};
    struct retention retention = {.footprint = &footprint};
    assert_false(retention_watches(&retention));
    retention_released(&retention, 100, 5000);
    assert_true(retention_watches(&retention));
    retention_refaulted(&retention, 30, 5500);
    assert_int_equal(retention.earned, 60);
    retention_refaulted(&retention, 1000, 5999); /* no more than was released */
    assert_int_equal(retention.earned, 200);
    assert_false(retention_watches(&retention));
    assert_int_equal(retention.delay_shift, 0);
}

static void what_is_earned_has_a_bound(void **state)
{
    (void)state;
    struct footprint footprint = {0};
    struct retention retention = {.footprint = &footprint};
    for (int i = 0; i < 3; i++) {
        retention_released(&retention, UINT64_C(2) << 30, 5000);
        retention_refaulted(&retention, UINT64_C(2) << 30, 5100);
        assert_int_equal(retention.earned, 256 << 20);
    }
}

static void what_is_taken_late_is_no_refault(void **state)
{
    (void)state;
    struct footprint footprint = {0};
    struct retention retention = {.footprint = &footprint};
    retention_released(&retention, 100, 5000);
    retention_refaulted(&retention, 100, 5000 + RETENTION_REFAULT_MS);
    assert_int_equal(retention.earned, 0);
    retention_aged(&retention, 100, 7000);
    retention_refaulted(&retention, 100, 7000 + RETENTION_REFAULT_MS);
    assert_int_equal(retention.delay_shift, 0);
    assert_false(retention_watches(&retention));
}

/* A release that released nothing does not make old ones young. */
static void nothing_released_changes_nothing(void **state)
{
    (void)state;
    struct footprint footprint = {0};
    struct retention retention = {.footprint = &footprint};
    retention_released(&retention, 100, 5000);
    retention_released(&retention, 0, 5900);
    retention_refaulted(&retention, 100, 6100);
    assert_int_equal(retention.earned, 0);
    retention_aged(&retention, 100, 7000);
    retention_aged(&retention, 0, 7900);
    retention_refaulted(&retention, 100, 8100);
    assert_int_equal(retention.delay_shift, 0);
}

static void half_of_what_had_waited_lengthens_the_delay(void **state)
{
    (void)state;
    struct footprint footprint = {0};
    struct retention retention = {.footprint = &footprint};
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
    assert_int_equal(retention.earned, 0);
}

static void what_is_not_taken_again_shrinks_both(void **state)
{
    (void)state;
    struct footprint footprint = {0};
    struct retention retention = {.footprint = &footprint, .earned = 100, .delay_shift = 2};
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
        cmocka_unit_test(the_ceiling_is_the_most_that_was_used),
        cmocka_unit_test(what_exceeds_the_ceiling_has_to_go),
        cmocka_unit_test(two_pages_more_are_always_allowed),
        cmocka_unit_test(what_was_not_needed_lowers_the_ceiling),
        cmocka_unit_test(what_cannot_go_raises_the_ceiling),
        cmocka_unit_test(each_kind_counts_for_all),
        cmocka_unit_test(a_kind_retains_what_is_kept_and_earned),
        cmocka_unit_test(what_is_earned_and_not_proven_goes_by_the_memory_in_use),
        cmocka_unit_test(refaults_prove_what_is_earned),
        cmocka_unit_test(a_rise_of_the_ceiling_takes_proof_away),
        cmocka_unit_test(a_release_at_once_that_refaults_earns_twice_as_much),
        cmocka_unit_test(what_is_earned_has_a_bound),
        cmocka_unit_test(what_is_taken_late_is_no_refault),
        cmocka_unit_test(nothing_released_changes_nothing),
        cmocka_unit_test(half_of_what_had_waited_lengthens_the_delay),
        cmocka_unit_test(what_is_not_taken_again_shrinks_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
