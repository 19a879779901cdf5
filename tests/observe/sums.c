/* SPDX-License-Identifier: MIT */
/* What the statistics read without locks is what the structures hold, as a walk under the lock finds it; and it may be
 * read while threads run. */
#include "lib/observe/stats.h"
#include "lib/profile/active.h"
#include "lib/space/large.h"
#include "lib/space/pool_state.h"
#include "tests/base/child.h"

#include <pthread.h>

#define BLOCKS 4000
#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

static void *blocks[BLOCKS];
static uint32_t seed = 1;

static size_t some_size(void)
{
    uint32_t kind = random_next(&seed) % 100;
    return 1 + random_next(&seed) % (kind < 80 ? 2 * KIB : kind < 99 ? 500 * KIB : 40 * MIB);
}

static void churn(unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        void **block = &blocks[random_next(&seed) % BLOCKS];
        if (*block != NULL) {
            hak_free(*block);
            *block = NULL;
        } else {
            *block = hak_malloc(some_size());
        }
    }
}

static void free_all(void)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        hak_free(blocks[i]);
        blocks[i] = NULL;
    }
}

/* --- walks -------------------------------------------------------------------------------------------------------- */

struct found {
    uint64_t superslabs, mapped, used, slabs, purgeable, lazy;
};

static struct found walk(void)
{
    struct found found = {0};
    struct pool_walk walk = {0};
    pool_lock();
    for (struct superslab *superslab; (superslab = pool_walk_on(&walk)) != NULL;) {
        bool for_slabs = superslab_is_for_slabs((enum superslab_kind)superslab->kind);
        uint64_t used = (uint64_t)superslab->used_pages << PAGE_SHIFT;
        found.superslabs += for_slabs;
        found.mapped += (uint64_t)superslab->pages << PAGE_SHIFT;
        found.used += used;
        found.slabs += for_slabs ? used : 0;
        found.purgeable += superslab_purgeable(superslab);
        for (size_t page = 0; page < superslab->pages; page++)
            found.lazy += page_set_any(superslab->dirty, page, 1) && !page_set_any(superslab->resident, page, 1) &&
                          !page_set_any(superslab->used, page, 1);
    }
    found.purgeable += count_read(&pool.mappings.bytes);
    pool_unlock();
    return found;
}

static void add_range(struct census_range range, void *bytes)
{
    *(uint64_t *)bytes += range.bytes;
}

static uint64_t bytes_in(const struct census *census)
{
    uint64_t bytes = 0;
    census_each(census, add_range, &bytes);
    return bytes;
}

static uint64_t bytes_of_large(const struct stats_all *all)
{
    uint64_t bytes = 0;
    for (unsigned k = 0; k < STATS_LARGE_CLASSES; k++)
        bytes += all->large[k].bytes;
    return bytes;
}

static uint64_t bytes_of_slabs(const struct stats_all *all)
{
    uint64_t bytes = 0;
    for (unsigned class = 0; class < size_class_count; class ++)
        bytes += stats_class_figures(all, class).slab_bytes;
    return bytes;
}

static void assert_as_found(void)
{
    static struct stats_all all;
    struct found found = walk();
    stats_collect(&all, true);
    assert_int_equal(all.total.superslabs, found.superslabs);
    assert_int_equal(all.superslab_bytes, found.mapped);
    assert_int_equal(all.superslab_bytes, bytes_in(&superslab_census));
    assert_int_equal(all.slab_bytes, found.slabs);
    assert_int_equal(all.slab_bytes, bytes_of_slabs(&all));
    assert_int_equal(all.slab_bytes + all.total.large_bytes - all.mapping_bytes, found.used);
    assert_int_equal(all.total.large_bytes, bytes_in(&large_census));
    assert_int_equal(all.total.large_bytes, bytes_of_large(&all));
    assert_int_equal(all.total.purgeable_bytes, found.purgeable);
    assert_int_equal(all.total.lazily_freed_bytes, found.lazy << PAGE_SHIFT);
    assert_int_equal(count_read(&pool.mappings.bytes), bytes_in(&mapping_cache_census));
    assert_true(all.total.purgeable_bytes + all.total.lazily_freed_bytes <= all.total.retained_bytes);
    assert_true(all.total.resident_bytes <= all.total.mapped_bytes);
}

/* --- cases -------------------------------------------------------------------------------------------------------- */

static void in_rounds(void)
{
    for (unsigned round = 0; round < 40; round++) {
        churn(1500);
        assert_as_found();
        if (round % 10 == 9) {
            hak_malloc_trim(0);
            assert_as_found();
        }
    }
    free_all();
    assert_as_found();
    hak_malloc_trim(0);
    assert_as_found();
}

static void by_default(void **state)
{
    (void)state;
    in_rounds();
}

static void with_a_large_cache(void **state)
{
    (void)state;
    hak_active_profile.large_cache = 64 * MIB;
    hak_active_profile.purge_delay = 0;
    in_rounds();
}

/* Last, since pages that were given back before were not counted. */
static void with_lazy_frees(void **state)
{
    (void)state;
    hak_active_profile.purge_policy = HAK_PURGE_FREE;
    for (unsigned delay = 0; delay < 2; delay++) {
        hak_active_profile.purge_delay = delay;
        in_rounds();
    }
    churn(20000);
    free_all();
    hak_malloc_trim(0);
    struct hak_stats stats;
    hak_stats_get(&stats, sizeof stats);
    assert_true(stats.lazily_freed_bytes > 0);
    assert_int_equal(stats.purgeable_bytes, 0);
}

/* --- while threads run -------------------------------------------------------------------------------------------- */

static _Atomic bool enough;

static void *run(void *argument)
{
    uint32_t random = (uint32_t)(uintptr_t)argument;
    void *own[200] = {NULL};
    while (!atomic_load_explicit(&enough, memory_order_relaxed)) {
        void **block = &own[random_next(&random) % 200];
        hak_free(*block);
        *block = hak_malloc(1 + random_next(&random) % (random % 50 == 0 ? 3 * MIB : 500));
    }
    for (size_t i = 0; i < 200; i++)
        hak_free(own[i]);
    return NULL;
}

/* What a thread has allocated and another one frees. */
static void *pass_on(void *unused)
{
    static _Atomic(void *) place[64];
    uint32_t random = 5;
    while (!atomic_load_explicit(&enough, memory_order_relaxed))
        hak_free(atomic_exchange_explicit(&place[random_next(&random) % 64], hak_malloc(40), memory_order_acq_rel));
    return unused;
}

/* The parts of a class make up the whole at any time; the sums of all do when nothing happens. */
static void may_be_read_at_any_time(void **state)
{
    (void)state;
    static char text[HAK_STATS_JSON_BYTES];
    static struct stats_all all;
    pthread_t threads[4];
    pthread_create(&threads[0], NULL, run, (void *)7);
    pthread_create(&threads[1], NULL, run, (void *)8);
    pthread_create(&threads[2], NULL, pass_on, NULL);
    pthread_create(&threads[3], NULL, pass_on, NULL);
    for (unsigned i = 0; i < 300; i++) {
        assert_true(hak_stats_json(text, sizeof text) < sizeof text);
        stats_collect(&all, i % 8 == 0);
        for (unsigned class = 0; class < size_class_count; class ++) {
            struct hak_class_figures of = stats_class_figures(&all, class);
            assert_int_equal(of.slab_bytes, of.allocated_bytes + of.cached_bytes + of.free_bytes + of.rounding_bytes);
        }
        hak_mallinfo2();
    }
    atomic_store_explicit(&enough, true, memory_order_relaxed);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    hak_malloc_trim(0);
    assert_as_found();
}

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_default), cmocka_unit_test(with_a_large_cache),
                                       cmocka_unit_test(may_be_read_at_any_time), cmocka_unit_test(with_lazy_frees)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
