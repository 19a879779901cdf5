/* SPDX-License-Identifier: MIT */
/* The pool: runs never overlap and keep their content; what becomes of empty SuperSlabs and empty pages under each
 * purge policy. */
#include "tests/space/pool.h"

#define RUNS 300

static struct page_run runs[RUNS];
static size_t run_count;

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

static void take(size_t pages, size_t alignment, bool dense)
{
    struct page_run *run = &runs[run_count++];
    if (alignment != PAGE_BYTES || pages > half_superslab())
        assert_true(pool_take_for_large_block(pages, alignment, dense, true, run));
    else
        assert_true(dense ? take_dense_slab(pages, run) : take_slab(pages, run));
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
            take(pages, PAGE_BYTES << random_next(&seed) % 3, random_next(&seed) % 4 == 0);
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
                if (run->zeroed)
                    assert_int_equal(*last_word(run), 0);
                used += more;
                sign(run);
            }
            assert_true(run->pages <= pool_longest_run());
        }
        tick();
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
        take(half_superslab(), PAGE_BYTES, false);
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
    tick();
    assert_int_equal(counted().superslabs, 2);
    assert_int_equal(counted().purgeable_bytes, (size_t)4 << 20);
    nothing_mapped();
    hak_active_profile.purge_delay = 1;
    fill_superslabs(2);
    give_all();
    for (int i = 0; i < 10000 && counted().superslabs > 1; i++) { /* the clock is coarse */
        usleep(1000);
        tick();
    }
    assert_int_equal(counted().superslabs, 1);
    assert_int_equal(counted().purgeable_bytes, 0);
}

/* Whether memory of slabs is retained is known; that of large blocks does not count. */
static void what_is_retained_for_slabs_is_known(void **state)
{
    (void)state;
    nothing_mapped();
    hak_active_profile.purge_delay = 3600 * 1000;
    assert_int_equal(pool_slab_retained_bytes(), 0);
    struct page_run run, large;
    assert_true(take_slab(1, &run));
    assert_int_equal(pool_slab_retained_bytes(), 0);
    pool_give(&run);
    assert_int_not_equal(pool_slab_retained_bytes(), 0);
    assert_true(take_slab(1, &run));
    assert_int_equal(pool_slab_retained_bytes(), 0);
    pool_give(&run);
    pool_purge_all(0);
    assert_int_equal(pool_slab_retained_bytes(), 0);
    assert_true(pool_take_for_large_block(4, PAGE_BYTES, false, true, &large));
    pool_give(&large);
    assert_int_equal(pool_slab_retained_bytes(), 0);
    hak_active_profile.purge_delay = 1;
    assert_true(take_slab(1, &run));
    pool_give(&run);
    assert_int_not_equal(pool_slab_retained_bytes(), 0);
    for (int i = 0; i < 10000 && (pool_slab_retained_bytes() != 0); i++) { /* the clock is coarse */
        usleep(1000);
        tick();
    }
    assert_int_equal(pool_slab_retained_bytes(), 0);
}

static void never_purged_but_on_demand(void **state)
{
    (void)state;
    nothing_mapped();
    hak_active_profile.purge_policy = HAK_PURGE_NEVER;
    hak_active_profile.purge_delay = 0;
    fill_superslabs(2);
    give_all();
    tick();
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
    take(4, PAGE_BYTES, false);
    take(4, PAGE_BYTES, false);
    give(0);
    struct page_run run;
    assert_true(take_slab(4, &run));
    assert_true(run.zeroed);
    for (size_t at = 0; at < 4 * PAGE_BYTES; at += 8)
        assert_int_equal(*(uint64_t *)(run.base + at), 0);
    pool_give(&run);
    hak_active_profile.purge_policy = HAK_PURGE_FREE; /* may come back as it was */
    assert_true(take_slab(4, &run));
    pool_give(&run);
    assert_true(take_slab(4, &run));
    assert_false(run.zeroed);
    pool_give(&run);
    hak_active_profile.purge_policy = HAK_PURGE_DONTNEED;
    give_all();
}

/* Down to one slab's pages. What is left serves large blocks and descriptors. */
static void smaller_superslabs_where_addresses_are_short_in_child(void)
{
    enum { MOST = 64 };
    struct page_run run[MOST];
    CHILD_CHECK(take_slab(1, &run[0])); /* the descriptors' chunk is there */
    pool_give(&run[0]);
    pool_reclaim();
    limit_address_space((size_t)1536 << 10); /* less than a SuperSlab */
    size_t count = 0;
    while (count < MOST && take_slab(1, &run[count]))
        count++;
    CHILD_CHECK(count >= 20 && count <= 24);
    for (size_t i = 0; i < count; i++) {
        memset(run[i].base, 1, PAGE_BYTES);
        pool_give(&run[i]);
    }
    pool_reclaim();
    lift_address_space();
    for (size_t bytes = 0; bytes < HAK_PROFILE(superslab_size); bytes = run[0].superslab->pages * PAGE_BYTES) {
        CHILD_CHECK(take_slab(1, &run[0])); /* they get longer again, each twice as long */
        while (run[0].superslab->longest_run > 1)
            CHILD_CHECK(take_slab(1, &run[0]));
    }
}

static void smaller_superslabs_where_addresses_are_short(void **state)
{
    (void)state;
    nothing_mapped();
    assert_child_passes(smaller_superslabs_where_addresses_are_short_in_child);
}

/* What is above purge.keep goes at once; taken again soon, it is kept the next time. */
static void refaults_keep(uint64_t keep_empty)
{
    hak_active_profile.purge_delay = 3600 * 1000;
    hak_active_profile.superslab_keep_empty = keep_empty;
    size_t most = HAK_PROFILE(purge_keep);
    uint64_t purged[4];
    for (int round = 0; round < 4; round++) {
        uint64_t before = counted().purged_bytes;
        fill_superslabs(2 * most >> 21);
        give_all();
        CHILD_CHECK(counted().purgeable_bytes <= most || round > 0);
        purged[round] = counted().purged_bytes - before;
    }
    CHILD_CHECK(purged[0] >= most);
    CHILD_CHECK(purged[3] == 0);
}

static void refaults_of_purged_memory_in_child(void)
{
    refaults_keep(64);
    CHILD_CHECK(counted().superslabs_unmapped == 0);
}

static void refaults_of_unmapped_memory_in_child(void)
{
    refaults_keep(1);
    CHILD_CHECK(counted().superslabs_unmapped != 0);
}

static void a_peak_falls_at_once_and_refaults_keep(void **state)
{
    (void)state;
    nothing_mapped();
    assert_child_passes(refaults_of_purged_memory_in_child);
    assert_child_passes(refaults_of_unmapped_memory_in_child);
}

/* Slabs that will be filled have SuperSlabs with huge pages, which count as slabs' in every way. */
static void dense_slabs_have_superslabs_of_their_own(void **state)
{
    (void)state;
    if (os_huge_page_bytes() == 0 || os_huge_page_bytes() > HAK_PROFILE(superslab_size)) {
        print_message("skipped: no SuperSlab holds one of this kernel's huge pages\n");
        skip();
    }
    nothing_mapped();
    hak_active_profile.pages_huge = HAK_HUGE_AUTO;
    hak_active_profile.purge_delay = 3600 * 1000;
    struct page_run dense, plain, again;
    raise_ceiling((size_t)64 << 20); /* a huge page is retained as a whole */
    assert_true(take_dense_slab(3, &dense) && take_slab(3, &plain));
    assert_int_equal(dense.superslab->kind, SUPERSLAB_DENSE);
    assert_int_equal(plain.superslab->kind, SUPERSLAB_PLAIN);
    assert_false(plain.superslab->huge);
    assert_int_equal(counted().superslabs, 2);
    assert_int_equal(counted().used_bytes, 6 * PAGE_BYTES);
    pool_give(&dense);
    assert_int_equal(counted().superslabs, 2);
    assert_int_equal(counted().used_bytes, 3 * PAGE_BYTES);
    assert_int_equal(counted().large_retained_bytes, 0);
    assert_int_not_equal(pool_slab_retained_bytes(), 0);
    assert_true(take_dense_slab(3, &again));
    assert_ptr_equal(again.base, dense.base);
    pool_give(&again);
    pool_give(&plain);
    pool_purge_all(0);
    assert_int_equal(pool_slab_retained_bytes(), 0);
    nothing_mapped();
    hak_active_profile.pages_huge = HAK_HUGE_NEVER; /* then they are as others */
    assert_true(take_dense_slab(3, &dense) && take_slab(3, &plain));
    assert_ptr_equal(dense.superslab, plain.superslab);
    pool_give(&dense);
    pool_give(&plain);
    hak_active_profile.pages_huge = HAK_HUGE_AUTO;
    nothing_mapped();
}

static void refused_in_child(void)
{
    struct page_run run;
    while (run_count < RUNS && take_slab(half_superslab(), &runs[run_count]))
        sign(&runs[run_count++]);
    CHILD_CHECK(run_count > 4 && run_count < RUNS);
    size_t failures = counted().failures;
    CHILD_CHECK(failures == 1 && !take_slab(1 + half_superslab() / 2, &run) && counted().failures == 2);
    pool_give(&runs[--run_count]);
    CHILD_CHECK(take_slab(1, &run));
    pool_give(&run);
    lift_address_space();
    CHILD_CHECK(take_slab(half_superslab(), &runs[run_count]));
    sign(&runs[run_count++]);
    CHILD_CHECK(take_slab(half_superslab(), &run));
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
        cmocka_unit_test(a_peak_falls_at_once_and_refaults_keep),
        cmocka_unit_test(dense_slabs_have_superslabs_of_their_own),
        cmocka_unit_test(runs_never_overlap),
        cmocka_unit_test(empty_superslabs_are_kept),
        cmocka_unit_test(purged_when_due_and_not_before),
        cmocka_unit_test(what_is_retained_for_slabs_is_known),
        cmocka_unit_test(never_purged_but_on_demand),
        cmocka_unit_test(purged_memory_is_known_to_be_zero),
        cmocka_unit_test(smaller_superslabs_where_addresses_are_short),
    };
    return cmocka_run_group_tests(tests, start_os, NULL);
}
