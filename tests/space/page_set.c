/* page_set against an array of bools. */
#include "lib/space/page_set.h"

#include "tests/base/child.h"

static void agrees_with_a_naive_model(void **state)
{
    (void)state;
    static struct page_set set;
    static bool model[PAGE_SET_MAX];
    uint32_t seed = 1;
    for (int step = 0; step < 20000; step++) {
        size_t first = random_next(&seed) % PAGE_SET_MAX;
        size_t count = random_next(&seed) % (step % 2 == 0 ? 5 : PAGE_SET_MAX - first + 1);
        count = count < PAGE_SET_MAX - first ? count : PAGE_SET_MAX - first;
        bool any = false;
        for (size_t page = first; page < first + count; page++)
            any |= model[page];
        assert_int_equal(page_set_any(&set, first, count), any);
        bool add = random_next(&seed) % 2 == 0;
        add ? page_set_add(&set, first, count) : page_set_remove(&set, first, count);
        for (size_t page = first; page < first + count; page++)
            model[page] = add;
        size_t from = random_next(&seed) % PAGE_SET_MAX, end = from + random_next(&seed) % (PAGE_SET_MAX - from + 1);
        for (int in = 0; in < 2; in++) {
            size_t next = from;
            while (next < end && model[next] != in)
                next++;
            assert_int_equal(page_set_next(&set, from, end, in), next);
        }
    }
}

static void whole_set(void **state)
{
    (void)state;
    struct page_set set = {0};
    page_set_add(&set, 0, PAGE_SET_MAX);
    assert_int_equal(page_set_next(&set, 0, PAGE_SET_MAX, false), PAGE_SET_MAX);
    page_set_remove(&set, PAGE_SET_MAX - 1, 1);
    assert_int_equal(page_set_next(&set, 0, PAGE_SET_MAX, false), PAGE_SET_MAX - 1);
    page_set_remove(&set, 0, PAGE_SET_MAX);
    assert_false(page_set_any(&set, 0, PAGE_SET_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_a_naive_model), cmocka_unit_test(whole_set)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
