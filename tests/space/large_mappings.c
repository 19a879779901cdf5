/* SPDX-License-Identifier: MIT */
/* Large blocks with mappings of their own, which are retained when they are freed: who gets them again, which go, what
 * becomes of those that have lost their end. */
#include "lib/base/os.h"
#include "lib/space/page_map.h"
#include "tests/space/large.h"

/* BYTES were in use once: so much may be in use and retained from now on. */
static void raise_ceiling(size_t bytes)
{
    uint64_t cache = hak_active_profile.large_cache;
    hak_active_profile.large_cache = 0;
    large_give(take(bytes));
    hak_active_profile.large_cache = cache;
}

static void freed_mappings_are_reused_in_child(void)
{
    bool zeroed = true;
    hak_active_profile.large_cache = 300 * MIB;
    raise_ceiling(600 * MIB);
    CHILD_CHECK(of_pool().large_retained_bytes == 0 && of_pool().mapping_bytes == 0);
    char *block = take(48 * MIB);
    block[0] = 1;
    large_give(block);
    CHILD_CHECK(of_pool().large_retained_bytes == 48 * MIB);
    CHILD_CHECK(large_take(42 * MIB, PAGE_BYTES, false, &zeroed) == block); /* an eighth is wasted: fits */
    CHILD_CHECK(!zeroed && of_pool().large_retained_bytes == 0 && large_usable(block, "test") == 48 * MIB);
    large_give(block);
    char *other = large_take(35 * MIB, PAGE_BYTES, false, &zeroed); /* more than a quarter would be wasted */
    CHILD_CHECK(other != block && zeroed && of_pool().large_retained_bytes == 48 * MIB);
    large_give(other);
    CHILD_CHECK(of_pool().large_retained_bytes == 83 * MIB && of_pool().mapping_bytes == 83 * MIB);
    CHILD_CHECK(pool_purge_all(0) == 83 * MIB);
    CHILD_CHECK(of_pool().large_retained_bytes == 0 && of_pool().mapping_bytes == 0);
}

static void freed_mappings_are_reused(void **state)
{
    (void)state;
    assert_child_passes(freed_mappings_are_reused_in_child);
}

/* Above the limit an eighth of it goes besides, the oldest mappings first. */
static void the_oldest_mappings_go_first_in_child(void)
{
    hak_active_profile.large_cache = 300 * MIB;
    raise_ceiling(700 * MIB);
    char *first = take(48 * MIB), *second = take(120 * MIB), *third = take(200 * MIB);
    large_give(first);
    large_give(second);
    CHILD_CHECK(of_pool().large_retained_bytes == 168 * MIB);
    large_give(third); /* 368 MiB in all */
    CHILD_CHECK(of_pool().large_retained_bytes <= 263 * MIB && of_pool().large_retained_bytes >= 200 * MIB);
    bool zeroed;
    char *again = large_take(45 * MIB, PAGE_BYTES, false, &zeroed);
    CHILD_CHECK(zeroed); /* the first, which would have served, has gone */
    CHILD_CHECK(large_take(200 * MIB, PAGE_BYTES, false, &zeroed) == third && !zeroed);
    large_give(again);
    large_give(third);
}

static void the_oldest_mappings_go_first(void **state)
{
    (void)state;
    assert_child_passes(the_oldest_mappings_go_first_in_child);
}

static void no_cache_keeps_nothing_in_child(void)
{
    hak_active_profile.large_cache = 0;
    for (int i = 0; i < 4; i++) { /* whatever is taken again */
        large_give(take(40 * MIB));
        CHILD_CHECK(of_pool().large_retained_bytes == 0 && of_pool().mapping_bytes == 0);
        large_give(take(4 * MIB));
        CHILD_CHECK(of_pool().large_retained_bytes == 0);
    }
}

static void no_cache_keeps_nothing(void **state)
{
    (void)state;
    assert_child_passes(no_cache_keeps_nothing_in_child);
}

/* A mapping that grows counts as used: what is retained elsewhere makes room for it. */
static void growth_stays_below_the_ceiling_in_child(void)
{
    hak_active_profile.large_cache = 1000 * MIB;
    raise_ceiling(200 * MIB);
    char *retained = take(90 * MIB), *growing = take(40 * MIB);
    large_give(retained);
    CHILD_CHECK(of_pool().large_retained_bytes == 90 * MIB);
    growing = large_resize(growing, 128 * MIB);
    CHILD_CHECK(growing != NULL && large_usable(growing, "test") == 144 * MIB); /* an eighth more */
    CHILD_CHECK(of_pool().large_retained_bytes <= 62 * MIB + 256 * 1024);       /* a 32nd of 200 MiB */
    large_resize(growing, 40 * MIB);
    CHILD_CHECK(of_pool().mapping_bytes == 40 * MIB + of_pool().large_retained_bytes);
    large_give(growing);
}

static void growth_stays_below_the_ceiling(void **state)
{
    (void)state;
    assert_child_passes(growth_stays_below_the_ceiling_in_child);
}

/* What was unmapped and is needed again at once is retained the next time. */
static void longer_than_the_cache_in_child(void)
{
    size_t bytes = HAK_PROFILE(large_cache) + MIB;
    large_give(take(bytes));
    CHILD_CHECK(of_pool().large_retained_bytes < bytes);
    for (int i = 0; i < 3; i++) {
        large_give(take(bytes));
        CHILD_CHECK(of_pool().large_retained_bytes == bytes);
    }
}

static void longer_than_the_cache_is_retained_once_it_refaults(void **state)
{
    (void)state;
    assert_child_passes(longer_than_the_cache_in_child);
}

/* A freed mapping of 40 MiB that has lost its last 1.75 MiB, as 3 MiB of other memory are in use. */
static char *cut_mapping(size_t alignment)
{
    bool zeroed;
    hak_active_profile.large_cache = 300 * MIB;
    char *block = large_take(40 * MIB, alignment, false, &zeroed);
    CHILD_CHECK(block != NULL);
    memset(block, 1, 40 * MIB);
    large_give(block);
    large_give(take(3 * MIB));
    CHILD_CHECK(of_pool().mapping_bytes == 40 * MIB - 7 * MIB / 4);
    return block;
}

/* Somebody else has the addresses behind. */
static void take_addresses_behind(char *block)
{
    char *end = block + 40 * MIB - 7 * MIB / 4;
    CHILD_CHECK(mmap(end, PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == end);
}

static void check_whole(char *block)
{
    CHILD_CHECK(block != NULL && large_usable(block, "test") == 40 * MIB);
    CHILD_CHECK(page_map_entry(block) == PAGE_LARGE);
    CHILD_CHECK(of_pool().mapping_bytes == 40 * MIB);
    CHILD_CHECK(block[0] == 1 && block[38 * MIB] == 1); /* the memory that it had */
    memset(block, 2, 40 * MIB);
    large_give(block);
}

static void cut_mapping_grows_in_place_in_child(void)
{
    bool zeroed = true;
    char *block = cut_mapping(PAGE_BYTES), *again = large_take(40 * MIB, PAGE_BYTES, false, &zeroed);
    CHILD_CHECK(again == block && !zeroed);
    check_whole(again);
}

static void cut_mapping_grows_elsewhere_in_child(void)
{
    bool zeroed = true;
    char *block = cut_mapping(PAGE_BYTES);
    take_addresses_behind(block);
    char *again = large_take(40 * MIB, PAGE_BYTES, false, &zeroed);
    CHILD_CHECK(again != block && !zeroed);
    CHILD_CHECK(page_map_entry(block) == PAGE_FOREIGN);
    check_whole(again);
}

static void cut_mapping_stays_aligned_in_child(void)
{
    bool zeroed;
    char *block = cut_mapping(64 * MIB);
    take_addresses_behind(block);
    char *again = large_take(40 * MIB, 64 * MIB, false, &zeroed);
    CHILD_CHECK(again != NULL && (uintptr_t)again % (64 * MIB) == 0);
    large_give(again);
}

static void cut_mapping_is_cleared_in_child(void)
{
    cut_mapping(PAGE_BYTES);
    char *zeros = hak_calloc(40, MIB);
    CHILD_CHECK(zeros != NULL);
    for (size_t at = 0; at < 40 * MIB; at++)
        CHILD_CHECK(zeros[at] == 0);
    hak_free(zeros);
}

/* Where it cannot grow another one is made. */
static void cut_mapping_without_addresses_in_child(void)
{
    char *block = cut_mapping(PAGE_BYTES);
    take_addresses_behind(block);
    limit_address_space(20 * MIB);
    char *again = hak_malloc(40 * MIB);
    CHILD_CHECK(again != NULL);
    memset(again, 1, 40 * MIB);
    hak_free(again);
}

static void cut_mappings_grow_again(void **state)
{
    (void)state;
    assert_child_passes(cut_mapping_grows_in_place_in_child);
    assert_child_passes(cut_mapping_grows_elsewhere_in_child);
    assert_child_passes(cut_mapping_stays_aligned_in_child);
    assert_child_passes(cut_mapping_is_cleared_in_child);
    assert_child_passes(cut_mapping_without_addresses_in_child);
}

/* Ends the child as skipped where the kernel does not move memory out of a mapping that stays. */
static void need_moving_memory(void)
{
    char *from = os_map(PAGE_BYTES), *to = os_map(PAGE_BYTES);
    memset(from, 1, PAGE_BYTES);
    if (!os_move_memory(from, PAGE_BYTES, to)) {
        dprintf(STDERR_FILENO, "this kernel does not move memory out of a mapping that stays (Linux 5.7)\n");
        _exit(CHILD_SKIPPED);
    }
    os_unmap(from, PAGE_BYTES);
    os_unmap(to, PAGE_BYTES);
}

/* A run that cannot grow becomes a mapping, with the memory that it has. */
static void run_becomes_mapping_in_child(void)
{
    bool zeroed;
    need_moving_memory();
    char *run = take(4 * MIB), *behind = take(MIB);
    CHILD_CHECK(behind == run + 4 * MIB);
    for (size_t at = 0; at < 4 * MIB; at++)
        run[at] = (char)(at / 4096);
    uint64_t used = of_pool().used_bytes;
    char *grown = large_resize(run, 10 * MIB);
    CHILD_CHECK(grown != NULL && grown != run && large_usable(grown, "test") >= 10 * MIB);
    CHILD_CHECK(page_map_entry(run) == PAGE_FOREIGN && page_map_entry(grown) == PAGE_LARGE);
    CHILD_CHECK(of_pool().used_bytes == used - 4 * MIB);
    CHILD_CHECK(of_pool().mapping_bytes == large_usable(grown, "test"));
    for (size_t at = 0; at < 10 * MIB; at++)
        CHILD_CHECK(grown[at] == (at < 4 * MIB ? (char)(at / 4096) : 0));
    char *again = large_take(4 * MIB, PAGE_BYTES, false, &zeroed);
    CHILD_CHECK(again == run && zeroed);
    for (size_t at = 0; at < 4 * MIB; at++)
        CHILD_CHECK(again[at] == 0);
    large_give(grown);
    large_give(again);
    large_give(behind);
    CHILD_CHECK(of_pool().used_bytes == used - 5 * MIB);
}

/* Short ones are copied: moving is worth its system calls from a MiB on. */
static void short_run_stays_in_child(void)
{
    char *run = take(MIB / 2), *behind = take(MIB);
    CHILD_CHECK(behind == run + MIB / 2);
    CHILD_CHECK(large_resize(run, 2 * MIB) == NULL && large_usable(run, "test") == MIB / 2);
}

static void runs_become_mappings(void **state)
{
    (void)state;
    skip_in_emulator();
    assert_child_passes(run_becomes_mapping_in_child);
    assert_child_passes(short_run_stays_in_child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(freed_mappings_are_reused, setup),
        cmocka_unit_test_setup(the_oldest_mappings_go_first, setup),
        cmocka_unit_test_setup(no_cache_keeps_nothing, setup),
        cmocka_unit_test_setup(growth_stays_below_the_ceiling, setup),
        cmocka_unit_test_setup(longer_than_the_cache_is_retained_once_it_refaults, setup),
        cmocka_unit_test_setup(cut_mappings_grow_again, setup),
        cmocka_unit_test_setup(runs_become_mappings, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
