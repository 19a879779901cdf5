/* SPDX-License-Identifier: MIT */
/* The page map: its window, which grows and moves, and the leaves for what lies outside. Each test runs in a child,
 * where nothing has been set. */
#include "lib/space/page_map.h"

#include "lib/base/os.h"
#include "lib/space/metadata.h"
#include "tests/base/child.h"

#include <pthread.h>

#define ADDRESS(page) ((void *)((uintptr_t)(page) << PAGE_SHIFT))
#define GIB_PAGES ((size_t)1 << (30 - PAGE_SHIFT))
#define LEAF ((size_t)1 << 10)
#define HOME ((size_t)0x7f00 << (32 - PAGE_SHIFT)) /* where the heap begins */

static bool in_window(size_t page)
{
    struct page_map_window *window = page_map_window();
    return page_map_window_page(window, ADDRESS(page)) < window->pages;
}

static bool is(size_t page, uint32_t entry, void *descriptor)
{
    return page_map_entry(ADDRESS(page)) == entry && page_map_descriptor(ADDRESS(page)) == descriptor;
}

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

static void wild_addresses(void)
{
    CHILD_CHECK(page_map_entry(NULL) == PAGE_FOREIGN);
    CHILD_CHECK(page_map_entry((void *)UINTPTR_MAX) == PAGE_FOREIGN);
    CHILD_CHECK(page_map_entry(ADDRESS(HOME)) == PAGE_FOREIGN);
}

/* Takes no address space from the kernel, and has the first page and what comes below. */
static void first_window_in_child(void)
{
    wild_addresses();
    size_t before = address_space_bytes();
    sets_changes_and_clears_at(HOME);
    CHILD_CHECK(address_space_bytes() == before);
    CHILD_CHECK(in_window(HOME) && in_window(HOME - GIB_PAGES / 4));
    wild_addresses();
    size_t edge = page_map_window()->first;
    sets_changes_and_clears_at(edge);
    sets_changes_and_clears_at(edge + 16 * LEAF - 2); /* from page to page of the map, of whatever size */
}

/* The kernel refuses to read into what is not writable. */
static bool is_writable(char *address)
{
    int ends[2];
    char byte = 0;
    CHILD_CHECK(pipe(ends) == 0 && write(ends[1], &byte, 1) == 1);
    bool writable = read(ends[0], address, 1) == 1;
    close(ends[0]);
    close(ends[1]);
    return writable;
}

/* What lies outside comes into a larger window, whichever side it is on, and what was there stays. */
static void grows_in_child(void)
{
    static const size_t far[] = {1, 5, 30, 200, 500, 900};
    int of[2 * sizeof far / sizeof far[0]];
    CHILD_CHECK(page_map_set(ADDRESS(HOME), 3, 77, of));
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        size_t page = i % 2 == 0 ? HOME - far[i] * GIB_PAGES : HOME + far[i - 1] * GIB_PAGES / 8;
        size_t bytes = address_space_bytes();
        sets_changes_and_clears_at(page - 2);
        CHILD_CHECK(page_map_set(ADDRESS(page), 1, 100 + (uint32_t)i, &of[i]));
        CHILD_CHECK(in_window(page) && in_window(HOME));
        CHILD_CHECK(!is_writable((char *)page_map_window() - 1));
        CHILD_CHECK(address_space_bytes() - bytes <= far[i] * GIB_PAGES * 12 * 8 + ((size_t)1 << 20));
        CHILD_CHECK(is(HOME, 77, of) && is(HOME + 2, 77, of));
        for (size_t j = 0; j <= i; j++) {
            size_t other = j % 2 == 0 ? HOME - far[j] * GIB_PAGES : HOME + far[j - 1] * GIB_PAGES / 8;
            CHILD_CHECK(is(other, 100 + (uint32_t)j, &of[j]));
        }
    }
    CHILD_CHECK(page_map_entry(NULL) == PAGE_FOREIGN && page_map_entry((void *)UINTPTR_MAX) == PAGE_FOREIGN);
}

#define FAR (HOME - ((size_t)4096 + 17) * GIB_PAGES)

/* Where a program has reserved 4 TiB in between, the window goes where most pages are, and back. */
static void moves_in_child(void)
{
    int home, far, other;
    for (size_t i = 0; i < 10; i++)
        CHILD_CHECK(page_map_set(ADDRESS(HOME + i), 1, 500 + (uint32_t)i, &home));
    for (size_t i = 0; i < 100; i++)
        CHILD_CHECK(page_map_set(ADDRESS(FAR - i), 1, 600 + (uint32_t)i, &far));
    CHILD_CHECK(in_window(FAR) && !in_window(HOME));
    page_map_clear(ADDRESS(HOME + 1), 1);
    page_map_change(ADDRESS(HOME + 2), 1, 900);
    page_map_change(ADDRESS(FAR - 2), 1, 901);
    page_map_clear(ADDRESS(FAR - 3), 1);
    CHILD_CHECK(page_map_entry(ADDRESS(HOME + 1)) == PAGE_FOREIGN && is(HOME + 2, 900, &home));
    for (size_t i = 10; i < 1000; i++)
        CHILD_CHECK(page_map_set(ADDRESS(HOME + i), 1, 500, &other));
    CHILD_CHECK(in_window(HOME) && !in_window(FAR)); /* so leaves show what the window had, not what they had before */
    CHILD_CHECK(is(HOME, 500, &home) && page_map_entry(ADDRESS(HOME + 1)) == PAGE_FOREIGN && is(HOME + 2, 900, &home));
    CHILD_CHECK(is(FAR - 1, 601, &far) && is(FAR - 2, 901, &far));
    CHILD_CHECK(page_map_entry(ADDRESS(FAR - 3)) == PAGE_FOREIGN && page_map_descriptor(ADDRESS(FAR - 3)) == &far);
    CHILD_CHECK(is(HOME + 999, 500, &other));
}

/* However often most pages change their place, only so many windows are left behind. */
static void moves_end_in_child(void)
{
    size_t bytes = address_space_bytes();
    for (uint32_t round = 0; round < 60; round++) {
        size_t home = round % 2 == 0 ? HOME : FAR;
        for (size_t i = 0; i < 100; i++)
            CHILD_CHECK(page_map_set(ADDRESS(home + i), 1, 7 + round, &bytes));
        for (size_t i = 0; i < 100; i++)
            CHILD_CHECK(is(home + i, 7 + round, &bytes));
        page_map_clear(ADDRESS(home), 100);
    }
    CHILD_CHECK(address_space_bytes() - bytes < (size_t)4 << 20);
}

/* A few places against a table of what was done, with whatever windows that makes. */
static void random_steps_in_child(void)
{
    enum { PLACES = 6, PAGES = 40, STEPS = 200000 };
    static const size_t place[PLACES] = {HOME, HOME - 2 * GIB_PAGES, HOME + 70 * GIB_PAGES,
                                         FAR,  FAR + 3 * LEAF - 20,  12345};
    static uint32_t expected[PLACES][PAGES];
    uint32_t state = 42;
    for (uint32_t step = 1; step < STEPS; step++) {
        size_t at = random_next(&state) % (1 + step * PLACES / STEPS), i = random_next(&state) % PAGES;
        void *address = ADDRESS(place[at] + i);
        CHILD_CHECK(page_map_entry(address) == expected[at][i]);
        bool was_set = expected[at][i] != PAGE_FOREIGN, clears = was_set && random_next(&state) % 2 == 0;
        expected[at][i] = clears ? PAGE_FOREIGN : 2 * step;
        if (clears)
            page_map_clear(address, 1);
        else if (was_set)
            page_map_change(address, 1, 2 * step);
        else
            CHILD_CHECK(page_map_set(address, 1, 2 * step, &expected[at][i]));
        CHILD_CHECK(is(place[at] + i, expected[at][i], &expected[at][i]));
    }
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

/* Where no larger window is to be had leaves serve, and another is made when there is room again. */
static void refused_window_in_child(void)
{
    int descriptor;
    CHILD_CHECK(page_map_set(ADDRESS(HOME), 1, 700, &descriptor));
    CHILD_CHECK(metadata_new(1) != NULL); /* a chunk, with room for leaves */
    limit_address_space((size_t)64 << 10);
    size_t page = HOME - 2 * GIB_PAGES;
    for (size_t i = 0; i < 200; i++)
        CHILD_CHECK(page_map_set(ADDRESS(page - i), 1, 701, &descriptor));
    CHILD_CHECK(!in_window(page) && is(page - 199, 701, &descriptor) && is(HOME, 700, &descriptor));
    lift_address_space();
    for (size_t i = 200; i < 300; i++)
        CHILD_CHECK(page_map_set(ADDRESS(page - i), 1, 702, &descriptor));
    CHILD_CHECK(in_window(page) && is(page - 199, 701, &descriptor) && is(HOME, 700, &descriptor));
    page_map_clear(ADDRESS(page - 299), 300);
    CHILD_CHECK(page_map_entry(ADDRESS(page)) == PAGE_FOREIGN);
}

static void limit_data(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_DATA, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_DATA, &limit);
}

static void lift_data(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_DATA, &limit);
    limit_data(limit.rlim_max);
}

static void limit_data_or_skip(void)
{
    limit_data(1);
    if (mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) {
        dprintf(STDERR_FILENO, "memory cannot be limited here (in an emulator?)\n");
        _exit(CHILD_SKIPPED);
    }
}

/* Nothing is written where a piece cannot become writable. */
static void refused_piece_in_child(void)
{
    int descriptor;
    CHILD_CHECK(page_map_set(ADDRESS(HOME), 1, 700, &descriptor));
    CHILD_CHECK(page_map_set(ADDRESS(HOME - 7 * GIB_PAGES), 1, 700, &descriptor));
    size_t page = HOME - 4 * GIB_PAGES;
    CHILD_CHECK(in_window(page));
    limit_data_or_skip();
    CHILD_CHECK(!page_map_set(ADDRESS(page), 1, 701, &descriptor));
    CHILD_CHECK(page_map_entry(ADDRESS(page)) == PAGE_FOREIGN);
    lift_data();
    CHILD_CHECK(page_map_set(ADDRESS(page), 1, 701, &descriptor) && is(page, 701, &descriptor));
}

/* The second page needs another leaf, so the first one is not set either. */
static void refused_leaf_in_child(void)
{
#ifdef __SANITIZE_THREAD__
    dprintf(STDERR_FILENO, "ThreadSanitizer needs memory of its own for each leaf, and ends where it is refused\n");
    _exit(CHILD_SKIPPED);
#endif
    int descriptor;
    CHILD_CHECK(page_map_set(ADDRESS(HOME), 4, 700, &descriptor));
    CHILD_CHECK(page_map_set(ADDRESS(FAR), 1, 700, &descriptor));
    limit_data_or_skip();
    size_t page = FAR | (LEAF - 1);
    while (page_map_set(ADDRESS(page), 1, 701, &descriptor)) { /* until no more leaf is to be had */
        page_map_clear(ADDRESS(page), 1);
        page -= LEAF;
    }
    page += LEAF; /* in the last leaf; the next page is in one that there is, the page before the leaf's first is not */
    size_t edge = page - LEAF;
    CHILD_CHECK(!page_map_set(ADDRESS(edge), 2, 702, &descriptor));
    CHILD_CHECK(page_map_entry(ADDRESS(edge + 1)) == PAGE_FOREIGN && page_map_entry(ADDRESS(edge)) == PAGE_FOREIGN);
    lift_data();
    CHILD_CHECK(page_map_set(ADDRESS(edge), 2, 702, &descriptor) && is(edge + 1, 702, &descriptor));
}

/* --- readers beside a change of windows --------------------------------------------------------------------------- */

enum { READERS = 3, OWN_PAGES = 200 };
static _Atomic bool stop;
static _Atomic unsigned wrong;

/* Sets pages of its own, sees them as they are, and clears them. */
static void *set_and_read(void *number)
{
    size_t first = HOME - ((size_t)number + 1) * 3 * LEAF;
    for (uint32_t round = 1; !atomic_load(&stop); round++) {
        for (size_t page = first; page < first + OWN_PAGES; page++)
            wrong += !page_map_set(ADDRESS(page), 1, round << 8 | 5, number);
        for (size_t page = first; page < first + OWN_PAGES; page++)
            wrong += page_map_entry(ADDRESS(page)) != (round << 8 | 5) || page_map_descriptor(ADDRESS(page)) != number;
        page_map_clear(ADDRESS(first), OWN_PAGES);
    }
    return NULL;
}

static void readers_in_child(void)
{
    pthread_t thread[READERS];
    CHILD_CHECK(page_map_set(ADDRESS(HOME), 1, 700, NULL));
    for (size_t i = 0; i < READERS; i++)
        CHILD_CHECK(pthread_create(&thread[i], NULL, set_and_read, (void *)(i + 1)) == 0);
    for (size_t step = 1; step < 900; step = 3 * step + 1) { /* larger and larger windows */
        usleep(20000);
        CHILD_CHECK(page_map_set(ADDRESS(HOME - step * GIB_PAGES), 1, 700, NULL));
    }
    bool moved = false; /* for one of these: how far it reaches above that depends on what the readers have just then */
    for (size_t i = 0; i < 5000; i++) { /* and others, elsewhere */
        CHILD_CHECK(page_map_set(ADDRESS(FAR - i), 1, 700, NULL));
        moved |= in_window(FAR - i);
    }
    usleep(20000);
    atomic_store(&stop, true);
    for (size_t i = 0; i < READERS; i++)
        pthread_join(thread[i], NULL);
    CHILD_CHECK(moved && wrong == 0);
}

#define TEST(name)                            \
    static void name(void **state)            \
    {                                         \
        (void)state;                          \
        assert_child_passes(name##_in_child); \
    }
TEST(first_window)
TEST(grows)
TEST(moves)
TEST(moves_end)
TEST(random_steps)
TEST(refused_window)
TEST(refused_piece)
TEST(refused_leaf)
TEST(readers)

int main(void)
{
    os_start(); /* the kernel's pages */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_window),  cmocka_unit_test(grows),        cmocka_unit_test(moves),
        cmocka_unit_test(moves_end),     cmocka_unit_test(random_steps), cmocka_unit_test(refused_window),
        cmocka_unit_test(refused_piece), cmocka_unit_test(refused_leaf), cmocka_unit_test(readers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
