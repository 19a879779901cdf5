/* SPDX-License-Identifier: MIT */
/* The pool: runs never overlap and keep their content; what becomes of empty SuperSlabs and empty pages under each
 * purge policy. */
#include "lib/space/pool.h"

#include "lib/base/os.h"
#include "lib/profile/active.h"
#include "tests/base/child.h"

#define RUNS 300

static struct page_run runs[RUNS];
static size_t run_count;

static struct pool_counts counted(void)
{
    struct pool_counts counts;
    pool_count(&counts, false);
    return counts;
}

static size_t *last_word(const struct page_run *run)
{
    return (size_t *)(run->base + run->pages * PAGE_BYTES) - 1;
}

/* The first and the last word of a run say whose it is: two runs that overlap cannot both be right. */
static void sign(const struct page_run *run)
{
    *(size_t *)run->base = (size_t)run->base;
    *last_word(run) = (size_t)run->base;
}

static void check_signed(const struct page_run *run)
{
    assert_int_equal(*(size_t *)run->base, (size_t)run->base);
    assert_int_equal(*last_word(run), (size_t)run->base);
}

/* Pages of the longest run for a slab that comes from a SuperSlab of the profile's size. */
static size_t half_superslab(void)
{
    return (HAK_PROFILE(superslab_size) >> PAGE_SHIFT) / 2;
}

static void take(size_t pages, size_t alignment)
{
    struct page_run *run = &runs[run_count++];
    bool slab = alignment == PAGE_BYTES && pages <= half_superslab();
    assert_true(slab ? pool_take(pages, run) : pool_take_for_large_block(pages, alignment, false, run));
    assert_int_equal(run->pages, pages);
    assert_int_equal((uintptr_t)run->base % alignment, 0);
    if (run->zeroed)
        assert_int_equal(*(size_t *)run->base | *last_word(run), 0);
    sign(run);
}

static void give(size_t index)
{
    check_signed(&runs[index]);
    pool_give(&runs[index]);
    runs[index] = runs[--run_count];
}

static void give_all(void)
{
    while (run_count != 0)
        give(run_count - 1);
    assert_int_equal(counted().used_bytes, 0);
}

static void random_runs(uint32_t seed)
{
    size_t used = 0;
    for (int step = 0; step < 5000; step++) {
        uint32_t kind = random_next(&seed) % 16;
        if (kind < 7 && run_count < RUNS) {
            size_t pages = 1 + random_next(&seed) % (random_next(&seed) % 3 == 0 ? pool_longest_run() : 2);
            take(pages, PAGE_BYTES << random_next(&seed) % 3);
            used += pages;
        } else if (kind < 13 && run_count != 0) {
            size_t index = random_next(&seed) % run_count;
            used -= runs[index].pages;
            give(index);
        } else if (run_count != 0) {
            struct page_run *run = &runs[random_next(&seed) % run_count];
            size_t more = 1 + random_next(&seed) % 4;
            check_signed(run);
            if (pool_extend(run, more)) {
                used += more;
                sign(run);
            }
            assert_true(run->pages <= pool_longest_run());
        }
        pool_tick();
        assert_int_equal(counted().used_bytes, used * PAGE_BYTES);
    }
    give_all();
}

static void runs_never_overlap(void **state)
{
    (void)state;
    hak_active_profile.purge_delay = 0;
    random_runs(1);
    hak_active_profile.purge_delay = 1;
    random_runs(2);
    hak_active_profile.purge_policy = HAK_PURGE_FREE;
    random_runs(3);
    hak_active_profile.superslab_size = (size_t)256 << 10;
    hak_active_profile.purge_policy = HAK_PURGE_NEVER;
    random_runs(4);
    hak_active_profile.purge_policy = HAK_PURGE_DONTNEED;
    hak_active_profile.superslab_size = (size_t)2 << 20;
}

static void fill_superslabs(size_t count)
{
    for (size_t i = 0; i < 2 * count; i++)
        take(half_superslab(), PAGE_BYTES);
}

static void nothing_mapped(void)
{
    pool_reclaim();
    assert_int_equal(counted().superslabs, 0);
    assert_int_equal(counted().mapped_bytes, 0);
}

static void empty_superslabs_are_kept(void **state)
{
    (void)state;
    hak_active_profile.purge_delay = 0;
    for (uint64_t keep = 0; keep < 4; keep++) {
        nothing_mapped();
        hak_active_profile.superslab_keep_empty = keep;
        fill_superslabs(5);
        assert_int_equal(counted().superslabs, 5);
        give_all();
        assert_int_equal(counted().superslabs, keep);
        assert_int_equal(counted().purgeable_bytes, 0);
    }
    hak_active_profile.superslab_keep_empty = 1;
    nothing_mapped();
}

static void purged_when_due_and_not_before(void **state)
{
    (void)state;
    nothing_mapped();
    hak_active_profile.purge_delay = 3600 * 1000;
    fill_superslabs(2);
    give_all();
    pool_tick();
    assert_int_equal(counted().superslabs, 2);
    assert_int_equal(counted().purgeable_bytes, (size_t)4 << 20);
    nothing_mapped();
    hak_active_profile.purge_delay = 1;
    fill_superslabs(2);
    give_all();
    for (int i = 0; i < 10000 && counted().superslabs > 1; i++) { /* the clock is coarse */
        usleep(1000);
        pool_tick();
    }
    assert_int_equal(counted().superslabs, 1);
    assert_int_equal(counted().purgeable_bytes, 0);
}

/* Memory of slabs that waits to be used again is known of, and that of large blocks does not count. */
static void what_waits_for_slabs_is_known(void **state)
{
    (void)state;
    nothing_mapped();
    hak_active_profile.purge_delay = 3600 * 1000;
    assert_false(pool_has_retained());
    struct page_run run, large;
    assert_true(pool_take(1, &run));
    assert_false(pool_has_retained());
    pool_give(&run);
    assert_true(pool_has_retained());
    assert_true(pool_take(1, &run));
    assert_false(pool_has_retained());
    pool_give(&run);
    pool_purge_all(0);
    assert_false(pool_has_retained());
    assert_true(pool_take_for_large_block(4, PAGE_BYTES, false, &large));
    pool_give(&large);
    assert_false(pool_has_retained());
    hak_active_profile.purge_delay = 1;
    assert_true(pool_take(1, &run));
    pool_give(&run);
    assert_true(pool_has_retained());
    for (int i = 0; i < 10000 && pool_has_retained(); i++) { /* the clock is coarse */
        usleep(1000);
        pool_tick();
    }
    assert_false(pool_has_retained());
}

static void never_purged_but_on_demand(void **state)
{
    (void)state;
    nothing_mapped();
    hak_active_profile.purge_policy = HAK_PURGE_NEVER;
    hak_active_profile.purge_delay = 0;
    fill_superslabs(2);
    give_all();
    pool_tick();
    assert_int_equal(counted().superslabs, 2);
    assert_int_equal(pool_purge_all((size_t)2 << 20), (size_t)2 << 20); /* all but so much */
    assert_int_equal(pool_purge_all(0), (size_t)2 << 20);
    hak_active_profile.purge_policy = HAK_PURGE_DONTNEED;
    nothing_mapped();
}

static void purged_memory_is_known_to_be_zero(void **state)
{
    (void)state;
    nothing_mapped();
    hak_active_profile.purge_delay = 0;
    take(4, PAGE_BYTES);
    take(4, PAGE_BYTES);
    give(0);
    struct page_run run;
    assert_true(pool_take(4, &run));
    assert_true(run.zeroed);
    for (size_t at = 0; at < 4 * PAGE_BYTES; at += 8)
        assert_int_equal(*(uint64_t *)(run.base + at), 0);
    pool_give(&run);
    hak_active_profile.purge_policy = HAK_PURGE_FREE; /* may come back as it was */
    assert_true(pool_take(4, &run));
    pool_give(&run);
    assert_true(pool_take(4, &run));
    assert_false(run.zeroed);
    pool_give(&run);
    hak_active_profile.purge_policy = HAK_PURGE_DONTNEED;
    give_all();
}

static struct page_run taken_for_large_block(size_t pages)
{
    struct page_run run;
    assert_true(pool_take_for_large_block(pages, PAGE_BYTES, false, &run));
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
    for (size_t i = 0; i < 7; i++)
        pool_give(&all[i]);
    assert_int_equal(pool_reclaim(), (size_t)(16 + 32 + 64 + 128 + 3 * 256) << 20);
}

/* A block without them does not grow into one that is to have them. */
static void long_blocks_have_huge_pages(void **state)
{
    (void)state;
    size_t huge = os_huge_page_bytes() >> PAGE_SHIFT;
    if (huge == 0 || 2 * huge >= pool_longest_run()) {
        print_message("skipped: no run is so long as this kernel's huge pages\n");
        skip();
    }
    hak_active_profile.pages_huge = HAK_HUGE_AUTO;
    nothing_mapped();
    struct page_run run = taken_for_large_block(2 * huge - 1), other = taken_for_large_block(2 * huge);
    assert_ptr_not_equal(run.superslab, other.superslab);
    assert_false(run.superslab->huge);
    assert_false(pool_extend(&run, 1));
    assert_true(pool_extend(&other, 1));
    pool_give(&run);
    pool_give(&other);
    nothing_mapped();
    static const uint64_t of_all[] = {HAK_HUGE_NEVER, HAK_HUGE_MADVISE};
    for (size_t i = 0; i < 2; i++) { /* then they share, and may grow */
        hak_active_profile.pages_huge = of_all[i];
        run = taken_for_large_block(huge);
        other = taken_for_large_block(1);
        assert_ptr_equal(run.superslab, other.superslab);
        pool_give(&other);
        assert_true(pool_extend(&run, huge));
        pool_give(&run);
        nothing_mapped();
    }
    hak_active_profile.pages_huge = HAK_HUGE_NEVER;
}

static void check_zeros(const char *from, size_t pages)
{
    for (size_t at = 0; at < pages * PAGE_BYTES; at++)
        assert_int_equal(from[at], 0);
}

/* What is above the allowance goes from the area's end, and an eighth of that more. */
static void large_blocks_surplus_goes_from_the_end(void **state)
{
    (void)state;
    nothing_mapped();
    hak_active_profile.pages_huge = HAK_HUGE_NEVER;
    hak_active_profile.large_cache = 15 * PAGE_BYTES;
    struct page_run low = taken_for_large_block(20), high = taken_for_large_block(20), kept = taken_for_large_block(1);
    memset(low.base, 1, 41 * PAGE_BYTES);
    pool_give(&high);
    assert_int_equal(counted().large_retained_bytes, 20 * PAGE_BYTES); /* as much is in use, and 15 besides */
    pool_give(&low);
    assert_int_equal(counted().large_retained_bytes, 14 * PAGE_BYTES); /* 16 are allowed */
    assert_int_equal(low.base[14 * PAGE_BYTES - 1], 1);
    check_zeros(low.base + 14 * PAGE_BYTES, 26);
    assert_int_equal(kept.base[0], 1);
    pool_give(&kept);
    assert_int_equal(counted().large_retained_bytes, 15 * PAGE_BYTES);
    hak_active_profile.large_cache = 0;
    pool_tick();
    struct page_run again = taken_for_large_block(1);
    pool_give(&again); /* nothing may wait now */
    assert_int_equal(counted().large_retained_bytes, 0);
    check_zeros(low.base, 41);
    hak_active_profile.large_cache = (size_t)32 << 20;
    nothing_mapped();
}

/* Of two areas the one that waits longer gives first, and the other what is left to give. */
static void of_two_areas_in_child(void)
{
    struct page_run full[8], last; /* an area of 256 pages, and a second one */
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

/* No run is aligned to more than an area has room for, whatever its length and its base. */
static void new_areas_hold_aligned_runs(void **state)
{
    (void)state;
    for (size_t pages = 1; pages <= pool_longest_run(); pages += 37) {
        struct page_run run;
        nothing_mapped();
        assert_true(pool_take_for_large_block(pages, POOL_ALIGNMENT_MOST, false, &run));
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
    check_zeros(base, 5);
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
    CHILD_CHECK(pool_take_for_large_block(512, PAGE_BYTES, false, &run)); /* would have 256 MiB */
    CHILD_CHECK(run.superslab->pages >= 512 && run.superslab->pages < 2048);
    pool_give(&run);
}

static void smaller_areas_where_addresses_are_short(void **state)
{
    (void)state;
    nothing_mapped();
    assert_child_passes(smaller_areas_where_addresses_are_short_in_child);
}

/* Down to one slab's pages. What is left serves large blocks and descriptors. */
static void smaller_superslabs_where_addresses_are_short_in_child(void)
{
    enum { MOST = 64 };
    struct page_run run[MOST];
    CHILD_CHECK(pool_take(1, &run[0])); /* the descriptors' chunk is there */
    pool_give(&run[0]);
    pool_unmap_empty();
    limit_address_space((size_t)1536 << 10); /* less than a SuperSlab */
    size_t count = 0;
    while (count < MOST && pool_take(1, &run[count]))
        count++;
    CHILD_CHECK(count >= 20 && count <= 24);
    for (size_t i = 0; i < count; i++) {
        memset(run[i].base, 1, PAGE_BYTES);
        pool_give(&run[i]);
    }
    pool_unmap_empty();
    lift_address_space();
    for (size_t bytes = 0; bytes < HAK_PROFILE(superslab_size); bytes = run[0].superslab->pages * PAGE_BYTES) {
        CHILD_CHECK(pool_take(1, &run[0])); /* they get longer again, each twice as long */
        while (run[0].superslab->longest_run > 1)
            CHILD_CHECK(pool_take(1, &run[0]));
    }
}

static void smaller_superslabs_where_addresses_are_short(void **state)
{
    (void)state;
    nothing_mapped();
    assert_child_passes(smaller_superslabs_where_addresses_are_short_in_child);
}

/* What lies behind the last used page goes back with what is empty, and nobody gets it any more. */
static void unused_ends_are_unmapped(void **state)
{
    (void)state;
    nothing_mapped();
    struct page_run run = taken_for_large_block(32), next = taken_for_large_block(3), more;
    uint64_t mapped = counted().mapped_bytes;
    size_t end = 32 + 3;
    assert_int_equal(pool_unmap_empty(), mapped - end * PAGE_BYTES);
    assert_int_equal(counted().mapped_bytes, end * PAGE_BYTES);
    assert_int_equal(pool_unmap_empty(), 0);
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

/* What is above purge.keep goes at once; taken again soon, it is kept the next time. */
static void a_peak_falls_at_once_and_regret_keeps(void **state)
{
    (void)state;
    nothing_mapped();
    hak_active_profile.purge_delay = 3600 * 1000;
    hak_active_profile.superslab_keep_empty = 64;
    size_t most = HAK_PROFILE(purge_keep);
    uint64_t purged[4];
    for (int round = 0; round < 4; round++) {
        uint64_t before = counted().purged_bytes;
        fill_superslabs(2 * most >> 21);
        give_all();
        assert_true(counted().purgeable_bytes <= most || round > 0);
        purged[round] = counted().purged_bytes - before;
    }
    assert_true(purged[0] >= most);
    assert_int_equal(purged[3], 0);
    hak_active_profile.superslab_keep_empty = 1;
    nothing_mapped();
}

static void refused_in_child(void)
{
    struct page_run run;
    while (run_count < RUNS && pool_take(half_superslab(), &runs[run_count]))
        sign(&runs[run_count++]);
    CHILD_CHECK(run_count > 4 && run_count < RUNS);
    size_t failures = counted().failures;
    CHILD_CHECK(failures == 1 && !pool_take(1 + half_superslab() / 2, &run) && counted().failures == 2);
    pool_give(&runs[--run_count]);
    CHILD_CHECK(pool_take(1, &run));
    pool_give(&run);
    lift_address_space();
    CHILD_CHECK(pool_take(half_superslab(), &runs[run_count]));
    sign(&runs[run_count++]);
    CHILD_CHECK(pool_take(half_superslab(), &run));
    pool_give(&run);
    for (size_t i = 0; i < run_count; i++)
        CHILD_CHECK(*(size_t *)runs[i].base == (size_t)runs[i].base && *last_word(&runs[i]) == (size_t)runs[i].base);
}

static void limited(void)
{
    pool_reclaim();
    limit_address_space((size_t)20 << 20);
    refused_in_child();
}

static void a_refusal_loses_nothing(void **state)
{
    (void)state;
    nothing_mapped();
    assert_child_passes(limited);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_loses_nothing),
        cmocka_unit_test(a_peak_falls_at_once_and_regret_keeps), /* these before others, whose regrets would count */
        cmocka_unit_test(surplus_goes_from_the_area_that_waits_longest),
        cmocka_unit_test(large_blocks_surplus_goes_from_the_end),
        cmocka_unit_test(runs_never_overlap),
        cmocka_unit_test(empty_superslabs_are_kept),
        cmocka_unit_test(purged_when_due_and_not_before),
        cmocka_unit_test(what_waits_for_slabs_is_known),
        cmocka_unit_test(never_purged_but_on_demand),
        cmocka_unit_test(purged_memory_is_known_to_be_zero),
        cmocka_unit_test(large_blocks_have_areas_of_their_own),
        cmocka_unit_test(areas_hold_several_of_their_blocks),
        cmocka_unit_test(long_blocks_have_huge_pages),
        cmocka_unit_test(new_areas_hold_aligned_runs),
        cmocka_unit_test(an_empty_area_is_kept),
        cmocka_unit_test(smaller_areas_where_addresses_are_short),
        cmocka_unit_test(smaller_superslabs_where_addresses_are_short),
        cmocka_unit_test(unused_ends_are_unmapped),
        cmocka_unit_test(unused_areas_are_left_out_of_core_dumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
