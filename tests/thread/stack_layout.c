/* SPDX-License-Identifier: MIT */
/* Places of stacks: they hold what they are to, go from stack to stack, and take little; the pages of a thread cache.
 */
#include "lib/thread/stack_layout.h"

#include "lib/base/os.h"
#include "lib/profile/active.h"
#include "lib/space/metadata.h"
#include "tests/thread/cache.h"

#include <hakmem/hakmem.h>

static void **bottom_of(struct thread_cache *cache, unsigned class)
{
    return pointer_stack_bottom(thread_cache_stack(cache, class));
}

/* Widens the stack for COUNT addresses and lets pushes fill it. */
static void widen(struct thread_cache *cache, unsigned class, uint32_t count)
{
    struct pointer_stack stack = thread_cache_stack(cache, class);
    assert_true(stack_layout_widen(cache, class, count));
    assert_true(stack_layout_room(cache, class) >= count);
    *stack.limit = pointer_stack_bottom(stack) + stack_layout_room(cache, class);
}

/* A mark in place of a block's address, that of no other stack. */
static void *mark(const struct thread_cache *cache, unsigned class, size_t index)
{
    return (char *)cache + class * 65536u + index + 1;
}

static void fill(struct thread_cache *cache, unsigned class)
{
    struct pointer_stack stack = thread_cache_stack(cache, class);
    while (!pointer_stack_is_full(stack))
        pointer_stack_push(stack, mark(cache, class, pointer_stack_height(stack)));
}

static void assert_filled(struct thread_cache *cache, unsigned class)
{
    struct pointer_stack stack = thread_cache_stack(cache, class);
    void **bottom = pointer_stack_bottom(stack);
    assert_null(bottom[-1]);
    for (size_t i = 0; i < pointer_stack_height(stack); i++)
        assert_ptr_equal(bottom[i], mark(cache, class, i));
}

static void lose_all(struct thread_cache *cache)
{
    for (unsigned class = 0; class < size_class_count; class ++)
        pointer_stack_set_top(thread_cache_stack(cache, class), bottom_of(cache, class));
    thread_cache_release_stacks(cache);
    registry_give(&cache->heap);
}

static void a_stack_keeps_what_it_has_as_it_widens(void **state)
{
    (void)state;
    struct thread_cache *cache = make_cache();
    unsigned moves = 0;
    assert_int_equal(stack_layout_room(cache, 0), 0);
    for (uint32_t count = 1; count <= size_classes[0].capacity; count++) {
        void **before = bottom_of(cache, 0);
        widen(cache, 0, count);
        moves += bottom_of(cache, 0) != before;
        assert_int_equal((uintptr_t)(bottom_of(cache, 0) - 1) % CACHE_LINE, 0);
        fill(cache, 0);
        assert_filled(cache, 0);
    }
    assert_true(moves >= 4 && moves <= 8); /* it doubles */
    assert_true(stack_layout_grow(cache, 0));
    assert_filled(cache, 0);
    lose_all(cache);
}

static void the_largest_stack_has_a_place_in_child(void)
{
    hak_active_profile.thread_cache_max_objects = 4096;
    hak_active_profile.thread_cache_max_bytes = (size_t)4 << 20;
    size_class_start();
    struct thread_cache *cache = thread_cache_new();
    CHILD_CHECK(size_classes[0].capacity == 4096);
    CHILD_CHECK(stack_layout_widen(cache, 0, 4096) && stack_layout_room(cache, 0) >= 4096);
}

static void the_largest_stack_has_a_place(void **state)
{
    (void)state;
    assert_child_passes(the_largest_stack_has_a_place_in_child);
}

static void a_place_goes_to_the_next_stack(void **state)
{
    (void)state;
    struct thread_cache *cache = make_cache(), *other = make_cache();
    widen(cache, 1, 1);
    void **first = bottom_of(cache, 1);
    fill(cache, 1);
    widen(cache, 1, stack_layout_room(cache, 1) + 1);
    assert_ptr_not_equal(bottom_of(cache, 1), first);
    widen(other, 2, 1);
    assert_ptr_equal(bottom_of(other, 2), first);
    fill(other, 2);
    assert_filled(cache, 1);
    assert_filled(other, 2);
    lose_all(cache);
    lose_all(other);
}

/* Several caches' stacks in any order: none writes where another one is. */
static void stacks_do_not_overlap(void **state)
{
    (void)state;
    enum { CACHES = 5, STEPS = 3000 };
    struct thread_cache *cache[CACHES];
    uint32_t seed = 1;
    for (unsigned i = 0; i < CACHES; i++)
        cache[i] = make_cache();
    for (unsigned step = 0; step < STEPS; step++) {
        struct thread_cache *of = cache[random_next(&seed) % CACHES];
        unsigned class = random_next(&seed) % size_class_count;
        uint32_t room = stack_layout_room(of, class);
        widen(of, class, room < size_classes[class].capacity ? room + 1 : room);
        fill(of, class);
    }
    for (unsigned i = 0; i < CACHES; i++)
        for (unsigned class = 0; class < size_class_count; class ++)
            if (pointer_stack_is_set_up(thread_cache_stack(cache[i], class)))
                assert_filled(cache[i], class);
    for (unsigned i = 0; i < CACHES; i++)
        lose_all(cache[i]);
}

/* A few blocks of each class take a cache line each, and the stacks of a thread that ended serve the next one. */
static void what_stacks_take_follows_their_height(void **state)
{
    (void)state;
    struct thread_cache *cache = make_cache(), *next = make_cache();
    uint64_t before = metadata_bytes();
    for (unsigned class = 0; class < size_class_count; class ++)
        widen(cache, class, 4);
    assert_true(metadata_bytes() - before <= size_class_count * (uint64_t)CACHE_LINE);
    before = metadata_bytes();
    lose_all(cache);
    for (unsigned class = 0; class < size_class_count; class ++)
        widen(next, class, 4);
    assert_int_equal(metadata_bytes(), before);
    lose_all(next);
}

/* Of a thread that uses blocks of all sizes up to 16 KiB, but frees none of another thread's. */
static void a_cache_takes_two_pages(void **state)
{
    (void)state;
    if (os_page_bytes != METADATA_PAGE) {
        print_message("skipped: the kernel's pages are %zu bytes\n", os_page_bytes);
        skip();
    }
    struct thread_cache *cache = make_slow_cache();
    assert_int_equal(os_resident(cache, round_up(sizeof *cache, METADATA_PAGE)), 2 * METADATA_PAGE);
    for (size_t size = 16; size <= 16384; size *= 2)
        thread_cache_push(cache, size_class_of(size), thread_cache_take(cache, size_class_of(size)));
    assert_int_equal(os_resident(cache, round_up(sizeof *cache, METADATA_PAGE)), 2 * METADATA_PAGE);
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stack_keeps_what_it_has_as_it_widens), cmocka_unit_test(the_largest_stack_has_a_place),
        cmocka_unit_test(a_place_goes_to_the_next_stack),         cmocka_unit_test(stacks_do_not_overlap),
        cmocka_unit_test(what_stacks_take_follows_their_height),  cmocka_unit_test(a_cache_takes_two_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
