/* SPDX-License-Identifier: MIT */
/* Which ranges a census has: written by one thread, read by any. */
#include "lib/space/census.h"

#include "tests/profile/cmocka_all.h"

#include <pthread.h>

static char *at(uint64_t page)
{
    return (char *)(uintptr_t)(page << PAGE_SHIFT);
}

static void a_range_survives_its_word(void **state)
{
    (void)state;
    static const struct {
        uint64_t page, pages;
        bool mark;
    } cases[] = {{1, 1, false},
                 {1, 1, true},
                 {0x7fffffff, 16, true},
                 {0xffffffff, (UINT64_C(1) << CENSUS_COUNT_BITS) - 1, false},
                 {0x12345678, (UINT64_C(1) << CENSUS_COUNT_BITS) - 1, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct census_entry entry = {0};
        census_note(&entry, at(cases[i].page), cases[i].pages << PAGE_SHIFT, cases[i].mark);
        struct census_range range = census_range_of(atomic_load_explicit(&entry.range, memory_order_relaxed));
        assert_ptr_equal(range.base, at(cases[i].page));
        assert_int_equal(range.bytes, cases[i].pages << PAGE_SHIFT);
        assert_int_equal(range.marked, cases[i].mark);
    }
}

struct seen {
    size_t ranges, bytes;
};

static void look(struct census_range range, void *context)
{
    struct seen *seen = context;
    seen->ranges++;
    seen->bytes += range.bytes;
    assert_ptr_equal(range.base, at(range.bytes >> PAGE_SHIFT)); /* as this test has it */
}

static struct seen see(const struct census *census)
{
    struct seen seen = {0};
    census_each(census, look, &seen);
    return seen;
}

static void those_without_a_range_are_passed_by(void **state)
{
    (void)state;
    struct census census = {NULL};
    struct census_entry entries[5] = {{0}};
    assert_int_equal(see(&census).ranges, 0);
    for (size_t i = 0; i < 5; i++) {
        census_enter(&census, &entries[i]);
        census_note(&entries[i], at(i + 1), (i + 1) << PAGE_SHIFT, false);
    }
    assert_int_equal(see(&census).ranges, 5);
    assert_int_equal(see(&census).bytes, 15 << PAGE_SHIFT);
    census_clear(&entries[0]);
    census_clear(&entries[3]);
    assert_int_equal(see(&census).bytes, 10 << PAGE_SHIFT);
    census_note(&entries[3], at(7), 7 << PAGE_SHIFT, true);
    assert_int_equal(see(&census).ranges, 4);
    assert_int_equal(see(&census).bytes, 17 << PAGE_SHIFT);
}

#define ENTRIES 2000
static struct census shared;
static struct census_entry entries[ENTRIES];

static void *write_on(void *unused)
{
    for (size_t i = 0; i < ENTRIES; i++) {
        census_enter(&shared, &entries[i]);
        census_note(&entries[i], at(i + 1), (i + 1) << PAGE_SHIFT, false);
        if (i >= 10)
            census_clear(&entries[i - 10]);
    }
    return unused;
}

/* A reader sees whole ranges alone. (A sanitizer sees whether it may.) */
static void readers_need_no_lock(void **state)
{
    (void)state;
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_on, NULL), 0);
    for (size_t i = 0; i < 200; i++)
        see(&shared);
    pthread_join(writer, NULL);
    assert_int_equal(see(&shared).ranges, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_range_survives_its_word),
                                       cmocka_unit_test(those_without_a_range_are_passed_by),
                                       cmocka_unit_test(readers_need_no_lock)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
