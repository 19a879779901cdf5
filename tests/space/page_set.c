/* SPDX-License-Identifier: MIT */
/* page_set against an array of bools. */
#include "lib/space/page_set.h"

#include "tests/base/child.h"

#define PAGES 1024

static void agrees_with_a_naive_model(void **state)
{
    (void)state;
    static uint64_t set[PAGES / 64];
    static bool model[PAGES];
    uint32_t seed = 1;
    for (int step = 0; step < 20000; step++) {
        size_t first = random_next(&seed) % PAGES;
        size_t count = random_next(&seed) % (step % 2 == 0 ? 5 : PAGES - first + 1);
        count = count < PAGES - first ? count : PAGES - first;
        bool any = false;
        for (size_t page = first; page < first + count; page++)
            any |= model[page];
        assert_int_equal(page_set_any(set, first, count), any);
        bool add = random_next(&seed) % 2 == 0;
        add ? page_set_add(set, first, count) : page_set_remove(set, first, count);
        for (size_t page = first; page < first + count; page++)
            model[page] = add;
        size_t from = random_next(&seed) % PAGES, end = from + random_next(&seed) % (PAGES - from + 1);
        for (int in = 0; in < 2; in++) {
            size_t next = from;
            while (next < end && model[next] != in)
                next++;
            assert_int_equal(page_set_next(set, from, end, in), next);
        }
        size_t after = end;
        while (after > 0 && !model[after - 1])
            after--;
        assert_int_equal(page_set_after_last(set, end), after);
    }
}

static void whole_set(void **state)
{
    (void)state;
    uint64_t set[PAGES / 64] = {0};
    page_set_add(set, 0, PAGES);
    assert_int_equal(page_set_next(set, 0, PAGES, false), PAGES);
    assert_int_equal(page_set_after_last(set, PAGES), PAGES);
    page_set_remove(set, PAGES - 1, 1);
    assert_int_equal(page_set_after_last(set, PAGES), PAGES - 1);
    assert_int_equal(page_set_next(set, 0, PAGES, false), PAGES - 1);
    page_set_remove(set, 0, PAGES);
    assert_false(page_set_any(set, 0, PAGES));
    assert_int_equal(page_set_after_last(set, PAGES), 0);
    assert_int_equal(page_set_after_last(set, 0), 0);
}

static void words_suffice(void **state)
{
    (void)state;
    assert_int_equal(page_set_words(1), 1);
    assert_int_equal(page_set_words(64), 1);
    assert_int_equal(page_set_words(65), 2);
    assert_int_equal(page_set_words(PAGES), PAGES / 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_a_naive_model), cmocka_unit_test(whole_set),
                                       cmocka_unit_test(words_suffice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
