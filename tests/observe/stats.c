/* SPDX-License-Identifier: MIT */
/* The statistics add up: blocks, bytes and events of a known history. */
#include "lib/profile/active.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#include <errno.h>

#define BLOCKS 1000

static struct hak_stats now(void)
{
    struct hak_stats stats;
    assert_true(hak_stats_get(&stats, sizeof stats));
    return stats;
}

static void blocks_and_bytes_are_counted(void **state)
{
    (void)state;
    static void *block[BLOCKS];
    hak_active_profile.large_cache = (size_t)32 << 20;
    struct hak_stats before = now();
    for (int i = 0; i < BLOCKS; i++)
        block[i] = hak_malloc(1000);
    void *run = hak_malloc(100000), *mapping = hak_malloc((size_t)5 << 20);
    struct hak_stats full = now();
    assert_int_equal(full.live_blocks, before.live_blocks + BLOCKS + 2);
    assert_int_equal(full.live_bytes, before.live_bytes + BLOCKS * hak_malloc_usable_size(block[0]) +
                                          hak_malloc_usable_size(run) + hak_malloc_usable_size(mapping));
    assert_int_equal(full.large_blocks, before.large_blocks + 2);
    assert_true(full.refills > before.refills && full.mapped_bytes >= full.live_bytes &&
                full.peak_mapped_bytes >= full.mapped_bytes);
    for (int i = 0; i < BLOCKS; i++)
        hak_free(block[i]);
    hak_free(run);
    hak_free(mapping);
    struct hak_stats after = now();
    assert_int_equal(after.live_blocks, before.live_blocks);
    assert_int_equal(after.live_bytes, before.live_bytes);
    assert_true(after.drains > before.drains);
    assert_int_equal(after.cache_corruptions, 0);
    assert_int_equal(after.large_cached_bytes, ((size_t)5 << 20) + ((size_t)128 << 10));
}

/* A block with a mapping of its own counts as mapped once, in use and retained. */
static void mappings_are_counted_once(void **state)
{
    (void)state;
    size_t bytes = (size_t)40 << 20;
    hak_malloc_trim(0);
    struct hak_stats before = now();
    void *mapping = hak_malloc(bytes);
    struct hak_stats full = now();
    assert_int_equal(full.mapped_bytes, before.mapped_bytes + bytes);
    assert_true(full.peak_mapped_bytes >= full.mapped_bytes);
    assert_int_equal(full.large_cached_bytes, 0);
    hak_active_profile.large_cache = bytes;
    hak_free(mapping);
    struct hak_stats after = now();
    assert_int_equal(after.mapped_bytes, full.mapped_bytes);
    assert_int_equal(after.peak_mapped_bytes, full.peak_mapped_bytes);
    assert_int_equal(after.large_cached_bytes, bytes);
    assert_int_equal(after.purges, full.purges);
    assert_int_equal(hak_malloc_trim(0), 1);
    struct hak_stats trimmed = now();
    assert_int_equal(trimmed.mapped_bytes, before.mapped_bytes);
    assert_int_equal(trimmed.large_cached_bytes, 0);
    assert_int_equal(trimmed.purged_bytes, after.purged_bytes + bytes);
    assert_true(trimmed.purges > after.purges);
}

static void trim_empties_what_is_empty(void **state)
{
    (void)state;
    hak_malloc_trim(0);
    struct hak_stats stats = now();
    assert_int_equal(stats.large_cached_bytes, 0);
    assert_int_equal(stats.cached_bytes, 0);
    assert_int_equal(hak_mallinfo2().keepcost, 0);
    assert_int_equal(hak_malloc_trim(0), 0); /* nothing was left to give */
}

static void mallinfo_adds_up(void **state)
{
    (void)state;
    void *mapping = hak_malloc((size_t)40 << 20), *block = hak_malloc(100);
    struct hak_mallinfo2 info = hak_mallinfo2();
    assert_int_equal(info.uordblks + info.fordblks, info.arena);
    assert_int_equal(info.hblks, 1);
    assert_int_equal(info.hblkhd, (size_t)40 << 20);
    assert_true(info.smblks > 0 && info.fsmblks >= info.smblks * 16 && info.ordblks >= info.smblks);
    hak_free(mapping);
    hak_free(block);
}

static void callers_of_another_size(void **state)
{
    (void)state;
    struct {
        struct hak_stats stats;
        char newer[64];
    } large;
    struct hak_stats guarded;
    memset(&large, 0xff, sizeof large);
    memset(&guarded, 0xff, sizeof guarded);
    assert_false(hak_stats_get(&guarded, 0));
    assert_true(hak_stats_get((struct hak_stats *)&large, sizeof large));
    for (size_t i = 0; i < sizeof large.newer; i++)
        assert_int_equal(large.newer[i], 0);
    assert_true(hak_stats_get(&guarded, 2 * sizeof(uint64_t)));
    assert_int_equal(guarded.cached_bytes, UINT64_MAX); /* beyond what the caller has room for */
}

static void profile_values(void **state)
{
    (void)state;
    char text[64] = "", tiny[2] = "";
    assert_int_equal(hak_profile_value("superslab.size", text, sizeof text), 4);
    assert_string_equal(text, "2MiB");
    assert_int_equal(hak_profile_value("superslab.size", tiny, sizeof tiny), -1);
    assert_int_equal(errno, ERANGE);
    assert_int_equal(hak_profile_value("no.such", text, sizeof text), -1);
    assert_int_equal(errno, EINVAL);
}

static void print_to_standard_error(void)
{
    hak_stats_print(STDERR_FILENO);
}

static void text_names_every_counter_once(void **state)
{
    (void)state;
    struct child_end end = child_run(print_to_standard_error);
    assert_true(WIFEXITED(end.status));
    const char *names[] = {"hakmem: statistics\n", "\nlive_bytes: ", "\nsuperslabs: ",       "\npool_failures: ",
                           "\nprefaulted_bytes: ", "\nheaps_kept: ", "\nobjects_borrowed: ", "\nlookup_cycles: "};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *found = strstr(end.output, names[i]);
        assert_non_null(found);
        assert_null(strstr(found + 1, names[i]));
    }
}

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    hak_active_profile.purge_delay = 3600 * 1000;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_and_bytes_are_counted),  cmocka_unit_test(trim_empties_what_is_empty),
        cmocka_unit_test(mappings_are_counted_once),     cmocka_unit_test(mallinfo_adds_up),
        cmocka_unit_test(callers_of_another_size),       cmocka_unit_test(profile_values),
        cmocka_unit_test(text_names_every_counter_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
