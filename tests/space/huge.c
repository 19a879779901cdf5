/* SPDX-License-Identifier: MIT */
/* Who gets huge pages: by evidence under pages.huge: auto, by length under the other settings. */
#include "lib/space/huge.h"

#include "tests/life/resident.h"
#include "tests/space/huge_pages.h"

/* huge.c: blocks that have huge pages after one dense block, without a further look; and after many. */
#define CREDIT 16
#define CREDIT_MOST 240

/* Lengths in the tests are so many huge pages. */
static size_t huge_pages(size_t count)
{
    return count * os_huge_page_bytes();
}

/* Memory of BYTES with BYTE in the first USED of each STEP bytes. */
static char *written(size_t bytes, size_t step, size_t used)
{
    char *base = os_map_aligned(bytes, PAGE_BYTES);
    CHILD_CHECK(base != NULL);
    os_advise_huge(base, bytes, false);
    for (size_t at = 0; at < bytes; at += step)
        memset(base + at, 1, used < bytes - at ? used : bytes - at);
    return base;
}

static void free_dense(size_t bytes, bool cleared)
{
    char *base = written(bytes, bytes, bytes);
    huge_pages_learn(base, bytes, cleared);
    os_unmap(base, bytes);
}

static void free_sparse(size_t bytes, bool cleared)
{
    char *base = written(bytes, bytes, 0);
    huge_pages_learn(base, bytes, cleared);
    os_unmap(base, bytes);
}

static bool is_granted(size_t bytes, bool cleared)
{
    return huge_pages_for_new(bytes, cleared);
}

/* How many blocks have huge pages, behind fresh memory each. */
static size_t grants(size_t bytes, bool cleared, size_t most)
{
    size_t count = 0;
    for (; count < most && is_granted(bytes, cleared); count++)
        huge_pages_spend(bytes, cleared);
    return count;
}

static void none_before_evidence_in_child(void)
{
    for (size_t count = 1; count <= 64; count *= 2)
        for (int cleared = 0; cleared < 2; cleared++)
            CHILD_CHECK(!is_granted(huge_pages(count), cleared));
    for (int i = 0; i < 3; i++)
        free_dense(MIB - PAGE_BYTES, false); /* too short to say anything */
    CHILD_CHECK(!is_granted(huge_pages(2), false));
    for (int i = 0; i < 3; i++)
        free_dense(huge_pages(2) - PAGE_BYTES, false);
    CHILD_CHECK(!is_granted(huge_pages(2) - PAGE_BYTES, false)); /* too short to have any */
}

static void a_dense_block_earns_credit_in_child(void)
{
    size_t bytes = huge_pages(3);
    for (int i = 0; i < 3; i++) {
        free_dense(bytes, false);
        CHILD_CHECK(grants(bytes, false, 100) == CREDIT);
        CHILD_CHECK(!is_granted(bytes, false)); /* one goes without, and shows */
    }
    for (int i = 0; i < 3; i++)
        free_dense(bytes, false);
    CHILD_CHECK(grants(bytes, false, 100) == 3 * CREDIT);
    for (int i = 0; i < 100; i++)
        free_dense(bytes, false);
    CHILD_CHECK(grants(bytes, false, 1000) == CREDIT_MOST);
    free_dense(bytes, false);
    CHILD_CHECK(is_granted(huge_pages(4) - PAGE_BYTES, false)); /* of like length */
}

static void a_sparse_block_takes_it_in_child(void)
{
    size_t bytes = huge_pages(3);
    for (int i = 0; i < 5; i++)
        free_dense(bytes, false);
    CHILD_CHECK(is_granted(bytes, false));
    free_sparse(bytes, false); /* all that they earned */
    CHILD_CHECK(!is_granted(bytes, false));
    free_dense(bytes, false);
    CHILD_CHECK(is_granted(bytes, false));
}

static void cleared_blocks_are_apart_in_child(void)
{
    size_t bytes = huge_pages(3);
    free_dense(bytes, false);
    free_dense(bytes, false);
    CHILD_CHECK(!is_granted(bytes, true));
    free_sparse(bytes, true);
    CHILD_CHECK(!is_granted(bytes, true) && is_granted(bytes, false));
    CHILD_CHECK(is_granted(huge_pages(9), false)); /* a sparse table says nothing of other blocks */
    free_dense(bytes, true);
    free_sparse(bytes, false);
    CHILD_CHECK(is_granted(bytes, true) && !is_granted(bytes, false));
    free_dense(bytes, true);
    free_dense(bytes, true);
    CHILD_CHECK(!is_granted(huge_pages(9), true)); /* each length of tables shows by itself */
}

static void other_lengths_after_two_dense_ones_in_child(void)
{
    free_dense(huge_pages(3), false);
    CHILD_CHECK(!is_granted(huge_pages(9), false));
    free_dense(huge_pages(5), false);
    CHILD_CHECK(is_granted(huge_pages(9), false) && is_granted(huge_pages(100), false));
    free_sparse(huge_pages(17), false);
    CHILD_CHECK(!is_granted(huge_pages(9), false) && !is_granted(huge_pages(17), false));
    CHILD_CHECK(is_granted(huge_pages(3), false) && is_granted(huge_pages(5), false));
}

/* Whether a block counts as dense that is written as said. */
static bool counts_as_dense(size_t bytes, size_t step, size_t used)
{
    char *base = written(bytes, step, used);
    huge_pages_learn(base, bytes, false);
    os_unmap(base, bytes);
    return is_granted(bytes, false);
}

static void what_counts_as_dense_in_child(void)
{
    size_t bytes = huge_pages(8);
    CHILD_CHECK(!counts_as_dense(bytes, bytes, 0));
    CHILD_CHECK(counts_as_dense(bytes, bytes, bytes));
    CHILD_CHECK(!counts_as_dense(bytes, bytes, PAGE_BYTES)); /* its head alone */
    CHILD_CHECK(!counts_as_dense(bytes, bytes, bytes / 10));
    CHILD_CHECK(!counts_as_dense(bytes, bytes, bytes - bytes / 4));
    CHILD_CHECK(counts_as_dense(bytes, bytes, bytes - bytes / 16));
    CHILD_CHECK(!counts_as_dense(bytes, PAGE_BYTES, 64)); /* a cache line in each page */
    CHILD_CHECK(!counts_as_dense(bytes, 2 * PAGE_BYTES, 64));
    CHILD_CHECK(counts_as_dense(bytes, 128, 8)); /* a word in every other line */
}

/* Whatever the length: where each page has a word, and where one in sixteen has. */
static void whatever_the_length_in_child(void)
{
    for (size_t bytes = huge_pages(3); bytes < huge_pages(3) + 40 * PAGE_BYTES; bytes += PAGE_BYTES) {
        CHILD_CHECK(counts_as_dense(bytes, os_page_bytes, 4));
        CHILD_CHECK(!counts_as_dense(bytes, 16 * os_page_bytes, 4));
        CHILD_CHECK(counts_as_dense(bytes, bytes, bytes));
    }
}

/* Where a program keeps others out (a stack's guard page) nobody looks. */
static void protected_pages_in_child(void)
{
    size_t bytes = huge_pages(3);
    char *base = written(bytes, bytes, bytes);
    CHILD_CHECK(mprotect(base, PAGE_BYTES, PROT_NONE) == 0);
    CHILD_CHECK(mprotect(base + bytes - os_page_bytes, os_page_bytes, PROT_NONE) == 0);
    huge_pages_learn(base, bytes, false);
    CHILD_CHECK(is_granted(bytes, false));
}

/* A sparse block stays as small as it was. */
static void looking_costs_no_memory_in_child(void)
{
    size_t bytes = huge_pages(8);
    char *base = written(bytes, bytes, PAGE_BYTES);
    size_t before = os_resident(base, bytes), resident_before = resident_now();
    huge_pages_learn(base, bytes, false);
    CHILD_CHECK(before == PAGE_BYTES);
    CHILD_CHECK(resident_now() - resident_before < MIB);
}

static void grown_blocks_in_child(void)
{
    size_t bytes = round_up(16 * MIB, huge_pages(4));
    char *dense = written(bytes, bytes, bytes), *sparse = written(bytes, bytes, bytes / 10);
    CHILD_CHECK(huge_pages_for_grown(dense, bytes, bytes + PAGE_BYTES));
    CHILD_CHECK(!huge_pages_for_grown(sparse, bytes, 2 * bytes));
    CHILD_CHECK(!huge_pages_for_grown(dense, 16 * MIB - PAGE_BYTES, 2 * bytes)); /* a partly used one is too much */
    free_sparse(bytes, false);                                                   /* whatever others did */
    CHILD_CHECK(huge_pages_for_grown(dense, bytes, 2 * bytes));
}

/* What both cost decides, by the least of late: one that was interrupted says nothing. */
static void as_they_cost_in_child(void)
{
    size_t huge = os_huge_page_bytes(), slab = huge / 32;
    CHILD_CHECK(huge_pages_are_cheap());
    huge_pages_note_cost(true, huge, 640);
    CHILD_CHECK(huge_pages_are_cheap()); /* small ones are not known */
    huge_pages_note_cost(false, slab, 30);
    CHILD_CHECK(huge_pages_are_cheap());
    huge_pages_note_cost(false, slab, 10);
    CHILD_CHECK(!huge_pages_are_cheap());
    huge_pages_note_cost(false, slab, 100000);
    CHILD_CHECK(!huge_pages_are_cheap());
    for (int i = 0; i < 8; i++)
        huge_pages_note_cost(false, slab, 20);
    CHILD_CHECK(huge_pages_are_cheap());
    huge_pages_note_cost(false, slab, 15);
    CHILD_CHECK(!huge_pages_are_cheap());
}

/* Once in a while one is to find out again. */
static void dear_ones_are_tried_again_in_child(void)
{
    size_t huge = os_huge_page_bytes(), cheap = 0;
    huge_pages_note_cost(true, huge, 2000);
    huge_pages_note_cost(false, huge, 1000);
    for (int i = 0; i < 10240; i++)
        cheap += huge_pages_are_cheap();
    CHILD_CHECK(cheap >= 10 && cheap <= 20);
    huge_pages_note_cost(true, huge, 500);
    for (int i = 0; i < 100; i++)
        CHILD_CHECK(huge_pages_are_cheap());
}

static void as_they_cost(void **state)
{
    (void)state;
    IN_CHILDREN(as_they_cost_in_child, dear_ones_are_tried_again_in_child);
}

static void none_before_evidence(void **state)
{
    (void)state;
    IN_CHILDREN(none_before_evidence_in_child);
}

static void by_what_blocks_of_like_length_held(void **state)
{
    (void)state;
    IN_CHILDREN(a_dense_block_earns_credit_in_child, a_sparse_block_takes_it_in_child,
                cleared_blocks_are_apart_in_child, other_lengths_after_two_dense_ones_in_child);
}

static void what_a_block_holds(void **state)
{
    (void)state;
    IN_CHILDREN(what_counts_as_dense_in_child, whatever_the_length_in_child, protected_pages_in_child,
                looking_costs_no_memory_in_child);
}

static void grown_blocks_by_what_they_hold(void **state)
{
    (void)state;
    IN_CHILDREN(grown_blocks_in_child);
}

/* Under each setting: how calloc clears goes by what its blocks of that length held. */
static void cleared_blocks_of(uint64_t way)
{
    size_t bytes = 3 * MIB, other = 9 * MIB;
    hak_active_profile.pages_huge = way;
    CHILD_CHECK(huge_pages_leave_sparse(bytes) && huge_pages_leave_sparse(MIB));
    CHILD_CHECK(!huge_pages_leave_sparse(MIB - PAGE_BYTES)); /* clearing is fast */
    free_dense(bytes, true);
    CHILD_CHECK(!huge_pages_leave_sparse(bytes) && huge_pages_leave_sparse(other));
    free_sparse(bytes, false); /* nobody cleared that one */
    CHILD_CHECK(!huge_pages_leave_sparse(bytes));
    free_sparse(bytes, true);
    CHILD_CHECK(huge_pages_leave_sparse(bytes));
}

static void cleared_blocks_in_child(void)
{
    cleared_blocks_of(HAK_HUGE_AUTO);
    cleared_blocks_of(HAK_HUGE_NEVER);
    cleared_blocks_of(HAK_HUGE_MADVISE);
}

static void what_calloc_leaves_sparse(void **state)
{
    (void)state;
    assert_child_passes(cleared_blocks_in_child);
}

/* --- the other settings: by length alone ---------------------------------------------------------------------------
 */

/* What blocks hold does not matter; that of blocks which calloc did not clear is not even looked at. */
static void check_by_length(bool granted)
{
    char *unreadable = mmap(NULL, huge_pages(4), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHILD_CHECK(unreadable != MAP_FAILED);
    for (int i = 0; i < 2 * CREDIT; i++) {
        for (int cleared = 0; cleared < 2; cleared++) {
            CHILD_CHECK(is_granted(huge_pages(2), cleared) == granted);
            CHILD_CHECK(!is_granted(huge_pages(2) - PAGE_BYTES, cleared));
        }
        huge_pages_learn(unreadable, huge_pages(4), false);
        if (i % 8 == 0)
            free_sparse(huge_pages(2), true);
        else
            free_dense(huge_pages(2), true);
    }
    CHILD_CHECK(huge_pages_for_grown(unreadable, huge_pages(1), huge_pages(2)) == granted);
    CHILD_CHECK(!huge_pages_for_grown(unreadable, huge_pages(1), huge_pages(2) - PAGE_BYTES));
}

static void other_settings_in_child(void)
{
    static const uint64_t by_length[] = {HAK_HUGE_MADVISE, HAK_HUGE_ALWAYS, HAK_HUGE_HUGETLB, HAK_HUGE_LARGE};
    for (size_t i = 0; i < sizeof by_length / sizeof by_length[0]; i++) {
        hak_active_profile.pages_huge = by_length[i];
        check_by_length(true);
    }
    hak_active_profile.pages_huge = HAK_HUGE_NEVER;
    check_by_length(false);
}

static void other_settings_go_by_length(void **state)
{
    (void)state;
    IN_CHILDREN(other_settings_in_child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_they_cost),
        cmocka_unit_test(none_before_evidence),
        cmocka_unit_test(by_what_blocks_of_like_length_held),
        cmocka_unit_test(what_a_block_holds),
        cmocka_unit_test(grown_blocks_by_what_they_hold),
        cmocka_unit_test(what_calloc_leaves_sparse),
        cmocka_unit_test(other_settings_go_by_length),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
