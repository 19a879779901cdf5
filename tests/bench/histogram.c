/* SPDX-License-Identifier: MIT */
/* Unit tests of bench/histogram: percentiles of known values, their error, and the extremes. */
#include "config.h"

#include "bench/histogram.h"

#include "bench/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct histogram histogram, other;

static int start_empty(void **state)
{
    (void)state;
    memset(&histogram, 0, sizeof(histogram));
    memset(&other, 0, sizeof(other));
    return 0;
}

static void record_range(struct histogram *into, uint64_t first, uint64_t last)
{
    for (uint64_t value = first; value <= last; value++)
        histogram_record(into, value);
}

static void nothing_has_no_percentile(void **state)
{
    (void)state;
    assert_int_equal(histogram_percentile(&histogram, 1), 0);
    assert_int_equal(histogram_percentile(&histogram, 9999), 0);
    assert_int_equal(histogram_percentile(&histogram, 10000), 0);
}

static void one_value_is_every_percentile(void **state)
{
    (void)state;
    histogram_record(&histogram, 123456789);
    for (unsigned share = 1; share <= 10000; share++)
        assert_int_equal(histogram_percentile(&histogram, share), 123456789);
    assert_int_equal(histogram.count, 1);
    assert_int_equal(histogram.sum, 123456789);
    assert_int_equal(histogram.maximum, 123456789);
}

static void small_values_are_told_exactly(void **state)
{
    (void)state;
    record_range(&histogram, 1, 100);
    assert_int_equal(histogram_percentile(&histogram, 1), 1);
    assert_int_equal(histogram_percentile(&histogram, 100), 1);
    assert_int_equal(histogram_percentile(&histogram, 101), 2);
    assert_int_equal(histogram_percentile(&histogram, 5000), 50);
    assert_int_equal(histogram_percentile(&histogram, 9900), 99);
    assert_int_equal(histogram_percentile(&histogram, 9901), 100);
    assert_int_equal(histogram_percentile(&histogram, 10000), 100);
}

static void the_slowest_of_ten_thousand_is_beyond_p99_99(void **state)
{
    (void)state;
    for (int value = 0; value < 9999; value++)
        histogram_record(&histogram, 10);
    histogram_record(&histogram, 1000000);
    assert_int_equal(histogram_percentile(&histogram, 9999), 10);
    assert_int_equal(histogram_percentile(&histogram, 10000), 1000000);
    /* Of fewer, even one is more than the share that may be above. */
    histogram.count--;
    histogram.bucket[histogram_bucket(10)]--;
    assert_int_equal(histogram_percentile(&histogram, 9999), 1000000);
}

/* Every value is told from above, by at most 1/128 of it: at both sides of every power of two, and at random. */
static void expect_told_closely(uint64_t value)
{
    start_empty(NULL);
    histogram_record(&histogram, value);
    histogram_record(&histogram, UINT64_MAX); /* so that the maximum does not cut the answer off */
    uint64_t told = histogram_percentile(&histogram, 5000);
    assert_true(told >= value);
    assert_true(told - value <= value / 128);
}

static void every_value_is_told_within_one_in_128(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t power = (uint64_t)1 << bit;
        expect_told_closely(power - 1);
        expect_told_closely(power);
        expect_told_closely(power + 1);
    }
    uint32_t random = 1;
    for (int trial = 0; trial < 1000; trial++) {
        uint64_t high = random = bench_random_next(random);
        random = bench_random_next(random);
        expect_told_closely((high << 32 | random) >> trial % 64);
    }
}

static void buckets_rise_with_the_values_and_end_with_them(void **state)
{
    (void)state;
    assert_int_equal(histogram_bucket(0), 0);
    assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
    unsigned last = 0;
    for (uint64_t value = 1; value < 1000000; value++) {
        unsigned bucket = histogram_bucket(value);
        assert_true(bucket == last || bucket == last + 1);
        last = bucket;
    }
}

static void extremes_are_kept(void **state)
{
    (void)state;
    histogram_record(&histogram, 0);
    histogram_record(&histogram, UINT64_MAX);
    assert_int_equal(histogram_percentile(&histogram, 5000), 0);
    assert_true(histogram_percentile(&histogram, 10000) == UINT64_MAX);
    assert_true(histogram.maximum == UINT64_MAX);
}

static void merging_is_recording_all_in_one(void **state)
{
    (void)state;
    static struct histogram whole;
    memset(&whole, 0, sizeof(whole));
    record_range(&histogram, 1, 5000);
    record_range(&other, 4000, 90000);
    record_range(&whole, 1, 5000);
    record_range(&whole, 4000, 90000);
    histogram_merge(&histogram, &other);
    assert_memory_equal(&histogram, &whole, sizeof(whole));
}

static void values_are_counted_from_a_bucket_on(void **state)
{
    (void)state;
    record_range(&histogram, 1, 200);
    assert_int_equal(histogram_count_from(&histogram, 0), 200);
    assert_int_equal(histogram_count_from(&histogram, 101), 100);
    assert_int_equal(histogram_count_from(&histogram, 201), 0);
    assert_int_equal(histogram_count_from(&histogram, UINT64_MAX), 0);
}

/* 20,000 calls of 1 to 100, of which 40 were interrupted for 50,000; between the calls, in twice the time, 80 were. */
static void expected_interruptions_are_taken_off(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++)
        record_range(&histogram, 1, 100);
    for (int interruption = 0; interruption < 40; interruption++)
        histogram_record(&histogram, 50000);
    for (int interruption = 0; interruption < 80; interruption++)
        histogram_record(&other, 50000);
    record_range(&other, 1, 1000); /* the harness's own work, below the floor */
    assert_in_range(histogram_percentile(&histogram, 9999), 50000, 50390);
    assert_int_equal(histogram_percentile_less(&histogram, 9999, &other, 0.5, 2000), 100);
    assert_int_equal(histogram_percentile_less(&histogram, 5000, &other, 0.5, 2000),
                     histogram_percentile(&histogram, 4980));
    /* Half as many are expected: the rest is the allocator's doing. */
    assert_in_range(histogram_percentile_less(&histogram, 9999, &other, 0.25, 2000), 50000, 50390);
    assert_in_range(histogram_percentile_less(&histogram, 9999, &other, 0, 2000), 50000, 50390);
}

static void what_is_slower_than_interruptions_stays(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++)
        record_range(&histogram, 1, 100);
    for (int slow = 0; slow < 10; slow++) {
        histogram_record(&histogram, 300000); /* longer than any interruption */
        histogram_record(&other, 50000);
    }
    assert_in_range(histogram_percentile_less(&histogram, 9999, &other, 1, 2000), 300000, 302350);
}

static void more_interruptions_than_slow_calls_leave_no_nonsense(void **state)
{
    (void)state;
    record_range(&histogram, 1, 100);
    for (int interruption = 0; interruption < 1000; interruption++)
        histogram_record(&other, 50000);
    uint64_t told = histogram_percentile_less(&histogram, 9999, &other, 1, 2000);
    assert_in_range(told, 1, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_has_no_percentile, start_empty),
        cmocka_unit_test_setup(one_value_is_every_percentile, start_empty),
        cmocka_unit_test_setup(small_values_are_told_exactly, start_empty),
        cmocka_unit_test_setup(the_slowest_of_ten_thousand_is_beyond_p99_99, start_empty),
        cmocka_unit_test_setup(every_value_is_told_within_one_in_128, start_empty),
        cmocka_unit_test_setup(buckets_rise_with_the_values_and_end_with_them, start_empty),
        cmocka_unit_test_setup(extremes_are_kept, start_empty),
        cmocka_unit_test_setup(merging_is_recording_all_in_one, start_empty),
        cmocka_unit_test_setup(values_are_counted_from_a_bucket_on, start_empty),
        cmocka_unit_test_setup(expected_interruptions_are_taken_off, start_empty),
        cmocka_unit_test_setup(what_is_slower_than_interruptions_stays, start_empty),
        cmocka_unit_test_setup(more_interruptions_than_slow_calls_leave_no_nonsense, start_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
