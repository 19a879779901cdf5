/* The page map, flat and in two levels. */
#include "lib/space/page_map.h"

#include "tests/base/child.h"

#define ADDRESS(page) ((void *)((uintptr_t)(page) << PAGE_SHIFT))
#define LEAF ((size_t)1 << 16)

static void sets_changes_and_clears(void)
{
    size_t pages[] = {1, LEAF - 2, 7 * LEAF + 5, PAGE_MAP_PAGES - 8};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        char *address = ADDRESS(pages[i]);
        size_t count = 4; /* the second one crosses from leaf to leaf */
        CHILD_CHECK(page_map_entry(address) == PAGE_FOREIGN);
        CHILD_CHECK(page_map_set(address, count, 0x1234507, &pages[i]));
        for (size_t page = 0; page < count; page++) {
            CHILD_CHECK(page_map_entry(address + page * PAGE_BYTES + 17) == 0x1234507);
            CHILD_CHECK(page_map_descriptor(address + page * PAGE_BYTES + PAGE_BYTES - 1) == &pages[i]);
        }
        CHILD_CHECK(page_map_entry(address - 1) == PAGE_FOREIGN && page_map_entry(address + count * PAGE_BYTES) == PAGE_FOREIGN);
        page_map_change(address, 2, 0xffffff01);
        CHILD_CHECK(page_map_entry(address) == 0xffffff01 && page_map_entry(address + 2 * PAGE_BYTES) == 0x1234507);
        page_map_clear(address, count);
        for (size_t page = 0; page < count; page++)
            CHILD_CHECK(page_map_entry(address + page * PAGE_BYTES) == PAGE_FOREIGN);
    }
}

static void wild_addresses(void)
{
    CHILD_CHECK(page_map_entry(NULL) == PAGE_FOREIGN);
    CHILD_CHECK(page_map_entry((void *)UINTPTR_MAX) == PAGE_FOREIGN);
    CHILD_CHECK(page_map_entry(ADDRESS(PAGE_MAP_PAGES)) == PAGE_FOREIGN);
    CHILD_CHECK(page_map_entry(ADDRESS(PAGE_MAP_PAGES - 1)) == PAGE_FOREIGN);
    CHILD_CHECK(!page_map_set(ADDRESS(PAGE_MAP_PAGES), 1, 700, NULL));
    CHILD_CHECK(!page_map_set(ADDRESS(PAGE_MAP_PAGES - 1), 2, 700, NULL));
    CHILD_CHECK(page_map_entry(ADDRESS(PAGE_MAP_PAGES - 1)) == PAGE_FOREIGN);
}

static void flat_in_child(void)
{
    page_map_start();
    CHILD_CHECK(page_map_flat != NULL);
    wild_addresses();
    sets_changes_and_clears();
}

static void two_levels_in_child(void)
{
    limit_address_space((size_t)1 << 30);
    page_map_start();
    CHILD_CHECK(page_map_flat == NULL);
    wild_addresses();
    sets_changes_and_clears();
}

static void refused_leaf_in_child(void)
{
    limit_address_space((size_t)1 << 30);
    page_map_start();
    CHILD_CHECK(page_map_set(ADDRESS(5), 1, 700, NULL));
    limit_address_space((size_t)64 << 10);
    CHILD_CHECK(!page_map_set(ADDRESS(LEAF - 1), 2, 701, NULL)); /* its second page needs a leaf, so its first one is not set either */
    CHILD_CHECK(page_map_entry(ADDRESS(LEAF - 1)) == PAGE_FOREIGN && page_map_entry(ADDRESS(5)) == 700);
    lift_address_space();
    CHILD_CHECK(page_map_set(ADDRESS(LEAF - 1), 2, 701, NULL) && page_map_entry(ADDRESS(LEAF)) == 701);
}

static void flat(void **state)
{
    (void)state;
    assert_child_passes(flat_in_child);
}

static void two_levels(void **state)
{
    (void)state;
    assert_child_passes(two_levels_in_child);
}

static void a_refused_leaf_sets_nothing(void **state)
{
    (void)state;
    assert_child_passes(refused_leaf_in_child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(flat), cmocka_unit_test(two_levels), cmocka_unit_test(a_refused_leaf_sets_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
