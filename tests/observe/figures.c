/* SPDX-License-Identifier: MIT */
/* The arithmetic of the statistics: of a class the parts make up the whole, whatever was counted. */
#include "tests/base/child.h"

#include <hakmem/figures.h>

#define SLAB_SIZE 65536u

static struct hak_class_figures of(uint64_t slabs, int64_t taken, uint64_t cached, uint64_t returned)
{
    struct hak_class_figures figures = hak_class_figures(&(struct hak_class_counts){.size = 48,
                                                                                    .blocks = 1365,
                                                                                    .slab_size = SLAB_SIZE,
                                                                                    .slabs = slabs,
                                                                                    .taken = taken,
                                                                                    .cached = cached,
                                                                                    .returned = returned});
    assert_int_equal(figures.allocated + figures.cached + figures.free, slabs * 1365);
    assert_int_equal(figures.slab_bytes, slabs * SLAB_SIZE);
    assert_int_equal(figures.allocated_bytes + figures.cached_bytes + figures.free_bytes + figures.rounding_bytes,
                     figures.slab_bytes);
    assert_int_equal(figures.rounding_bytes, slabs * 16);
    return figures;
}

static void each_block_is_somewhere(void **state)
{
    (void)state;
    struct hak_class_figures figures = of(2, 1000, 100, 30);
    assert_int_equal(figures.allocated, 870);
    assert_int_equal(figures.cached, 100);
    assert_int_equal(figures.free, 2 * 1365 - 970);
    assert_int_equal(figures.allocated_bytes, 870 * 48);
    assert_int_equal(of(0, 0, 0, 0).slab_bytes, 0);
    assert_int_equal(of(1, 1365, 0, 0).free, 0);
}

/* Counts of threads that run are of different moments. */
static void counts_that_contradict_each_other(void **state)
{
    (void)state;
    assert_int_equal(of(1, -7, 0, 0).allocated, 0);
    assert_int_equal(of(1, 10, 20, 0).allocated, 0);
    assert_int_equal(of(1, 10, 20, 0).cached, 20);
    assert_int_equal(of(1, 5000, 0, 0).allocated, 1365);
    assert_int_equal(of(1, 5000, 3000, 0).allocated, 0);
    assert_int_equal(of(1, 5000, 3000, 0).cached, 1365);
    assert_int_equal(of(0, 5, 5, 5).cached, 0);
    uint32_t random = 3;
    for (unsigned i = 0; i < 100000; i++)
        of(random_next(&random) % 4, (int64_t)(random_next(&random) % 8000) - 2000, random_next(&random) % 5000,
           random_next(&random) % 2000);
}

static void shares(void **state)
{
    (void)state;
    assert_true(hak_fragmentation(0, 0) == 0 && hak_fragmentation(5, 4) == 0 && hak_fragmentation(4, 4) == 0);
    assert_true(hak_fragmentation(1, 4) == 0.75 && hak_fragmentation(0, 4) == 1);
    assert_int_equal(hak_retained_bytes(100, 60, 7), 47);
    assert_int_equal(hak_retained_bytes(60, 100, 7), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_block_is_somewhere),
                                       cmocka_unit_test(counts_that_contradict_each_other), cmocka_unit_test(shares)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
