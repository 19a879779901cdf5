/* SPDX-License-Identifier: MIT */
/* How high the stacks get: growth by thrashing and by one-way moves, its bounds, and gc passes. */
#include "lib/thread/stack_growth.h"

#include "lib/base/os.h"
#include "lib/heap/drain.h"
#include "lib/heap/refill.h"
#include "lib/profile/active.h"
#include "lib/thread/stack_layout.h"
#include "tests/thread/cache.h"

#include <hakmem/hakmem.h>

/* Loses what is in the stack. */
static void set_empty(struct thread_cache *cache, unsigned class)
{
    atomic_store(&cache->hot.top[class], atomic_load(&cache->bottom[class]));
}

/* Pops COUNT blocks and pushes them again, as malloc and free would. */
static void pop_and_push(struct thread_cache *cache, unsigned class, uint32_t count)
{
    static void *block[16384];
    assert_true(count <= sizeof block / sizeof block[0]);
    for (uint32_t i = 0; i < count; i++) {
        void **top = atomic_load(&cache->hot.top[class]);
        block[i] = top[-1];
        if (block[i] == NULL)
            block[i] = thread_cache_refill(cache, class);
        else
            atomic_store(&cache->hot.top[class], top - 1);
    }
    for (uint32_t i = 0; i < count; i++)
        thread_cache_push(cache, class, block[i]);
}

static void a_thrashing_stack_grows_until_it_thrashes_no_more(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES);
    uint32_t limit = size_classes[class].limit, count = limit * 3;
    struct thread_cache *cache = make_cache();
    int64_t allocated = allocated_of(cache, class);
    for (unsigned i = 0; i < 16; i++)
        pop_and_push(cache, class, count);
    assert_int_equal(cache->history[class].doublings, 0); /* a few thrashes are not worth it yet */
    for (unsigned i = 0; i < 2; i++) {                    /* then at once */
        pop_and_push(cache, class, count);
        assert_int_equal(cache->history[class].doublings, i + 1);
    }
    assert_int_equal(cache->hot.limit[class] - atomic_load(&cache->bottom[class]), 4 * limit);
    uint64_t refills = count_of(&cache->heap.counts.refills), drains = count_of(&cache->heap.counts.drains);
    for (unsigned i = 0; i < 8; i++)
        pop_and_push(cache, class, count);
    assert_int_equal(count_of(&cache->heap.counts.refills), refills);
    assert_int_equal(count_of(&cache->heap.counts.drains), drains);
    assert_true(thread_cache_is_sound(cache, class));
    assert_true(thread_cache_height(cache, class) >= count);
    thread_cache_drain_all(cache);
    assert_int_equal(allocated_of(cache, class), allocated);
    registry_give(&cache->heap);
}

static void take_all(struct thread_cache *cache, unsigned class, void **block, uint32_t count)
{
    for (uint32_t taken = 0; taken < count; taken++)
        block[taken] = thread_cache_take(cache, class);
}

/* What only comes or only goes, as where another thread frees, moves in batches of four times as many in the end: the
 * whole of a stack that has grown once, instead of half of one that has not. */
static void one_way_moves_are_larger(void **state)
{
    (void)state;
    enum { BLOCKS = 20000 };
    unsigned class = size_class_of(CLASS_BYTES);
    const struct size_class *of = &size_classes[class];
    static void *block[BLOCKS];
    struct thread_cache *source = make_cache(), *drain = make_cache();
    take_all(source, class, block, BLOCKS); /* of new memory, which comes by its own rule */
    assert_int_equal(drain_put(&source->heap, class, block, BLOCKS), BLOCKS);
    uint64_t before = count_of(&source->heap.counts.refills);
    take_all(source, class, block, BLOCKS);
    assert_int_equal(source->history[class].doublings, 1);
    assert_true(thread_cache_height(source, class) < 4 * of->refill);
    for (uint32_t i = 0; i < BLOCKS; i++)
        thread_cache_push(drain, class, block[i]);
    assert_int_equal(drain->history[class].doublings, 1);
    assert_true(thread_cache_height(drain, class) <= 2 * of->limit && thread_cache_is_sound(drain, class));
    uint64_t refills = count_of(&source->heap.counts.refills) - before, drains = count_of(&drain->heap.counts.drains);
    assert_true(refills < BLOCKS / of->refill / 2 && drains < BLOCKS / (of->limit / 2) / 2);
    thread_cache_drain_all(source);
    thread_cache_drain_all(drain);
    registry_give(&source->heap);
    registry_give(&drain->heap);
}

/* One drain moves so much that every class has a gc pass; the one that is drained has none. */
static void a_large_drain_in_child(void)
{
    enum { BLOCKS = 4000 };
    static void *block[BLOCKS];
    hak_active_profile.thread_cache_max_bytes = (size_t)8 << 20;
    hak_active_profile.thread_cache_max_objects = 4096;
    size_class_start();
    unsigned class = size_class_count - 1;
    struct thread_cache *source = thread_cache_new(), *drain = thread_cache_new();
    source->moves = drain->moves = SLOW_START_END;
    for (unsigned i = 0; i < BLOCKS; i++)
        CHILD_CHECK((block[i] = thread_cache_take(source, class)) != NULL);
    for (unsigned i = 0; i < BLOCKS; i++)
        thread_cache_push(drain, class, block[i]);
    CHILD_CHECK(drain->history[class].doublings == 1 && thread_cache_is_sound(drain, class));
    CHILD_CHECK(thread_cache_height(drain, class) <= 2 * size_classes[class].limit);
    CHILD_CHECK((size_t)2 * size_classes[class].limit * size_classes[class].size / ((size_t)64 << 10) >
                2 * size_class_count);
    thread_cache_drain_all(source);
    thread_cache_drain_all(drain);
    CHILD_CHECK(
        atomic_load(&source->heap.counts.allocated[class]) + atomic_load(&drain->heap.counts.allocated[class]) == 0);
}

/* Twice a full refill is no more than the stack holds: the next class's begins behind it. */
static void a_whole_refill_in_child(void)
{
    static const uint8_t thresholds[] = {100, 50};
    for (size_t i = 0; i < sizeof thresholds; i++) {
        hak_active_profile.thread_cache_refill = 100;
        hak_active_profile.thread_cache_growth = 1;
        hak_active_profile.thread_cache_drain_threshold = thresholds[i];
        size_class_start();
        struct thread_cache *cache = thread_cache_new();
        cache->moves = SLOW_START_END;
        unsigned class = size_class_of(CLASS_BYTES);
        CHILD_CHECK(thread_cache_refill(cache, class + 1) != NULL);
        for (unsigned round = 0; round < 20; round++) {
            CHILD_CHECK(thread_cache_refill(cache, class) != NULL);
            CHILD_CHECK(thread_cache_height(cache, class) < size_classes[class].limit);
            CHILD_CHECK(thread_cache_is_sound(cache, class) && thread_cache_is_sound(cache, class + 1));
            set_empty(cache, class);
        }
    }
}

static void batches_are_bounded(void **state)
{
    (void)state;
    assert_child_passes(a_large_drain_in_child);
    assert_child_passes(a_whole_refill_in_child);
}

static void growth_ends_where_the_profile_says(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES);
    size_t most = size_classes[class].limit * HAK_PROFILE(thread_cache_growth);
    assert_int_equal(size_classes[class].limit << size_classes[class].doublings, most);
    struct thread_cache *cache = make_cache();
    for (unsigned i = 0; i < 120; i++) {
        pop_and_push(cache, class, (uint32_t)most + 100);
        assert_true(thread_cache_height(cache, class) <= most && thread_cache_is_sound(cache, class));
    }
    assert_int_equal(cache->hot.limit[class] - atomic_load(&cache->bottom[class]), most);
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

static size_t resident_of(struct thread_cache *cache)
{
    return os_resident(atomic_load(&cache->grown), stack_layout_grown_bytes(cache));
}

static void a_cache_that_is_given_up_begins_anew(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES);
    uint32_t limit = size_classes[class].limit;
    struct thread_cache *cache = make_cache();
    for (unsigned i = 0; i < 60; i++)
        pop_and_push(cache, class, 16 * limit);
    assert_true(cache->history[class].doublings >= 3);
    size_t resident = resident_of(cache);
    thread_cache_drain_all(cache);
    thread_cache_release_stacks(cache);
    assert_true(resident_of(cache) + 16 * limit * sizeof(void *) / 2 < resident);
    assert_int_equal(cache->history[class].doublings, 0);
    assert_false(pointer_stack_is_set_up(thread_cache_stack(cache, class)));
    assert_true(thread_cache_is_sound(cache, class) && thread_cache_height(cache, class) == 0);
    for (unsigned i = 0; i < 60; i++)
        pop_and_push(cache, class, 16 * limit);
    assert_true(cache->history[class].doublings >= 3 && thread_cache_is_sound(cache, class)); /* and can grow again */
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

/* Moves at least BYTES of CLASS through refills; the blocks are lost. */
static void refill_bytes(struct thread_cache *cache, unsigned class, size_t bytes)
{
    for (size_t moved = 0; moved < bytes;) {
        thread_cache_refill(cache, class);
        moved += (thread_cache_height(cache, class) + 1) * size_classes[class].size;
        set_empty(cache, class);
    }
}

/* Bytes moved in which each class has one gc pass, and a little more. */
static size_t bytes_of_a_gc_pass_each(void)
{
    return ((size_t)64 << 10) * (size_class_count + 1);
}

/* A cache whose stack of CLASS has thrashed until it is four times its capacity high. */
static struct thread_cache *make_grown(unsigned class)
{
    struct thread_cache *cache = make_cache();
    for (unsigned i = 0; i < 20; i++)
        pop_and_push(cache, class, 3u * size_classes[class].limit);
    assert_int_equal(cache->history[class].doublings, 2);
    return cache;
}

static void a_stack_that_stands_still_gives_everything_back(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES), other = size_class_of(2 * CLASS_BYTES);
    uint32_t limit = size_classes[class].limit;
    struct thread_cache *cache = make_grown(class);
    assert_true(thread_cache_height(cache, class) > limit);
    refill_bytes(cache, other, 3 * bytes_of_a_gc_pass_each());
    assert_int_equal(cache->hot.limit[class] - atomic_load(&cache->bottom[class]), limit);
    assert_int_equal(thread_cache_height(cache, class), 0);
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

static void a_stack_in_use_keeps_what_it_has(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES), other = size_class_of(2 * CLASS_BYTES);
    struct thread_cache *cache = make_cache();
    pop_and_push(cache, class, size_classes[class].limit / 2);
    size_t height = thread_cache_height(cache, class);
    for (unsigned i = 0; i < 10; i++) {
        refill_bytes(cache, other, bytes_of_a_gc_pass_each() / 2);
        atomic_store(&cache->hot.top[class],
                     atomic_load(&cache->hot.top[class]) - 1); /* a malloc or two between two gc passes */
    }
    assert_int_equal(thread_cache_height(cache, class), height - 10);
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

static void *refill_take_one(struct thread_cache *cache, unsigned class)
{
    void *block;
    assert_int_equal(refill_take(&cache->heap, class, &block + 1, 1), 1);
    return block;
}

/* A stack of CLASS in use has COUNT gc passes at most, until it is empty; whether it is. No round is so long that it
 * has two. */
static bool gc_until_empty(struct thread_cache *cache, unsigned class, unsigned other, unsigned count)
{
    for (unsigned i = 0; i < count && thread_cache_height(cache, class) > 0; i++) {
        atomic_store(&cache->hot.top[class], atomic_load(&cache->hot.top[class]) - 1);
        refill_bytes(cache, other, ((size_t)64 << 10) * (size_class_count - 1));
    }
    return thread_cache_height(cache, class) == 0;
}

/* One that has grown so high that it is not drained gets its order from the bitmaps now and then, and stays as high. */
static void a_high_stack_is_sorted(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES), other = size_class_of(2 * CLASS_BYTES);
    uint32_t limit = size_classes[class].limit;
    struct thread_cache *cache = make_grown(class);
    assert_false(gc_until_empty(cache, class, other, 6));
    assert_true(gc_until_empty(cache, class, other, 4));
    assert_int_equal(cache->history[class].doublings, 2);
    assert_int_equal(cache->hot.limit[class] - atomic_load(&cache->bottom[class]), 4 * limit);
    char *before = thread_cache_take(cache, class);
    for (unsigned i = 0; i < limit / 4; i++) {
        char *next = thread_cache_take(cache, class);
        assert_true(next > before || page_map_descriptor(next) != page_map_descriptor(before));
        before = next;
    }
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

/* One that has grown once moves one way, and is sorted by its drains. */
static void a_lower_stack_is_not_sorted(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES), other = size_class_of(2 * CLASS_BYTES);
    struct thread_cache *cache = make_cache();
    while (cache->history[class].doublings < 1)
        pop_and_push(cache, class, size_classes[class].limit + size_classes[class].limit / 2);
    size_t height = thread_cache_height(cache, class);
    assert_false(gc_until_empty(cache, class, other, 20));
    assert_int_equal(thread_cache_height(cache, class), height - 20);
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

/* Nobody empties the stack that a push is about to drain. */
static void the_stack_in_hand_is_not_sorted(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES);
    uint32_t limit = size_classes[class].limit;
    struct thread_cache *cache = make_grown(class);
    while (atomic_load(&cache->hot.top[class]) < cache->hot.limit[class])
        thread_cache_push(cache, class, refill_take_one(cache, class));
    cache->next_gc = class;
    cache->history[class].gc_passes = 7;
    cache->moved_bytes = ((size_t)64 << 10) - 1;
    thread_cache_push(cache, class, refill_take_one(cache, class));
    assert_int_equal(cache->next_gc, class + 1);
    assert_true(thread_cache_height(cache, class) > limit && thread_cache_is_sound(cache, class));
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thrashing_stack_grows_until_it_thrashes_no_more),
        cmocka_unit_test(one_way_moves_are_larger),
        cmocka_unit_test(batches_are_bounded),
        cmocka_unit_test(growth_ends_where_the_profile_says),
        cmocka_unit_test(a_cache_that_is_given_up_begins_anew),
        cmocka_unit_test(a_stack_that_stands_still_gives_everything_back),
        cmocka_unit_test(a_stack_in_use_keeps_what_it_has),
        cmocka_unit_test(a_high_stack_is_sorted),
        cmocka_unit_test(a_lower_stack_is_not_sorted),
        cmocka_unit_test(the_stack_in_hand_is_not_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
