/* SPDX-License-Identifier: MIT */
/* The mapping cache: which mapping serves a request, which go first, what is left of one that is cut, what is
 * remembered of those that went. */
#include "tests/space/mapping_cache.h"

#include "lib/space/metadata.h"

static void the_smallest_that_fits_serves(void **state)
{
    (void)state;
    char *large = add(48 * MIB), *fits = add(40 * MIB);
    add(36 * MIB);
    add(47 * MIB);
    check_bytes(171 * MIB);
    assert_ptr_equal(take(37 * MIB, PAGE_BYTES), fits);
    check_bytes(131 * MIB);
    assert_ptr_equal(take(47 * MIB + 1, PAGE_BYTES), large);
    check_bytes(83 * MIB);
    assert_null(take(47 * MIB + 1, PAGE_BYTES));
    check_bytes(83 * MIB);
}

static void no_more_than_a_quarter_is_wasted(void **state)
{
    (void)state;
    char *base = add(64 * MIB);
    assert_null(take(48 * MIB - 1, PAGE_BYTES));
    assert_ptr_equal(take(48 * MIB, PAGE_BYTES), base);
    check_bytes(0);
}

static void aligned_as_asked(void **state)
{
    (void)state;
    char *aligned = os_map_aligned(64 * MIB, 64 * MIB);
    assert_true(mapping_cache_add(&cache, (struct mapping){aligned + PAGE_BYTES, 40 * MIB}));
    assert_null(take(40 * MIB, 2 * PAGE_BYTES));
    assert_ptr_equal(take(40 * MIB, PAGE_BYTES), aligned + PAGE_BYTES);
    os_unmap(aligned, PAGE_BYTES);
    os_unmap(aligned + PAGE_BYTES + 40 * MIB, 24 * MIB - PAGE_BYTES);
    aligned = os_map_aligned(64 * MIB, 64 * MIB);
    assert_true(mapping_cache_add(&cache, (struct mapping){aligned, 64 * MIB}));
    assert_ptr_equal(take(60 * MIB, 64 * MIB), aligned);
}

/* What is dropped stays mapped until it is unmapped without the lock. */
static void the_oldest_go_first(void **state)
{
    (void)state;
    char *first = add(20 * MIB), *second = add(24 * MIB), *third = add(28 * MIB);
    assert_int_equal(mapping_cache_release(&cache, 30 * MIB),
                     44 * MIB); /* of the second less would be left than pays */
    check_bytes(28 * MIB);
    assert_int_equal(cache.purges, 2);
    assert_int_equal(cache.purged_bytes, 44 * MIB);
    assert_true(is_mapped(first) && is_mapped(second));
    unmap_dropped();
    assert_false(is_mapped(first) || is_mapped(first + 20 * MIB - PAGE_BYTES) || is_mapped(second));
    assert_null(cache.dropped.first);
    assert_ptr_equal(take(28 * MIB, PAGE_BYTES), third);
    assert_int_equal(mapping_cache_release(&cache, 1), 0);
}

/* An eighth of a mapping may go, at most 16 MiB, and the rest serves as if it were whole. */
static void one_may_lose_its_end(void **state)
{
    (void)state;
    char *base = add(200 * MIB);
    base[0] = base[184 * MIB - 1] = 1;
    assert_int_equal(mapping_cache_release(&cache, 10 * MIB - 1), 10 * MIB);
    assert_int_equal(mapping_cache_release(&cache, 6 * MIB), 6 * MIB);
    unmap_dropped();
    check_bytes(184 * MIB);
    assert_int_equal(cache.purged_bytes, 16 * MIB);
    assert_true(is_mapped(base + 184 * MIB - PAGE_BYTES));
    assert_false(is_mapped(base + 184 * MIB) || is_mapped(base + 200 * MIB - PAGE_BYTES));
    assert_null(take(200 * MIB + 1, PAGE_BYTES));
    assert_null(take(150 * MIB - 1, PAGE_BYTES)); /* a quarter of the whole would be wasted */
    struct mapping mapping;
    assert_true(mapping_cache_take(&cache, 200 * MIB, PAGE_BYTES, false, &mapping));
    assert_ptr_equal(mapping.base, base);
    assert_int_equal(mapping.bytes, 184 * MIB);
    assert_int_equal(base[0] + base[184 * MIB - 1], 2);
    check_bytes(0);
    os_unmap(base, mapping.bytes);
}

static void no_more_than_its_end(void **state)
{
    (void)state;
    add(40 * MIB);
    assert_int_equal(mapping_cache_release(&cache, 5 * MIB), 5 * MIB);
    assert_int_equal(mapping_cache_release(&cache, 1), 35 * MIB); /* the rest */
    add(40 * MIB);
    assert_int_equal(mapping_cache_release(&cache, 5 * MIB + 1), 40 * MIB);
    add(400 * MIB);
    assert_int_equal(mapping_cache_release(&cache, 16 * MIB + 1), 400 * MIB);
    check_bytes(0);
    unmap_dropped();
}

/* One that was cut and then dropped is remembered as a whole. */
static void a_cut_one_refaults_as_a_whole(void **state)
{
    (void)state;
    add(40 * MIB);
    mapping_cache_release(&cache, 5 * MIB);
    mapping_cache_release(&cache, 35 * MIB);
    retention_released(&retention, 40 * MIB, purge_clock());
    assert_null(take(40 * MIB, PAGE_BYTES));
    assert_int_equal(retention.earned, 80 * MIB);
    unmap_dropped();
}

/* The delay of the time when a mapping was retained counts, fourfold after a refault. */
static void due_after_the_delay(void **state)
{
    (void)state;
    hak_active_profile.purge_delay = 1000;
    assert_int_equal(mapping_cache_next_purge(&cache), 0);
    uint64_t start = purge_clock();
    add(20 * MIB);
    uint64_t first = mapping_cache_next_purge(&cache);
    assert_true(first > start + 1000 && first <= purge_clock() + 1001);
    retention.delay_shift = 2;
    add(30 * MIB);
    assert_int_equal(mapping_cache_next_purge(&cache), first);
    assert_int_equal(mapping_cache_purge_due(&cache, first - 1), 0);
    assert_int_equal(mapping_cache_purge_due(&cache, first), 20 * MIB);
    check_bytes(30 * MIB);
    uint64_t second = mapping_cache_next_purge(&cache);
    assert_true(second > start + 4000 && second <= purge_clock() + 4001);
    assert_int_equal(mapping_cache_purge_due(&cache, second), 30 * MIB);
    assert_int_equal(mapping_cache_next_purge(&cache), 0);
    unmap_dropped();
}

/* A mapping that had waited is taken again: that counts once. */
static void what_aged_refaults_once(void **state)
{
    (void)state;
    add(40 * MIB);
    add(60 * MIB);
    uint64_t now = purge_clock();
    mapping_cache_purge_due(&cache, now + 2 * HAK_PROFILE(purge_delay));
    retention.aged_time = now; /* not in an hour */
    assert_int_equal(retention.aged, 100 * MIB);
    assert_null(take(29 * MIB, PAGE_BYTES)); /* would have wasted too much */
    assert_null(take(61 * MIB, PAGE_BYTES));
    assert_int_equal(retention.aged, 100 * MIB);
    assert_null(take(39 * MIB, PAGE_BYTES));
    assert_int_equal(retention.aged, 61 * MIB);
    assert_int_equal(retention.refaulted, 39 * MIB);
    assert_null(take(39 * MIB, PAGE_BYTES)); /* the other one was longer than that by more than a quarter */
    assert_int_equal(retention.aged, 61 * MIB);
    assert_null(take(60 * MIB, PAGE_BYTES)); /* and now more than half has been taken again */
    assert_int_equal(retention.delay_shift, 2);
    assert_int_equal(retention.aged + retention.refaulted, 0);
    unmap_dropped();
}

static void what_was_released_refaults_once(void **state)
{
    (void)state;
    add(20 * MIB);
    assert_int_equal(mapping_cache_release(&cache, 20 * MIB), 20 * MIB);
    assert_null(take(20 * MIB, PAGE_BYTES)); /* nobody said that it was released for a limit */
    assert_int_equal(retention.earned, 0);
    retention_released(&retention, 20 * MIB, purge_clock());
    for (int i = 0; i < 3; i++)
        assert_null(take(20 * MIB, PAGE_BYTES));
    assert_int_equal(retention.earned, 40 * MIB);
    unmap_dropped();
}

static void what_is_as_cheap_anew_earns_nothing(void **state)
{
    (void)state;
    add(20 * MIB);
    assert_int_equal(mapping_cache_release(&cache, 20 * MIB), 20 * MIB);
    retention_released(&retention, 20 * MIB, purge_clock());
    struct mapping mapping;
    assert_false(mapping_cache_take(&cache, 20 * MIB, PAGE_BYTES, true, &mapping));
    assert_int_equal(retention.earned, 0);
    assert_null(take(20 * MIB, PAGE_BYTES)); /* and it is still remembered */
    assert_int_equal(retention.earned, 40 * MIB);
    unmap_dropped();
    char *base = add(20 * MIB);
    assert_true(mapping_cache_take(&cache, 20 * MIB, PAGE_BYTES, true, &mapping)); /* but what is there serves */
    assert_ptr_equal(mapping.base, base);
    os_unmap(mapping.base, mapping.bytes);
}

/* The last so many are remembered. */
static void ghosts_are_forgotten(void **state)
{
    (void)state;
    for (size_t i = 0; i < MAPPING_CACHE_GHOSTS + 2; i++)
        add(20 * MIB);
    mapping_cache_release(&cache, cache.bytes);
    retention_released(&retention, (MAPPING_CACHE_GHOSTS + 2) * 20 * MIB, purge_clock());
    for (size_t i = 0; i < MAPPING_CACHE_GHOSTS + 2; i++)
        assert_null(take(20 * MIB, PAGE_BYTES));
    assert_int_equal(retention.released, 2 * 20 * MIB);
    unmap_dropped();
}

/* What is taken from the cache is no refault. */
static void a_hit_is_no_refault(void **state)
{
    (void)state;
    add(40 * MIB);
    mapping_cache_release(&cache, 40 * MIB);
    retention_released(&retention, 40 * MIB, purge_clock());
    char *base = add(40 * MIB);
    assert_ptr_equal(take(40 * MIB, PAGE_BYTES), base);
    assert_int_equal(retention.earned, 0);
    unmap_dropped();
}

static void entries_are_reused(void **state)
{
    (void)state;
    for (size_t i = 0; i < 100; i++)
        add(PAGE_BYTES);
    uint64_t metadata = metadata_bytes();
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < 50; i++) /* some are taken, others dropped */
            assert_non_null(take(PAGE_BYTES, PAGE_BYTES));
        mapping_cache_release(&cache, cache.bytes);
        unmap_dropped();
        check_bytes(0);
        for (size_t i = 0; i < 100; i++)
            add(PAGE_BYTES);
    }
    assert_int_equal(metadata_bytes(), metadata);
}

static void add_range(struct census_range range, void *sum)
{
    *(size_t *)sum += range.bytes + (size_t)range.base;
}

/* Addresses and bytes of all mappings that are in the census, added. */
static size_t in_census(void)
{
    size_t sum = 0;
    census_each(&mapping_cache_census, add_range, &sum);
    return sum;
}

static void the_census_has_them_all(void **state)
{
    (void)state;
    assert_int_equal(in_census(), 0);
    char *first = add(20 * MIB), *second = add(40 * MIB);
    assert_int_equal(in_census(), (size_t)first + (size_t)second + 60 * MIB);
    mapping_cache_release(&cache, PAGE_BYTES); /* the first one loses its end */
    assert_int_equal(in_census(), (size_t)first + (size_t)second + 60 * MIB - PAGE_BYTES);
    struct mapping mapping;
    assert_true(mapping_cache_take(&cache, 40 * MIB, PAGE_BYTES, false, &mapping));
    assert_int_equal(in_census(), (size_t)first + 20 * MIB - PAGE_BYTES);
    os_unmap(mapping.base, mapping.bytes);
    mapping_cache_release(&cache, 20 * MIB);
    assert_int_equal(in_census(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_smallest_that_fits_serves),
        TEST(no_more_than_a_quarter_is_wasted),
        TEST(aligned_as_asked),
        TEST(the_oldest_go_first),
        TEST(one_may_lose_its_end),
        TEST(no_more_than_its_end),
        TEST(a_cut_one_refaults_as_a_whole),
        TEST(due_after_the_delay),
        TEST(what_aged_refaults_once),
        TEST(what_was_released_refaults_once),
        TEST(what_is_as_cheap_anew_earns_nothing),
        TEST(ghosts_are_forgotten),
        TEST(a_hit_is_no_refault),
        TEST(entries_are_reused),
        TEST(the_census_has_them_all),
    };
    return cmocka_run_group_tests(tests, start_os, NULL);
}
