/* SPDX-License-Identifier: MIT */
/* The pointer stacks: refill, push, drain; a cache that is not set up. */
#include "lib/thread/thread_cache.h"

#include "lib/heap/refill.h"
#include "lib/profile/active.h"
#include "tests/thread/cache.h"

#include <hakmem/hakmem.h>

static void refill_brings_what_the_profile_says(void **state)
{
    (void)state;
    struct thread_cache *cache = make_cache();
    for (unsigned class = 0; class < size_class_count; class ++) {
        assert_int_equal(allocated_of(cache, class), 0);
        uint32_t full = size_classes[class].refill, brought = full < 4 ? full : 4,
                 page = (uint32_t)size_maximum(4096 / size_classes[class].size, 1);
        if (full <= 4 && size_classes[class].shared &&
            shared_is_used_up(class)) /* of new memory, no more than a page */
            brought = (uint32_t)size_minimum(brought, page);
        char *block = thread_cache_refill(cache, class);
        assert_non_null(block);
        assert_ptr_equal(atomic_load(&((struct slab *)page_map_descriptor(block))->heap),
                         heap_for_class(&cache->heap, class));
        assert_int_equal(thread_cache_height(cache, class), brought - 1);
        char *next = atomic_load(&cache->hot.top[class])[-1]; /* the lowest addresses come first */
        if (brought > 1 && page_map_descriptor(next) == page_map_descriptor(block))
            assert_ptr_equal(next, block + size_classes[class].size);
        assert_true(thread_cache_is_sound(cache, class));
        thread_cache_push(cache, class, block);
    }
    thread_cache_drain_all(cache);
    for (unsigned class = 0; class < size_class_count; class ++) {
        assert_int_equal(thread_cache_height(cache, class), 0);
        assert_int_equal(allocated_of(cache, class), 0);
        assert_int_equal(atomic_load(&heap_for_class(&cache->heap, class)->counts.slabs[class]),
                         1); /* a heap in use keeps one of each */
    }
    registry_give(&cache->heap);
    shared_reclaim();
    for (unsigned class = 0; class < size_class_count; class ++)
        assert_int_equal(atomic_load(&heap_for_class(&cache->heap, class)->counts.slabs[class]),
                         0); /* an idle one none */
}

static void a_full_stack_drains_its_oldest(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES);
    const struct size_class *of = &size_classes[class];
    static void *block[4096];
    struct thread_cache *cache = make_cache();
    int64_t allocated = allocated_of(cache, class);
    for (uint32_t i = 0; i <= of->limit; i++) {
        atomic_store(&cache->hot.top[class],
                     atomic_load(&cache->bottom[class])); /* forget: each comes straight from the heap */
        assert_int_equal(refill_take(&cache->heap, class, &block[i] + 1, 1), 1);
    }
    for (uint32_t i = 0; i < of->limit; i++)
        thread_cache_push(cache, class, block[i]);
    assert_int_equal(thread_cache_height(cache, class), of->limit);
    assert_int_equal(count_of(&cache->heap.counts.drains), 0);
    thread_cache_push(cache, class, block[of->limit]);
    uint64_t batch = of->limit * HAK_PROFILE(thread_cache_drain_batch) / 100;
    assert_int_equal(count_of(&cache->heap.counts.drains), 1);
    assert_int_equal(count_of(&cache->heap.counts.drained_blocks), batch);
    assert_int_equal(thread_cache_height(cache, class), of->limit - batch + 1);
    void **bottom = atomic_load(&cache->bottom[class]);
    for (uint32_t i = 0; i <= of->limit - batch; i++)
        assert_ptr_equal(bottom[i], block[batch + i]);
    assert_true(thread_cache_is_sound(cache, class));
    thread_cache_drain_all(cache);
    assert_int_equal(allocated_of(cache, class), allocated);
    registry_give(&cache->heap);
}

static void a_corrupt_stack_is_seen(void **state)
{
    (void)state;
    struct thread_cache *cache = make_cache();
    thread_cache_push(cache, 3, thread_cache_refill(cache, 3));
    void **top = atomic_load(&cache->hot.top[3]);
    atomic_store(&cache->hot.top[3],
                 atomic_load(&cache->bottom[3]) + (size_classes[3].limit << size_classes[3].doublings) + 1);
    assert_false(thread_cache_is_sound(cache, 3));
    atomic_store(&cache->hot.top[3], top);
    assert_true(thread_cache_is_sound(cache, 3));
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

static void double_free_at_drain_of(unsigned class)
{
    struct thread_cache *cache = thread_cache_new();
    void *block = thread_cache_refill(cache, class);
    thread_cache_push(cache, class, block);
    thread_cache_push(cache, class, block);
    thread_cache_drain_all(cache);
}

static void double_free_at_drain(void)
{
    double_free_at_drain_of(size_class_of(16));
}

static void double_free_at_drain_of_shared(void)
{
    double_free_at_drain_of(size_class_of(CLASS_BYTES));
}

static void misuse_ends_the_program(void **state)
{
    (void)state;
    assert_child_aborts(double_free_at_drain, "double free of ");
    assert_child_aborts(double_free_at_drain_of_shared, "double free of ");
}

static void refused_in_child(void)
{
    static void *block[100000];
    struct thread_cache *cache = thread_cache_new();
    unsigned class = size_class_of(5000);
    size_t count = 0;
    limit_address_space((size_t)64 << 20);
    while (count < 100000 && (block[count] = hak_malloc(5000)) != NULL)
        count++;
    CHILD_CHECK(count * 5000 > (size_t)40 << 20 && count < 100000);
    CHILD_CHECK(thread_cache_refill(cache, class) == NULL && thread_cache_height(cache, class) == 0 &&
                thread_cache_is_sound(cache, class));
    for (size_t i = 0; i < count; i++)
        hak_free(block[i]);
    CHILD_CHECK(hak_malloc((size_t)40 << 20) != NULL);
    CHILD_CHECK(thread_cache_refill(cache, class) != NULL);
}

static void a_refusal_loses_nothing(void **state)
{
    (void)state;
    assert_child_passes(refused_in_child);
}

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_loses_nothing),        cmocka_unit_test(refill_brings_what_the_profile_says),
        cmocka_unit_test(a_full_stack_drains_its_oldest), cmocka_unit_test(a_corrupt_stack_is_seen),
        cmocka_unit_test(misuse_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
