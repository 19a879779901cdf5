/* SPDX-License-Identifier: MIT */
#include "lib/sample/sort.h"

#include "lib/base/splitmix.h"
#include "tests/profile/cmocka_all.h"

#define MOST 300

/* Each length up to MOST, with few different keys and with many. */
static void items_ascend_and_keep_their_values(void **state)
{
    (void)state;
    static struct sort_item items[MOST];
    static const char values[MOST];
    uint64_t random = 1;
    for (size_t count = 0; count <= MOST; count++) {
        uint64_t keys = count % 2 == 0 ? 5 : UINT64_MAX, sum = 0, sum_of_values = 0;
        for (size_t i = 0; i < count; i++) {
            items[i] = (struct sort_item){splitmix_next(&random) % keys, &values[i]};
            sum += items[i].key * (i + 1);
        }
        sort_items(items, count);
        for (size_t i = 0; i < count; i++) {
            assert_true(i == 0 || items[i - 1].key <= items[i].key);
            sum_of_values += items[i].key * (uint64_t)((const char *)items[i].value - values + 1);
        }
        assert_true(sum == sum_of_values);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(items_ascend_and_keep_their_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
