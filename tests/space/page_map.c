/* SPDX-License-Identifier: MIT */
/* The page map, flat and in two levels. */
#include "lib/space/page_map.h"

#include "tests/base/child.h"

#define ADDRESS(page) ((void *)((uintptr_t)(page) << PAGE_SHIFT))
#define LEAF ((size_t)1 << 16)

/* Four pages from PAGE on. */
static void sets_changes_and_clears_at(size_t page)
{
    char *address = ADDRESS(page);
    size_t count = 4;
    CHILD_CHECK(page_map_entry(address) == PAGE_FOREIGN);
    CHILD_CHECK(page_map_set(address, count, 0x1234507, &count));
    for (size_t i = 0; i < count; i++) {
        CHILD_CHECK(page_map_entry(address + i * PAGE_BYTES + 17) == 0x1234507);
        CHILD_CHECK(page_map_descriptor(address + i * PAGE_BYTES + PAGE_BYTES - 1) == &count);
    }
    CHILD_CHECK(page_map_entry(address - 1) == PAGE_FOREIGN &&
                page_map_entry(address + count * PAGE_BYTES) == PAGE_FOREIGN);
    page_map_change(address, 2, 0xffffff01);
    CHILD_CHECK(page_map_entry(address) == 0xffffff01 && page_map_entry(address + 2 * PAGE_BYTES) == 0x1234507);
    page_map_clear(address, count);
    for (size_t i = 0; i < count; i++)
        CHILD_CHECK(page_map_entry(address + i * PAGE_BYTES) == PAGE_FOREIGN);
}

static void sets_changes_and_clears(void)
{
    size_t pages[] = {1, LEAF - 2, 7 * LEAF + 5, PAGE_MAP_PAGES - 8}; /* the second crosses from leaf to leaf */
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        sets_changes_and_clears_at(pages[i]);
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
    CHILD_CHECK(page_map_window.entry != NULL);
    size_t here = (uintptr_t)page_map_window.entry >> PAGE_SHIFT, piece = PAGE_MAP_WINDOW / 64;
    CHILD_CHECK(here - page_map_window.first < PAGE_MAP_WINDOW); /* what the kernel gives lies in the window */
    wild_addresses();
    sets_changes_and_clears();
    sets_changes_and_clears_at(here);
    sets_changes_and_clears_at(page_map_window.first + 3 * piece - 2); /* from piece to piece */
    if (page_map_window.first != 0)
        sets_changes_and_clears_at(page_map_window.first - 2); /* into the window */
    sets_changes_and_clears_at(page_map_window.first + PAGE_MAP_WINDOW - 8);
    if (page_map_window.first + PAGE_MAP_WINDOW < PAGE_MAP_PAGES)
        sets_changes_and_clears_at(page_map_window.first + PAGE_MAP_WINDOW - 2); /* and out of it */
}

/* Neither map is written where a piece cannot become writable. */
static void refused_piece_in_child(void)
{
    page_map_start();
    size_t page = page_map_window.first + PAGE_MAP_WINDOW / 2;
    struct rlimit none = {0, 0};
    CHILD_CHECK(setrlimit(RLIMIT_DATA, &none) == 0);
    if (mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) {
        dprintf(STDERR_FILENO, "memory cannot be limited here (in an emulator?)\n");
        _exit(CHILD_SKIPPED);
    }
    CHILD_CHECK(!page_map_set(ADDRESS(page), 1, 700, NULL));
    CHILD_CHECK(page_map_entry(ADDRESS(page)) == PAGE_FOREIGN);
}

static void two_levels_in_child(void)
{
    limit_address_space((size_t)128 << 20); /* less than the reservation */
    page_map_start();
    CHILD_CHECK(page_map_window.entry == NULL);
    wild_addresses();
    sets_changes_and_clears();
}

static void refused_leaf_in_child(void)
{
    limit_address_space((size_t)128 << 20); /* less than the reservation */
    page_map_start();
    CHILD_CHECK(page_map_set(ADDRESS(5), 1, 700, NULL));
    limit_address_space((size_t)64 << 10);
    CHILD_CHECK(!page_map_set(ADDRESS(LEAF - 1), 2, 701,
                              NULL)); /* its second page needs a leaf, so its first one is not set either */
    CHILD_CHECK(page_map_entry(ADDRESS(LEAF - 1)) == PAGE_FOREIGN && page_map_entry(ADDRESS(5)) == 700);
    lift_address_space();
    CHILD_CHECK(page_map_set(ADDRESS(LEAF - 1), 2, 701, NULL) && page_map_entry(ADDRESS(LEAF)) == 701);
}

static void flat(void **state)
{
    (void)state;
    assert_child_passes(flat_in_child);
}

static void a_refused_piece_sets_nothing(void **state)
{
    (void)state;
    assert_child_passes(refused_piece_in_child);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(flat), cmocka_unit_test(a_refused_piece_sets_nothing),
                                       cmocka_unit_test(two_levels), cmocka_unit_test(a_refused_leaf_sets_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
