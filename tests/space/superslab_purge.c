/* SPDX-License-Identifier: MIT */
/* Which pages of a SuperSlab go back to the kernel when not all do, and that those which went are known. */
#include "lib/space/superslab.h"
#include "tests/base/child.h"
#include "tests/base/start_os.h"

#define MIB ((size_t)1 << 20)

/* Pages go when they were unused at two looks in a row. */
static void stale_pages_alone(void **state)
{
    (void)state;
    bool zeroed;
    struct superslab *superslab = superslab_map(MIB, SUPERSLAB_PLAIN, false);
    char *first = superslab_take(superslab, 2, PAGE_BYTES, &zeroed),
         *second = superslab_take(superslab, 2, PAGE_BYTES, &zeroed);
    superslab_give(superslab, first, 2);
    assert_int_equal(superslab_purge_stale(superslab), 0);
    superslab_give(superslab, second, 2);
    assert_int_equal(superslab_purge_stale(superslab), 2 * PAGE_BYTES);         /* the first two */
    assert_ptr_equal(superslab_take(superslab, 3, PAGE_BYTES, &zeroed), first); /* used in between */
    superslab_give(superslab, first, 3);
    assert_int_equal(superslab_purge_stale(superslab), PAGE_BYTES); /* the last, which was not */
    assert_int_equal(superslab_purge_stale(superslab), 3 * PAGE_BYTES);
    assert_int_equal(superslab->retained_pages, 0);
    superslab_unmap(superslab);
}

/* The highest pages go, as many as need be. */
static void the_tail_goes_first(void **state)
{
    (void)state;
    bool zeroed;
    struct superslab *superslab = superslab_map(8 * MIB, SUPERSLAB_AREA, false);
    char *low = superslab_take(superslab, 40, PAGE_BYTES, &zeroed),
         *kept = superslab_take(superslab, 3, PAGE_BYTES, &zeroed);
    char *high = superslab_take(superslab, 20, PAGE_BYTES, &zeroed);
    memset(low, 1, 63 * PAGE_BYTES);
    superslab_give(superslab, low, 40);
    superslab_give(superslab, high, 20);
    assert_int_equal(superslab_purge_tail(superslab, 5 * PAGE_BYTES - 1), 5 * PAGE_BYTES);
    assert_int_equal(os_resident(high, 20 * PAGE_BYTES), 15 * PAGE_BYTES);
    assert_int_equal(high[14 * PAGE_BYTES], 1);
    assert_int_equal(superslab_purge_tail(superslab, 17 * PAGE_BYTES),
                     17 * PAGE_BYTES); /* what is left there, and two pages below what is in use */
    assert_int_equal(os_resident(high, 20 * PAGE_BYTES), 0);
    assert_int_equal(os_resident(low, 40 * PAGE_BYTES), 38 * PAGE_BYTES);
    assert_int_equal(kept[0], 1);
    assert_int_equal(superslab->retained_pages, 38);
    assert_int_equal(superslab_purge_tail(superslab, 8 * MIB), 38 * PAGE_BYTES);
    assert_int_equal(superslab_purge_tail(superslab, 8 * MIB), 0);
    assert_int_equal(superslab->retained_pages, 0);
    superslab_give(superslab, kept, 3);
    superslab_unmap(superslab);
}

/* What went back page by page, from the end or as stale is known, and nothing else is. */
static void what_was_given_back_is_known(void **state)
{
    (void)state;
    bool zeroed;
    struct superslab *superslab = superslab_map(MIB, SUPERSLAB_PLAIN, false);
    char *run = superslab_take(superslab, 8, PAGE_BYTES, &zeroed);
    assert_int_equal(superslab_reuse_released(superslab, run, 8), 0); /* fresh */
    superslab_give(superslab, run, 8);
    run = superslab_take(superslab, 8, PAGE_BYTES, &zeroed);
    assert_int_equal(superslab_reuse_released(superslab, run, 8), 0); /* retained */
    superslab_give(superslab, run, 8);
    assert_int_equal(superslab_purge_tail(superslab, 3 * PAGE_BYTES), 3 * PAGE_BYTES);
    run = superslab_take(superslab, 6, PAGE_BYTES, &zeroed); /* five are retained, one was given back */
    assert_int_equal(superslab_reuse_released(superslab, run, 6), 1);
    assert_true(superslab_extend(superslab, run, 6, 4, &zeroed)); /* two that were given back, two fresh ones */
    assert_int_equal(superslab_reuse_released(superslab, run + 6 * PAGE_BYTES, 4), 2);
    superslab_give(superslab, run, 10);
    assert_int_equal(superslab_purge_stale(superslab) + superslab_purge_stale(superslab), 10 * PAGE_BYTES);
    run = superslab_take(superslab, 16, PAGE_BYTES, &zeroed);
    assert_int_equal(superslab_reuse_released(superslab, run, 16), 10);
    superslab_give(superslab, run, 16);
    superslab_unmap(superslab);
}

/* One that is unmapped is survived by the number of its pages that had gone or go with it; the next one's lowest pages
 * count for them. */
static void what_was_given_back_survives_unmapping(void **state)
{
    (void)state;
    bool zeroed;
    struct superslab *superslab = superslab_map(MIB, SUPERSLAB_PLAIN, false);
    assert_int_equal(superslab_released(superslab), 0);
    char *run = superslab_take(superslab, 8, PAGE_BYTES, &zeroed);
    superslab_give(superslab, run, 8);
    assert_int_equal(superslab_released(superslab), 8);
    superslab_purge_tail(superslab, 3 * PAGE_BYTES);
    assert_int_equal(superslab_released(superslab), 8); /* three that had gone, five that will */
    superslab_unmap(superslab);
    superslab = superslab_map(MIB, SUPERSLAB_PLAIN, false);
    assert_int_equal(superslab_mark_released(superslab, 5), 5);
    run = superslab_take(superslab, 3, PAGE_BYTES, &zeroed);
    assert_true(zeroed);
    assert_int_equal(superslab_reuse_released(superslab, run, 3), 3);
    char *more = superslab_take(superslab, 10, PAGE_BYTES, &zeroed);
    assert_int_equal(superslab_reuse_released(superslab, more, 10), 2);
    superslab_give(superslab, run, 3);
    superslab_give(superslab, more, 10);
    superslab_unmap(superslab);
    superslab = superslab_map(MIB, SUPERSLAB_PLAIN, false);
    assert_int_equal(superslab_mark_released(superslab, 1000), 16); /* all */
    superslab_unmap(superslab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stale_pages_alone),
        cmocka_unit_test(the_tail_goes_first),
        cmocka_unit_test(what_was_given_back_is_known),
        cmocka_unit_test(what_was_given_back_survives_unmapping),
    };
    return cmocka_run_group_tests(tests, start_os, NULL);
}
