/* SPDX-License-Identifier: MIT */
/* Areas: the SuperSlabs for large blocks. How long they are, which of them have huge pages, what becomes of freed
 * runs. */
#include "tests/space/pool.h"

static bool is_zero(const char *from, size_t pages)
{
    bool zero = true;
    for (size_t at = 0; at < pages * PAGE_BYTES; at++)
        zero &= from[at] == 0;
    return zero;
}

static struct page_run taken_for_large_block(size_t pages)
{
    struct page_run run;
    assert_true(pool_take_for_large_block(pages, PAGE_BYTES, false, true, &run));
    return run;
}

static void large_blocks_have_areas_of_their_own(void **state)
{
    (void)state;
    nothing_mapped();
    hak_active_profile.purge_delay = 3600 * 1000;
    struct page_run first = taken_for_large_block(10), second = taken_for_large_block(10);
    assert_int_equal(counted().superslabs, 0);
    assert_ptr_equal(first.superslab, second.superslab);
    assert_true(first.zeroed && second.zeroed);
    *first.base = 1;
    pool_give(&first);
    assert_int_equal(counted().large_retained_bytes, 10 * PAGE_BYTES);
    struct page_run again = taken_for_large_block(9); /* freed memory first, whatever its size */
    assert_ptr_equal(again.base, first.base);
    assert_false(again.zeroed);
    assert_int_equal(counted().large_retained_bytes, PAGE_BYTES);
    pool_give(&again);
    pool_give(&second);
    assert_int_equal(pool_reclaim(), (size_t)16 << 20); /* the first is a small one */
}

static void areas_hold_several_of_their_blocks(void **state)
{
    (void)state;
    nothing_mapped();
    for (size_t pages = 1; pages <= pool_longest_run(); pages *= 2) {
        struct page_run run = taken_for_large_block(pages);
        size_t expected = pages <= 32 ? 256 : 8 * pages;
        assert_int_equal(run.superslab->pages, expected);
        pool_give(&run);
        assert_int_equal(pool_reclaim(), expected * PAGE_BYTES);
    }
    struct page_run all[7];
    for (size_t i = 0; i < 7; i++) /* each is full at once, and the next twice as large, up to the largest */
        for (all[i].pages = 0; all[i].pages == 0 || all[i].pages < all[i].superslab->pages;) {
            struct page_run run = taken_for_large_block(32);
            assert_int_equal(run.superslab->pages, i < 4 ? 256u << i : 4096u);
            all[i] = all[i].pages == 0 ? run : all[i];
            all[i].pages += all[i].base == run.base ? 0 : 32;
        }
    assert_int_equal(counted().mapped_bytes, (size_t)(16 + 32 + 64 + 128 + 3 * 256) << 20);
    for (size_t i = 0; i < 7; i++)
        pool_give(&all[i]);
    nothing_mapped();
}

static struct page_run taken_for_huge_block(size_t pages)
{
    struct page_run run;
    assert_true(pool_take_for_large_block(pages, PAGE_BYTES, true, true, &run));
    return run;
}

/* Blocks that are to have huge pages have areas of their own; either kind grows where it is. */
static void areas_with_huge_pages_are_apart(uint64_t way)
{
    hak_active_profile.pages_huge = way;
    nothing_mapped();
    struct page_run run = taken_for_large_block(10), other = taken_for_huge_block(10);
    assert_int_equal(run.superslab->kind, SUPERSLAB_AREA);
    assert_int_equal(other.superslab->kind, SUPERSLAB_LONG_AREA);
    assert_false(run.superslab->huge);
    assert_true(pool_extend(&run, 1));
    assert_true(pool_extend(&other, 1));
    assert_int_equal(run.pages + other.pages, 22);
    pool_give(&run);
    pool_give(&other);
    nothing_mapped();
}

/* All share. */
static void areas_are_of_one_kind(uint64_t way)
{
    hak_active_profile.pages_huge = way;
    nothing_mapped();
    struct page_run run = taken_for_huge_block(10), other = taken_for_large_block(1);
    assert_ptr_equal(run.superslab, other.superslab);
    pool_give(&other);
    pool_give(&run);
    nothing_mapped();
}

/* Memory that is retained serves first, also that behind huge pages blocks that need none; but one that is to have them
 * gets no other. */
static void retained_memory_serves_first(void **state)
{
    (void)state;
    size_t huge = os_huge_page_bytes() >> PAGE_SHIFT;
    nothing_mapped();
    hak_active_profile.pages_huge = HAK_HUGE_AUTO;
    raise_ceiling((size_t)256 << 20);
    struct page_run plain = taken_for_large_block(40), dense = taken_for_huge_block(size_maximum(2 * huge, 40));
    pool_give(&plain);
    struct page_run again = taken_for_huge_block(40);
    assert_int_equal(again.superslab->kind, SUPERSLAB_LONG_AREA);
    pool_give(&again);
    pool_purge_all(0);
    pool_give(&dense);
    again = taken_for_large_block(40);
    assert_int_equal(again.superslab->kind, SUPERSLAB_LONG_AREA);
    assert_true(again.resident);
    pool_give(&again);
    pool_purge_all(0);
    hak_active_profile.pages_huge = HAK_HUGE_NEVER;
    nothing_mapped();
}

/* Whether what a run has grown by reads as zeros is known. */
static void growth_is_known_to_be_zero(void **state)
{
    (void)state;
    nothing_mapped();
    hak_active_profile.pages_huge = HAK_HUGE_NEVER;
    struct page_run run = taken_for_large_block(4), next = taken_for_large_block(4);
    memset(next.base, 1, 4 * PAGE_BYTES);
    assert_false(pool_extend(&run, 1)); /* in use */
    pool_give(&next);
    assert_true(pool_extend(&run, 2));
    assert_false(run.zeroed);
    assert_int_equal(run.base[5 * PAGE_BYTES], 1);
    pool_purge_all(0);
    assert_true(pool_extend(&run, 2));
    assert_true(run.zeroed && is_zero(run.base + 6 * PAGE_BYTES, 2));
    assert_true(pool_extend(&run, 10));
    assert_true(run.zeroed && is_zero(run.base + 8 * PAGE_BYTES, 10));
    assert_int_equal(run.pages, 18);
    assert_false(pool_extend(&run, pool_longest_run() - 17)); /* longer than any */
    pool_give(&run);
    nothing_mapped();
}

static void huge_pages_have_areas_of_their_own(void **state)
{
    (void)state;
    areas_with_huge_pages_are_apart(HAK_HUGE_AUTO);
    areas_with_huge_pages_are_apart(HAK_HUGE_LARGE);
    areas_are_of_one_kind(HAK_HUGE_NEVER);
    areas_are_of_one_kind(HAK_HUGE_MADVISE);
    areas_are_of_one_kind(HAK_HUGE_ALWAYS);
    hak_active_profile.pages_huge = HAK_HUGE_NEVER;
}

/* What is above large.cache goes from the area's end, and an eighth of that more, whatever is in use. */
static void surplus_goes_from_the_end_in_child(void)
{
    hak_active_profile.large_cache = 15 * PAGE_BYTES;
    struct page_run low = taken_for_large_block(20), high = taken_for_large_block(20), kept = taken_for_large_block(1);
    memset(low.base, 1, 41 * PAGE_BYTES);
    pool_give(&high);
    CHILD_CHECK(counted().large_retained_bytes == 13 * PAGE_BYTES); /* 20 less 5 and an eighth of 15 */
    CHILD_CHECK(high.base[13 * PAGE_BYTES - 1] == 1 && is_zero(high.base + 13 * PAGE_BYTES, 7));
    pool_give(&low);
    CHILD_CHECK(counted().large_retained_bytes == 13 * PAGE_BYTES);
    CHILD_CHECK(low.base[13 * PAGE_BYTES - 1] == 1 && is_zero(low.base + 13 * PAGE_BYTES, 27));
    CHILD_CHECK(kept.base[0] == 1);
    pool_give(&kept);
    CHILD_CHECK(counted().large_retained_bytes == 14 * PAGE_BYTES);
    hak_active_profile.large_cache = 0;
    tick();
    struct page_run again = taken_for_large_block(1);
    pool_give(&again); /* nothing may wait now */
    CHILD_CHECK(counted().large_retained_bytes == 0);
    CHILD_CHECK(is_zero(low.base, 41));
}

static void large_blocks_surplus_goes_from_the_end(void **state)
{
    (void)state;
    nothing_mapped();
    assert_child_passes(surplus_goes_from_the_end_in_child);
}

/* Of two areas the one that waits longer gives first, and the other what is left to give. */
static void of_two_areas_in_child(void)
{
    struct page_run full[8], last; /* an area of 256 pages, and a second one */
    hak_active_profile.superslab_keep_empty = 2;
    hak_active_profile.large_cache = (size_t)32 << 20;
    for (size_t i = 0; i < 8; i++)
        full[i] = taken_for_large_block(32);
    last = taken_for_large_block(32);
    CHILD_CHECK(full[7].superslab != last.superslab);
    for (size_t i = 0; i < 8; i++) {
        memset(full[i].base, 1, 32 * PAGE_BYTES);
        pool_give(&full[i]);
    }
    memset(last.base, 1, 32 * PAGE_BYTES);
    CHILD_CHECK(counted().large_retained_bytes == 256 * PAGE_BYTES);
    hak_active_profile.large_cache = 8 * PAGE_BYTES;
    pool_give(&last);
    CHILD_CHECK(full[0].superslab->retained_pages == 0);
    CHILD_CHECK(last.superslab->retained_pages == 7);
    CHILD_CHECK(counted().large_retained_bytes == 7 * PAGE_BYTES);
}

static void surplus_goes_from_the_area_that_waits_longest(void **state)
{
    (void)state;
    nothing_mapped();
    assert_child_passes(of_two_areas_in_child);
}

/* A run whose memory has become a mapping holds nothing any more, and nothing of it is retained. */
static void what_was_moved_is_gone(void **state)
{
    (void)state;
    nothing_mapped();
    struct page_run run = taken_for_large_block(4), kept = taken_for_large_block(1);
    memset(run.base, 1, 4 * PAGE_BYTES);
    char *target = os_map_aligned(4 * PAGE_BYTES, PAGE_BYTES);
    if (!os_move_memory(run.base, 4 * PAGE_BYTES, target)) {
        pool_give(&run);
        pool_give(&kept);
        os_unmap(target, 4 * PAGE_BYTES);
        print_message("skipped: this kernel does not move memory out of a mapping that stays (Linux 5.7)\n");
        skip();
    }
    uint64_t purged = counted().purged_bytes, mapping_bytes = counted().mapping_bytes;
    pool_give_moved(&run);
    assert_int_equal(counted().used_bytes, PAGE_BYTES);
    assert_int_equal(counted().mapping_bytes, mapping_bytes + 4 * PAGE_BYTES);
    assert_int_equal(counted().large_retained_bytes, 0);
    assert_int_equal(counted().purged_bytes, purged);
    struct page_run again = taken_for_large_block(4);
    assert_ptr_equal(again.base, run.base);
    assert_true(again.zeroed && !again.resident);
    assert_true(is_zero(again.base, 4));
    assert_int_equal(target[4 * PAGE_BYTES - 1], 1);
    pool_give_mapping((struct mapping){target, 4 * PAGE_BYTES});
    pool_give(&again);
    pool_give(&kept);
    pool_purge_all(0);
    nothing_mapped();
}

/* No run is aligned to more than an area has room for, whatever its length and its base. */
static void new_areas_hold_aligned_runs(void **state)
{
    (void)state;
    for (size_t pages = 1; pages <= pool_longest_run(); pages += 37) {
        struct page_run run;
        nothing_mapped();
        assert_true(pool_take_for_large_block(pages, POOL_ALIGNMENT_MOST, false, true, &run));
        assert_int_equal((uintptr_t)run.base % POOL_ALIGNMENT_MOST, 0);
        assert_int_equal(counted().mapped_bytes,
                         (size_t)run.superslab->pages << PAGE_SHIFT); /* and no other was mapped in vain */
        pool_give(&run);
    }
    nothing_mapped();
}

/* A program with one large block at a time does not map and unmap each time. */
static void an_empty_area_is_kept(void **state)
{
    (void)state;
    nothing_mapped();
    hak_active_profile.purge_delay = 0;
    struct page_run run = taken_for_large_block(5);
    char *base = run.base;
    memset(base, 1, 5 * PAGE_BYTES);
    pool_give(&run);
    assert_true(is_zero(base, 5));
    run = taken_for_large_block(5);
    assert_ptr_equal(run.base, base);
    hak_active_profile.superslab_keep_empty = 0;
    pool_give(&run);
    assert_int_equal(counted().mapped_bytes, 0);
    hak_active_profile.superslab_keep_empty = 1;
    hak_active_profile.purge_delay = 3600 * 1000;
}

static void smaller_areas_where_addresses_are_short_in_child(void)
{
    limit_address_space((size_t)100 << 20);
    struct page_run run;
    CHILD_CHECK(pool_take_for_large_block(512, PAGE_BYTES, false, true, &run)); /* would have 256 MiB */
    CHILD_CHECK(run.superslab->pages >= 512 && run.superslab->pages < 2048);
    pool_give(&run);
}

static void smaller_areas_where_addresses_are_short(void **state)
{
    (void)state;
    nothing_mapped();
    assert_child_passes(smaller_areas_where_addresses_are_short_in_child);
}

/* What lies behind the last used page goes back with what is empty, and nobody gets it any more. */
static void unused_ends_are_unmapped(void **state)
{
    (void)state;
    nothing_mapped();
    struct page_run run = taken_for_large_block(32), next = taken_for_large_block(3), more;
    uint64_t mapped = counted().mapped_bytes;
    size_t end = 32 + 3;
    assert_int_equal(pool_reclaim(), mapped - end * PAGE_BYTES);
    assert_int_equal(counted().mapped_bytes, end * PAGE_BYTES);
    assert_int_equal(pool_reclaim(), 0);
    char *behind = os_map(PAGE_BYTES); /* somebody else's */
    memset(behind, 1, PAGE_BYTES);
    assert_false(pool_extend(&next, 1));
    more = taken_for_large_block(1);
    assert_ptr_not_equal(more.superslab, run.superslab);
    pool_give(&run);
    pool_give(&next);
    pool_give(&more);
    pool_purge_all(0);
    nothing_mapped();
    assert_int_equal(behind[PAGE_BYTES - 1], 1);
    os_unmap(behind, PAGE_BYTES);
}

/* Bytes of mappings in this range that core dumps have. */
static size_t dumped_bytes(const char *base, size_t bytes)
{
    char line[512];
    unsigned long start = 0, end = 0, from = (unsigned long)base, to = from + bytes;
    size_t dumped = 0;
    FILE *file = fopen("/proc/self/smaps", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        unsigned long first, last;
        if (sscanf(line, "%lx-%lx ", &first, &last) == 2)
            start = first, end = last;
        if (strncmp(line, "VmFlags:", 8) == 0 && strstr(line, " dd") == NULL && start < to && end > from)
            dumped += (end < to ? end : to) - (start > from ? start : from);
    }
    if (file != NULL)
        fclose(file);
    return dumped;
}

/* Debuggers write all of a mapping that has memory anywhere. */
static void unused_areas_are_left_out_of_core_dumps(void **state)
{
    (void)state;
    skip_in_emulator();
    nothing_mapped();
    struct page_run run = taken_for_large_block(80), more;
    size_t bytes = run.superslab->pages * PAGE_BYTES, eighth = bytes / 8;
    assert_int_equal(dumped_bytes(run.base, bytes), round_up(80 * PAGE_BYTES, eighth));
    assert_int_equal(dumped_bytes(run.base, 80 * PAGE_BYTES), 80 * PAGE_BYTES);
    more = taken_for_large_block(100);
    assert_ptr_equal(more.superslab, run.superslab);
    assert_int_equal(dumped_bytes(run.base, bytes), round_up(180 * PAGE_BYTES, eighth));
    assert_true(pool_extend(&more, 60));
    assert_int_equal(dumped_bytes(run.base, bytes), round_up(240 * PAGE_BYTES, eighth));
    pool_give(&run);
    pool_give(&more);
}

static int setup(void **state)
{
    start_os(state);
    hak_active_profile.purge_delay = 3600 * 1000;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(surplus_goes_from_the_area_that_waits_longest),
        cmocka_unit_test(large_blocks_surplus_goes_from_the_end),
        cmocka_unit_test(large_blocks_have_areas_of_their_own),
        cmocka_unit_test(areas_hold_several_of_their_blocks),
        cmocka_unit_test(huge_pages_have_areas_of_their_own),
        cmocka_unit_test(retained_memory_serves_first),
        cmocka_unit_test(growth_is_known_to_be_zero),
        cmocka_unit_test(what_was_moved_is_gone),
        cmocka_unit_test(new_areas_hold_aligned_runs),
        cmocka_unit_test(an_empty_area_is_kept),
        cmocka_unit_test(smaller_areas_where_addresses_are_short),
        cmocka_unit_test(unused_ends_are_unmapped),
        cmocka_unit_test(unused_areas_are_left_out_of_core_dumps),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
