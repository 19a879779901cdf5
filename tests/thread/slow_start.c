/* SPDX-License-Identifier: MIT */
/* What a thread that begins may keep, and how that becomes more. */
#include "lib/heap/drain.h"
#include "lib/heap/refill.h"
#include "lib/space/metadata.h"
#include "lib/thread/stack_growth.h"
#include "tests/thread/cache.h"

#include <hakmem/hakmem.h>

static size_t kept_bytes(const struct thread_cache *cache, unsigned class)
{
    return thread_cache_height(cache, class) * size_classes[class].size;
}

static void long_blocks_come_and_go_one_by_one(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES);
    struct thread_cache *cache = make_slow_cache();
    int64_t allocated = allocated_of(cache, class);
    for (unsigned i = 1; i <= 10; i++) {
        void *block = thread_cache_take(cache, class);
        assert_non_null(block);
        assert_int_equal(allocated_of(cache, class), allocated + 1);
        thread_cache_push(cache, class, block);
        assert_int_equal(allocated_of(cache, class), allocated);
        assert_false(pointer_stack_is_set_up(thread_cache_stack(cache, class)));
        assert_int_equal(count_of(&cache->heap.counts.refills), i);
        assert_int_equal(count_of(&cache->heap.counts.drains), i);
        assert_int_equal(cache->moves, 2 * i);
    }
    registry_give(&cache->heap);
}

/* BLOCKS of CLASS, a few at a time so that they do not end slow start, are taken, then pushed. */
static void take_and_push(struct thread_cache *cache, unsigned class, unsigned blocks)
{
    void *block[64];
    assert_true(blocks <= sizeof block / sizeof block[0]);
    for (unsigned i = 0; i < blocks; i++)
        assert_non_null(block[i] = thread_cache_take(cache, class));
    for (unsigned i = 0; i < blocks; i++) {
        thread_cache_push(cache, class, block[i]);
        assert_true(thread_cache_is_sound(cache, class));
    }
}

/* Of any class, at any moment, and though a refill brings more at once. */
static void a_thread_keeps_what_it_may(void **state)
{
    (void)state;
    for (unsigned class = 0; class < size_class_count; class ++) {
        struct thread_cache *cache = make_slow_cache();
        for (uint32_t doublings = 0; doublings < SLOW_START_DOUBLINGS; doublings++) {
            cache->moves = doublings * SLOW_START_MOVES;
            take_and_push(cache, class, 40);
            assert_true(cache->moves / SLOW_START_MOVES == doublings);
            assert_true(kept_bytes(cache, class) <= SLOW_START_BYTES << doublings);
        }
        thread_cache_drain_all(cache);
        assert_int_equal(allocated_of(cache, class), 0);
        registry_give(&cache->heap);
    }
}

static void what_it_may_keep_doubles_up_to_the_profiles_capacity(void **state)
{
    (void)state;
    struct thread_cache *cache = make_slow_cache();
    for (unsigned class = 0; class < size_class_count; class ++) {
        const struct size_class *of = &size_classes[class];
        for (cache->moves = 0; cache->moves < SLOW_START_END; cache->moves++) {
            size_t blocks = (SLOW_START_BYTES << cache->moves / SLOW_START_MOVES) / of->size;
            assert_int_equal(stack_growth_limit(cache->moves, &cache->history[class], class),
                             blocks < of->limit ? blocks : of->limit);
            assert_false(stack_growth_double(cache, class));
        }
        assert_int_equal(stack_growth_limit(cache->moves, &cache->history[class], class), of->limit);
    }
    registry_give(&cache->heap);
}

/* Much memory of the class is free: such a class keeps nothing, and has room for nothing in a thread that begins. */
static void a_fading_class_has_no_room_in_child(void)
{
    enum { BLOCKS = 2000 };
    static void *block[BLOCKS];
    unsigned class = size_class_of(1024);
    struct thread_cache *cache = thread_cache_new();
    for (unsigned i = 0; i < BLOCKS; i++)
        CHILD_CHECK(refill_take(&cache->heap, class, &block[i] + 1, 1) == 1);
    for (unsigned i = 0; i < BLOCKS; i++)
        if (i % 50 != 0) /* one stays in each slab */
            CHILD_CHECK(drain_put(&cache->heap, class, &block[i], 1) == 1);
    CHILD_CHECK(stack_growth_is_fading(cache, class) && slow_start_is_on(cache->moves));
    for (unsigned i = 0; i < BLOCKS; i += 50) {
        thread_cache_push(cache, class, block[i]);
        CHILD_CHECK(thread_cache_height(cache, class) == 0 && thread_cache_is_sound(cache, class));
        CHILD_CHECK(!pointer_stack_is_set_up(thread_cache_stack(cache, class)) && divert_stack[1] == NULL);
    }
    CHILD_CHECK(allocated_of(cache, class) == 0);
}

static void a_fading_class_has_no_room(void **state)
{
    (void)state;
    assert_child_passes(a_fading_class_has_no_room_in_child);
}

/* By refills and drains of any class; then refills begin as those of the process's first thread. */
static void it_ends(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES), other = size_class_of(4 * CLASS_BYTES);
    struct thread_cache *cache = make_slow_cache();
    uint32_t rounds = 0;
    for (; slow_start_is_on(cache->moves); rounds++)
        take_and_push(cache, other, 60);
    assert_true(rounds > SLOW_START_END / 2 / 60); /* all of them pass the stack by at first */
    void *block = thread_cache_take(cache, class);
    assert_int_equal(thread_cache_height(cache, class), 3);
    thread_cache_push(cache, class, block);
    assert_int_equal(thread_cache_height(cache, class), 4);
    take_and_push(cache, other, 60);
    assert_int_equal(cache->moves, SLOW_START_END); /* and are counted no more */
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

static void not_in_the_first_thread(void **state)
{
    (void)state;
    assert_int_equal(thread_cache_of_thread->heap.id, REGISTRY_FIRST_ID);
    assert_false(slow_start_is_on(thread_cache_of_thread->moves));
}

static void end_after(struct thread_cache *cache, uint64_t milliseconds)
{
    slow_start_note_begin(cache);
    cache->began -= milliseconds; /* as if it had taken so long */
    slow_start_note_end(cache);
}

/* Who gets the cache of a thread that has lived shortly takes turns with it; unless it was emptied. */
static void the_next_thread_goes_on(void **state)
{
    (void)state;
    struct thread_cache *cache = make_slow_cache();
    cache->moves = 2 * SLOW_START_MOVES;
    end_after(cache, 1001);
    assert_int_equal(cache->moves, 2 * SLOW_START_MOVES);
    end_after(cache, 0);
    assert_int_equal(cache->moves, 2 * SLOW_START_MOVES);
    slow_start_note_emptied(cache);
    assert_int_equal(cache->moves, SLOW_START_MOVES);
    end_after(cache, 0);
    assert_int_equal(cache->moves, SLOW_START_MOVES);
    slow_start_note_begin(cache);
    assert_int_equal(cache->moves, SLOW_START_END);
    registry_give(&cache->heap);
}

static void emptied_stacks_begin_anew(void **state)
{
    (void)state;
    unsigned class = size_class_of(16);
    struct thread_cache *cache = make_slow_cache();
    take_and_push(cache, class, 60);
    uint32_t moves = cache->moves;
    assert_true(moves > 0 && cache->history[class].refills > 0);
    thread_cache_drain_all(cache);
    thread_cache_release_stacks(cache);
    assert_int_equal(cache->moves, moves / 2);
    assert_false(pointer_stack_is_set_up(thread_cache_stack(cache, class)));
    assert_int_equal(cache->history[class].refills, 0);
    take_and_push(cache, class, 60);
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

/* A stack that gets no memory is passed by, in slow start or not. */
static void without_memory_for_a_stack_in_child(void)
{
    unsigned class = size_class_of(CLASS_BYTES);
    struct thread_cache *cache = thread_cache_new();
    void *first = hak_malloc(CLASS_BYTES); /* so there is a slab with free blocks */
    cache->moves = SLOW_START_END;
    limit_address_space(0);
    while (metadata_new(CACHE_LINE) != NULL)
        ;
    for (unsigned i = 0; i < 3; i++) {
        void *block = thread_cache_take(cache, class);
        CHILD_CHECK(block != NULL && allocated_of(cache, class) == 1);
        thread_cache_push(cache, class, block);
        CHILD_CHECK(allocated_of(cache, class) == 0 && thread_cache_is_sound(cache, class));
    }
    hak_free(first);
}

static void a_refused_stack_loses_nothing(void **state)
{
    (void)state;
    skip_if_emulated("under an emulator a limit of addresses takes too long to reach");
    assert_child_passes(without_memory_for_a_stack_in_child);
}

static void double_free_past_the_stack(void)
{
    struct thread_cache *cache = thread_cache_new();
    unsigned class = size_class_of(CLASS_BYTES);
    void *block = thread_cache_take(cache, class);
    thread_cache_push(cache, class, block);
    thread_cache_push(cache, class, block);
}

static void misuse_is_seen_at_once(void **state)
{
    (void)state;
    assert_child_aborts(double_free_past_the_stack, "double free of ");
}

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_blocks_come_and_go_one_by_one),
        cmocka_unit_test(a_thread_keeps_what_it_may),
        cmocka_unit_test(what_it_may_keep_doubles_up_to_the_profiles_capacity),
        cmocka_unit_test(a_fading_class_has_no_room),
        cmocka_unit_test(it_ends),
        cmocka_unit_test(not_in_the_first_thread),
        cmocka_unit_test(the_next_thread_goes_on),
        cmocka_unit_test(emptied_stacks_begin_anew),
        cmocka_unit_test(a_refused_stack_loses_nothing),
        cmocka_unit_test(misuse_is_seen_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
