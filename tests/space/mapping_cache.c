/* SPDX-License-Identifier: MIT */
/* The mapping cache: which mapping serves a request, which go first, what is left of one that is cut, what is
 * remembered of those that went; and all of it at random against a naive model. */
#include "lib/space/mapping_cache.h"

#include "lib/base/os.h"
#include "lib/profile/active.h"
#include "lib/space/metadata.h"
#include "lib/space/purge_clock.h"
#include "tests/base/child.h"

#define MIB ((size_t)1 << 20)

static struct footprint footprint;
static struct retention retention;
static struct mapping_cache cache;

static int setup(void **state)
{
    (void)state;
    footprint = (struct footprint){0};
    retention = (struct retention){.footprint = &footprint};
    cache = (struct mapping_cache){.retention = &retention};
    hak_active_profile.purge_delay = 3600 * 1000;
    return 0;
}

static bool is_mapped(const char *address)
{
    unsigned char present;
    return mincore((void *)(uintptr_t)address, os_page_bytes, &present) == 0;
}

static void unmap_dropped(void)
{
    struct list dropped = mapping_cache_dropped(&cache);
    mapping_cache_unmap(&dropped);
    mapping_cache_reuse(&cache, &dropped);
}

static int teardown(void **state)
{
    (void)state;
    mapping_cache_release(&cache, cache.bytes);
    unmap_dropped();
    return 0;
}

static void check_bytes(uint64_t bytes)
{
    assert_int_equal(cache.bytes, bytes);
    assert_int_equal(retention.bytes, bytes);
    assert_int_equal(footprint.retained, bytes);
}

/* A fresh mapping of BYTES, which is cached. */
static char *add(size_t bytes)
{
    struct mapping mapping = {os_map_aligned(bytes, PAGE_BYTES), bytes};
    assert_non_null(mapping.base);
    assert_true(mapping_cache_add(&cache, mapping));
    return mapping.base;
}

/* Where a request of BYTES is served from; NULL if it is not. */
static char *take(size_t bytes, size_t alignment)
{
    struct mapping mapping = {NULL, 0};
    if (!mapping_cache_take(&cache, bytes, alignment, &mapping))
        return NULL;
    assert_true(mapping.bytes >= bytes);
    assert_true(is_mapped(mapping.base) && is_mapped(mapping.base + mapping.bytes - PAGE_BYTES));
    os_unmap(mapping.base, mapping.bytes);
    return mapping.base;
}

static void the_smallest_that_fits_serves(void **state)
{
    (void)state;
    char *large = add(48 * MIB), *fits = add(40 * MIB);
    add(36 * MIB);
    add(47 * MIB);
    check_bytes(171 * MIB);
    assert_ptr_equal(take(37 * MIB, PAGE_BYTES), fits);
    check_bytes(131 * MIB);
    assert_ptr_equal(take(47 * MIB + 1, PAGE_BYTES), large);
    check_bytes(83 * MIB);
    assert_null(take(47 * MIB + 1, PAGE_BYTES));
    check_bytes(83 * MIB);
}

static void no_more_than_a_quarter_is_wasted(void **state)
{
    (void)state;
    char *base = add(64 * MIB);
    assert_null(take(48 * MIB - 1, PAGE_BYTES));
    assert_ptr_equal(take(48 * MIB, PAGE_BYTES), base);
    check_bytes(0);
}

static void aligned_as_asked(void **state)
{
    (void)state;
    char *aligned = os_map_aligned(64 * MIB, 64 * MIB);
    assert_true(mapping_cache_add(&cache, (struct mapping){aligned + PAGE_BYTES, 40 * MIB}));
    assert_null(take(40 * MIB, 2 * PAGE_BYTES));
    assert_ptr_equal(take(40 * MIB, PAGE_BYTES), aligned + PAGE_BYTES);
    os_unmap(aligned, PAGE_BYTES);
    os_unmap(aligned + PAGE_BYTES + 40 * MIB, 24 * MIB - PAGE_BYTES);
    aligned = os_map_aligned(64 * MIB, 64 * MIB);
    assert_true(mapping_cache_add(&cache, (struct mapping){aligned, 64 * MIB}));
    assert_ptr_equal(take(60 * MIB, 64 * MIB), aligned);
}

/* What is dropped stays mapped until it is unmapped without the lock. */
static void the_oldest_go_first(void **state)
{
    (void)state;
    char *first = add(20 * MIB), *second = add(24 * MIB), *third = add(28 * MIB);
    assert_int_equal(mapping_cache_release(&cache, 30 * MIB),
                     44 * MIB); /* of the second less would be left than pays */
    check_bytes(28 * MIB);
    assert_int_equal(cache.purges, 2);
    assert_int_equal(cache.purged_bytes, 44 * MIB);
    assert_true(is_mapped(first) && is_mapped(second));
    unmap_dropped();
    assert_false(is_mapped(first) || is_mapped(first + 20 * MIB - PAGE_BYTES) || is_mapped(second));
    assert_null(cache.dropped.first);
    assert_ptr_equal(take(28 * MIB, PAGE_BYTES), third);
    assert_int_equal(mapping_cache_release(&cache, 1), 0);
}

static void a_long_one_loses_its_end(void **state)
{
    (void)state;
    char *base = add(200 * MIB);
    base[0] = base[180 * MIB - 1] = 1;
    assert_int_equal(mapping_cache_release(&cache, 20 * MIB - 1), 20 * MIB);
    unmap_dropped();
    check_bytes(180 * MIB);
    assert_int_equal(cache.purged_bytes, 20 * MIB);
    assert_true(is_mapped(base + 180 * MIB - PAGE_BYTES));
    assert_false(is_mapped(base + 180 * MIB) || is_mapped(base + 200 * MIB - PAGE_BYTES));
    struct mapping mapping;
    assert_true(mapping_cache_take(&cache, 180 * MIB, PAGE_BYTES, &mapping));
    assert_ptr_equal(mapping.base, base);
    assert_int_equal(mapping.bytes, 180 * MIB);
    assert_int_equal(base[0] + base[180 * MIB - 1], 2);
    os_unmap(base, mapping.bytes);
}

/* The delay of the time when a mapping was retained counts, fourfold after a refault. */
static void due_after_the_delay(void **state)
{
    (void)state;
    hak_active_profile.purge_delay = 1000;
    assert_int_equal(mapping_cache_next_purge(&cache), 0);
    uint64_t start = purge_clock();
    add(20 * MIB);
    uint64_t first = mapping_cache_next_purge(&cache);
    assert_true(first > start + 1000 && first <= purge_clock() + 1001);
    retention.delay_shift = 2;
    add(30 * MIB);
    assert_int_equal(mapping_cache_next_purge(&cache), first);
    assert_int_equal(mapping_cache_purge_due(&cache, first - 1), 0);
    assert_int_equal(mapping_cache_purge_due(&cache, first), 20 * MIB);
    check_bytes(30 * MIB);
    uint64_t second = mapping_cache_next_purge(&cache);
    assert_true(second > start + 4000 && second <= purge_clock() + 4001);
    assert_int_equal(mapping_cache_purge_due(&cache, second), 30 * MIB);
    assert_int_equal(mapping_cache_next_purge(&cache), 0);
    unmap_dropped();
}

/* A mapping that had waited is taken again: that counts once. */
static void what_aged_refaults_once(void **state)
{
    (void)state;
    add(40 * MIB);
    add(60 * MIB);
    uint64_t now = purge_clock();
    mapping_cache_purge_due(&cache, now + 2 * HAK_PROFILE(purge_delay));
    retention.aged_time = now; /* not in an hour */
    assert_int_equal(retention.aged, 100 * MIB);
    assert_null(take(29 * MIB, PAGE_BYTES)); /* would have wasted too much */
    assert_null(take(61 * MIB, PAGE_BYTES));
    assert_int_equal(retention.aged, 100 * MIB);
    assert_null(take(39 * MIB, PAGE_BYTES));
    assert_int_equal(retention.aged, 61 * MIB);
    assert_int_equal(retention.refaulted, 39 * MIB);
    assert_null(take(39 * MIB, PAGE_BYTES)); /* the other one was longer than that by more than a quarter */
    assert_int_equal(retention.aged, 61 * MIB);
    assert_null(take(60 * MIB, PAGE_BYTES)); /* and now more than half has been taken again */
    assert_int_equal(retention.delay_shift, 2);
    assert_int_equal(retention.aged + retention.refaulted, 0);
    unmap_dropped();
}

static void what_was_released_refaults_once(void **state)
{
    (void)state;
    add(20 * MIB);
    assert_int_equal(mapping_cache_release(&cache, 20 * MIB), 20 * MIB);
    assert_null(take(20 * MIB, PAGE_BYTES)); /* nobody said that it was released for a limit */
    assert_int_equal(retention.earned, 0);
    retention_released(&retention, 20 * MIB, purge_clock());
    for (int i = 0; i < 3; i++)
        assert_null(take(20 * MIB, PAGE_BYTES));
    assert_int_equal(retention.earned, 40 * MIB);
    unmap_dropped();
}

/* The last so many are remembered. */
static void ghosts_are_forgotten(void **state)
{
    (void)state;
    for (size_t i = 0; i < MAPPING_CACHE_GHOSTS + 2; i++)
        add(20 * MIB);
    mapping_cache_release(&cache, cache.bytes);
    retention_released(&retention, (MAPPING_CACHE_GHOSTS + 2) * 20 * MIB, purge_clock());
    for (size_t i = 0; i < MAPPING_CACHE_GHOSTS + 2; i++)
        assert_null(take(20 * MIB, PAGE_BYTES));
    assert_int_equal(retention.released, 2 * 20 * MIB);
    unmap_dropped();
}

/* What is taken from the cache is no refault. */
static void a_hit_is_no_refault(void **state)
{
    (void)state;
    add(40 * MIB);
    mapping_cache_release(&cache, 40 * MIB);
    retention_released(&retention, 40 * MIB, purge_clock());
    char *base = add(40 * MIB);
    assert_ptr_equal(take(40 * MIB, PAGE_BYTES), base);
    assert_int_equal(retention.earned, 0);
    unmap_dropped();
}

static void entries_are_reused(void **state)
{
    (void)state;
    for (size_t i = 0; i < 100; i++)
        add(PAGE_BYTES);
    uint64_t metadata = metadata_bytes();
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < 50; i++) /* some are taken, others dropped */
            assert_non_null(take(PAGE_BYTES, PAGE_BYTES));
        mapping_cache_release(&cache, cache.bytes);
        unmap_dropped();
        check_bytes(0);
        for (size_t i = 0; i < 100; i++)
            add(PAGE_BYTES);
    }
    assert_int_equal(metadata_bytes(), metadata);
}

static void resident_bytes_are_those_that_were_touched(void **state)
{
    (void)state;
    char *base = add(20 * MIB);
    os_advise_huge(base, 20 * MIB, false);
    assert_int_equal(mapping_cache_resident(&cache), 0);
    memset(base, 1, 3 * PAGE_BYTES);
    assert_int_equal(mapping_cache_resident(&cache), 3 * PAGE_BYTES);
}

/* --- at random, against a naive model: the mappings in the order of their coming -----------------------------------
 */

#define MODEL_MOST 64

static struct mapping model[MODEL_MOST];
static size_t model_count;

static void model_remove(size_t at)
{
    model_count--;
    memmove(&model[at], &model[at + 1], (model_count - at) * sizeof model[0]);
}

static uint64_t model_bytes(void)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < model_count; i++)
        bytes += model[i].bytes;
    return bytes;
}

static void random_take(uint32_t *seed)
{
    size_t bytes = (1 + random_next(seed) % 100) * MIB, best = model_count;
    for (size_t i = 0; i < model_count; i++)
        if (model[i].bytes >= bytes && 4 * (model[i].bytes - bytes) <= model[i].bytes &&
            (best == model_count || model[i].bytes < model[best].bytes))
            best = i;
    char *base = take(bytes, PAGE_BYTES);
    if (best == model_count) {
        assert_null(base);
        return;
    }
    assert_ptr_equal(base, model[best].base);
    model_remove(best);
}

/* All that goes is the oldest, or the end of the one that is the oldest then. */
static void random_release(uint32_t *seed)
{
    uint64_t asked = (1 + random_next(seed) % 100) * MIB, all = model_bytes();
    uint64_t released = mapping_cache_release(&cache, asked);
    assert_true(released >= asked || cache.bytes == 0);
    assert_int_equal(all - released, cache.bytes);
    while (model_count != 0 && released >= model[0].bytes) {
        released -= model[0].bytes;
        model_remove(0);
    }
    if (released != 0)
        model[0].bytes -= released;
}

static void as_the_model_says(void **state)
{
    (void)state;
    for (uint32_t seed = 1, i = 0; i < 3000; i++) {
        uint32_t kind = random_next(&seed) % 8;
        if (kind < 4 && model_count < MODEL_MOST) {
            size_t bytes = (1 + random_next(&seed) % 100) * MIB;
            model[model_count] = (struct mapping){add(bytes), bytes};
            model_count++;
        } else if (kind < 7) {
            random_take(&seed);
        } else {
            random_release(&seed);
        }
        check_bytes(model_bytes());
        if (random_next(&seed) % 4 == 0)
            unmap_dropped();
    }
}

static int start(void **state)
{
    (void)state;
    os_start();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_smallest_that_fits_serves),
        TEST(no_more_than_a_quarter_is_wasted),
        TEST(aligned_as_asked),
        TEST(the_oldest_go_first),
        TEST(a_long_one_loses_its_end),
        TEST(due_after_the_delay),
        TEST(what_aged_refaults_once),
        TEST(what_was_released_refaults_once),
        TEST(ghosts_are_forgotten),
        TEST(a_hit_is_no_refault),
        TEST(entries_are_reused),
        TEST(resident_bytes_are_those_that_were_touched),
        TEST(as_the_model_says),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
