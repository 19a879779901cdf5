/* SPDX-License-Identifier: MIT */
/* The pool's footprint: memory in use and retained memory of all kinds together stay below the most that was in use,
 * whatever is taken and given; what earns more retained memory, and what does not; what lowers the ceiling. */
#include "lib/space/retention.h"
#include "tests/space/pool.h"

#define MIB ((size_t)1 << 20)
#define ITEMS 200

/* A run, or a mapping if it has no SuperSlab. */
static struct item {
    struct page_run run;
    struct mapping mapping;
} items[ITEMS];
static size_t item_count;
static uint64_t used, most_used, mapped; /* bytes of all items; the most that was; of mappings */

static uint64_t bytes_of(const struct item *item)
{
    return item->run.superslab != NULL ? item->run.pages << PAGE_SHIFT : item->mapping.bytes;
}

static void note_used(int64_t bytes, bool mapping)
{
    used += (uint64_t)bytes;
    mapped += mapping ? (uint64_t)bytes : 0;
    most_used = used > most_used ? used : most_used;
}

static uint64_t footprint(void)
{
    struct pool_counts counts = counted();
    CHILD_CHECK(counts.used_bytes + mapped == used);
    return used + counts.purgeable_bytes;
}

static uint64_t slack_of(uint64_t ceiling)
{
    return size_maximum(ceiling / RETENTION_SLACK_SHARE, RETENTION_SLACK_LEAST) +
           ceiling / RETENTION_SLACK_EARNED_SHARE;
}

static struct mapping new_mapping(size_t bytes)
{
    struct mapping mapping = {os_map_aligned(bytes, PAGE_BYTES), bytes};
    CHILD_CHECK(mapping.base != NULL);
    pool_note_mapping((int64_t)bytes);
    return mapping;
}

static void take_item(uint32_t *seed)
{
    struct item *item = &items[item_count++];
    uint32_t kind = random_next(seed) % 8;
    *item = (struct item){.run.superslab = NULL};
    if (kind < 4) {
        size_t pages = 1 + random_next(seed) % 8;
        CHILD_CHECK(kind == 0 ? take_dense_slab(pages, &item->run) : take_slab(pages, &item->run));
    } else if (kind < 7) {
        size_t pages = 1 + random_next(seed) % (kind == 6 ? pool_longest_run() : 40);
        CHILD_CHECK(pool_take_for_large_block(pages, PAGE_BYTES, false, true, &item->run));
    } else {
        size_t bytes = (33 + random_next(seed) % 20) * MIB;
        if (!pool_take_mapping(bytes, PAGE_BYTES, false, &item->mapping))
            item->mapping = new_mapping(bytes);
    }
    note_used((int64_t)bytes_of(item), item->run.superslab == NULL);
}

static void give_item(uint32_t *seed)
{
    struct item *item = &items[random_next(seed) % item_count];
    note_used(-(int64_t)bytes_of(item), item->run.superslab == NULL);
    if (item->run.superslab != NULL)
        pool_give(&item->run);
    else
        pool_give_mapping(item->mapping);
    *item = items[--item_count];
}

static void extend_item(uint32_t *seed)
{
    struct item *item = &items[random_next(seed) % item_count];
    size_t more = 1 + random_next(seed) % 20;
    if (item->run.superslab != NULL && !superslab_is_for_slabs((enum superslab_kind)item->run.superslab->kind) &&
        pool_extend(&item->run, more))
        note_used((int64_t)(more << PAGE_SHIFT), false);
}

static void random_step(uint32_t *seed, uint32_t takes)
{
    uint32_t kind = random_next(seed) % 16;
    if (kind < takes && item_count < ITEMS)
        take_item(seed);
    else if (kind < 14 && item_count != 0)
        give_item(seed);
    else if (item_count != 0)
        extend_item(seed);
}

/* STEPS at random: more is taken than given, then less, and again. */
static void live(uint32_t seed, size_t steps, bool bounded)
{
    for (size_t step = 0; step < steps; step++) {
        random_step(&seed, step / 300 % 2 == 0 ? 8 : 6);
        if (step % 8 == 0)
            tick();
        uint64_t all = footprint();
        CHILD_CHECK(!bounded || all <= most_used + slack_of(most_used));
    }
}

static void without_ageing_in_child(void)
{
    hak_active_profile.purge_delay = 3600 * 1000;
    live(1, 6000, true);
}

/* Where the limits of the kinds do not matter. */
static void by_the_ceiling_alone_in_child(void)
{
    hak_active_profile.purge_delay = 3600 * 1000;
    hak_active_profile.purge_keep = hak_active_profile.large_cache = UINT64_C(4) << 30;
    hak_active_profile.superslab_keep_empty = 64;
    live(2, 6000, true);
    CHILD_CHECK(counted().purged_bytes != 0); /* or the ceiling would have had nothing to do */
    hak_active_profile.purge_policy = HAK_PURGE_FREE;
    live(3, 3000, true);
}

static void never_purged_in_child(void)
{
    hak_active_profile.purge_delay = 0;
    hak_active_profile.purge_policy = HAK_PURGE_NEVER;
    live(4, 3000, false);
    CHILD_CHECK(counted().purged_bytes == 0);
}

static void the_footprint_stays_below_the_most_that_was_used(void **state)
{
    (void)state;
    assert_child_passes(without_ageing_in_child);
    assert_child_passes(by_the_ceiling_alone_in_child);
}

static void never_means_never(void **state)
{
    (void)state;
    assert_child_passes(never_purged_in_child);
}

/* --- single cases --------------------------------------------------------------------------------------------------
 */

static struct page_run large_run(size_t pages)
{
    struct page_run run;
    CHILD_CHECK(pool_take_for_large_block(pages, PAGE_BYTES, false, true, &run));
    return run;
}

static size_t large_retained_pages(void)
{
    return counted().large_retained_bytes >> PAGE_SHIFT;
}

/* A program turns from one kind of memory to another: what it does not need any more goes before more is touched. */
static void kinds_share_the_ceiling_in_child(void)
{
    hak_active_profile.large_cache = (size_t)32 << 20;
    hak_active_profile.purge_delay = 3600 * 1000;
    struct page_run large = large_run(160), slab[20];
    pool_give(&large);
    CHILD_CHECK(large_retained_pages() == 160);
    for (size_t i = 0; i < 20; i++) {
        CHILD_CHECK(take_slab(8, &slab[i]));
        size_t slabs = 8 * (i + 1);
        CHILD_CHECK(slabs + large_retained_pages() <= 165); /* 160 and a 32nd */
        CHILD_CHECK(slabs + large_retained_pages() >= 157);
    }
    for (size_t i = 0; i < 20; i++)
        pool_give(&slab[i]);
    struct mapping mapping = new_mapping(10 * MIB); /* all of it, as a block's own mapping */
    CHILD_CHECK(counted().purgeable_bytes <= 5 * PAGE_BYTES);
    pool_give_mapping(mapping);
}

static void kinds_share_the_ceiling(void **state)
{
    (void)state;
    assert_child_passes(kinds_share_the_ceiling_in_child);
}

/* When memory has waited in vain, the ceiling is what is left. */
static void ageing_lowers_the_ceiling_in_child(void)
{
    hak_active_profile.purge_delay = 1;
    struct page_run large = large_run(200), few;
    pool_give(&large);
    for (int i = 0; i < 10000 && large_retained_pages() != 0; i++) { /* the clock is coarse */
        usleep(1000);
        tick();
    }
    CHILD_CHECK(large_retained_pages() == 0);
    hak_active_profile.purge_delay = 3600 * 1000;
    large = large_run(10);
    pool_give(&large);
    CHILD_CHECK(large_retained_pages() == 10);
    CHILD_CHECK(take_slab(8, &few));
    CHILD_CHECK(large_retained_pages() == 4); /* the most that was used since is 10, and two more may be */
}

static void purging_all_lowers_the_ceiling_in_child(void)
{
    hak_active_profile.purge_delay = 3600 * 1000;
    struct page_run large = large_run(200), few;
    pool_give(&large);
    pool_purge_all(0);
    large = large_run(10);
    pool_give(&large);
    CHILD_CHECK(take_slab(8, &few));
    CHILD_CHECK(large_retained_pages() == 4);
}

static void what_is_not_needed_lowers_the_ceiling(void **state)
{
    (void)state;
    assert_child_passes(ageing_lowers_the_ceiling_in_child);
    assert_child_passes(purging_all_lowers_the_ceiling_in_child);
}

/* Pages that were never released are no refault, though others were released just now; nor are retained ones. */
static void fresh_pages_in_child(void)
{
    hak_active_profile.purge_delay = 3600 * 1000;
    hak_active_profile.large_cache = 64 * PAGE_BYTES;
    raise_ceiling(100 * MIB);
    struct page_run released = large_run(100), guard = large_run(1);
    pool_give(&released);
    CHILD_CHECK(large_retained_pages() == 56); /* 100 less 36 and an eighth of 64 */
    struct page_run fresh = large_run(120);    /* behind the guard */
    struct page_run retained = large_run(56);
    CHILD_CHECK(fresh.base > guard.base && !fresh.resident);
    CHILD_CHECK(retained.base == released.base && retained.resident);
    pool_give(&retained);
    pool_give(&fresh);
    CHILD_CHECK(large_retained_pages() == 56);
    pool_give(&guard);
}

/* Each page counts once, and twice as many are earned; what is not proven goes as far as less is in use. */
static void released_pages_in_child(void)
{
    hak_active_profile.purge_delay = 3600 * 1000;
    hak_active_profile.large_cache = 64 * PAGE_BYTES;
    raise_ceiling(100 * MIB);
    struct page_run released = large_run(100), guard = large_run(1), other = large_run(200);
    pool_give(&released);
    CHILD_CHECK(large_retained_pages() == 56);
    released = large_run(100); /* 44 of them had gone: 64 and 88 may be retained */
    pool_give(&released);
    CHILD_CHECK(large_retained_pages() == 100);
    pool_give(&other);
    CHILD_CHECK(large_retained_pages() == 112); /* 300 less 172 and an eighth of 128: as much as is kept once more */
    pool_give(&guard);
}

static void refaults_are_exact(void **state)
{
    (void)state;
    assert_child_passes(fresh_pages_in_child);
    assert_child_passes(released_pages_in_child);
}

/* For the child processes: the pages of all SuperSlabs are purged one by one. */
static int setup(void **state)
{
    start_os(state);
    hak_active_profile.pages_huge = HAK_HUGE_NEVER;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_footprint_stays_below_the_most_that_was_used),
        cmocka_unit_test(never_means_never),
        cmocka_unit_test(kinds_share_the_ceiling),
        cmocka_unit_test(what_is_not_needed_lowers_the_ceiling),
        cmocka_unit_test(refaults_are_exact),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
