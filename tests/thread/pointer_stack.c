/* SPDX-License-Identifier: MIT */
/* The pointer stack as a data structure, and what diverts malloc and free from it. */
#include "lib/thread/pointer_stack.h"

#include "lib/thread/thread_cache.h"
#include "tests/profile/cmocka_all.h"

#include <hakmem/hakmem.h>

#define SLOTS 9

/* A stack of its own, whose addresses are those of `things`. */
static void *memory[2][SLOTS];
static char things[SLOTS];
static _Atomic(void **) top, bottom;
static void **limit;
static const struct pointer_stack stack = {.top = &top, .bottom = &bottom, .limit = &limit};

static void set_up(uint32_t height)
{
    memset(memory, 0, sizeof memory);
    pointer_stack_set_up(stack, memory[0] + 1, SLOTS - 1);
    for (uint32_t i = 0; i < height; i++)
        pointer_stack_push(stack, &things[i]);
}

static void the_newest_comes_first(void **state)
{
    (void)state;
    set_up(0);
    assert_true(pointer_stack_is_set_up(stack));
    assert_null(pointer_stack_pop(stack));
    for (size_t i = 0; i < SLOTS - 1; i++) {
        assert_false(pointer_stack_is_full(stack));
        pointer_stack_push(stack, &things[i]);
        assert_int_equal(pointer_stack_height(stack), i + 1);
    }
    assert_true(pointer_stack_is_full(stack));
    for (size_t i = SLOTS - 1; i-- > 0;)
        assert_ptr_equal(pointer_stack_pop(stack), &things[i]);
    assert_null(pointer_stack_pop(stack));
    assert_int_equal(pointer_stack_height(stack), 0);
    assert_ptr_equal(pointer_stack_top(stack), pointer_stack_bottom(stack)); /* the NULL stays */
}

static void the_oldest_go(void **state)
{
    (void)state;
    set_up(5);
    pointer_stack_drop_oldest(stack, 2);
    assert_int_equal(pointer_stack_height(stack), 3);
    assert_ptr_equal(pointer_stack_bottom(stack)[0], &things[2]);
    assert_ptr_equal(pointer_stack_pop(stack), &things[4]);
    pointer_stack_drop_oldest(stack, 2);
    assert_null(pointer_stack_pop(stack));
}

static void a_moved_stack_has_the_same(void **state)
{
    (void)state;
    set_up(3);
    pointer_stack_move(stack, memory[1] + 1);
    assert_ptr_equal(pointer_stack_bottom(stack), memory[1] + 1);
    assert_int_equal(pointer_stack_height(stack), 3);
    for (size_t i = 3; i-- > 0;)
        assert_ptr_equal(pointer_stack_pop(stack), &things[i]);
    assert_null(pointer_stack_pop(stack));
}

static void a_stack_is_taken_down(void **state)
{
    (void)state;
    set_up(3);
    pointer_stack_set_top(stack, pointer_stack_bottom(stack));
    pointer_stack_take_down(stack);
    assert_false(pointer_stack_is_set_up(stack));
    assert_null(pointer_stack_pop(stack));
    assert_true(pointer_stack_is_full(stack));
    pointer_stack_move(stack, memory[1] + 1); /* from nowhere */
    assert_true(pointer_stack_is_set_up(stack));
    assert_int_equal(pointer_stack_height(stack), 0);
}

/* As another thread sees a stack that is being moved. */
static void a_stack_in_motion_has_no_height(void **state)
{
    (void)state;
    set_up(3);
    pointer_stack_set_bottom(stack, DIVERT_STACK);
    assert_int_equal(pointer_stack_height(stack), 0);
    pointer_stack_set_bottom(stack, memory[0] + 5); /* above the top */
    assert_int_equal(pointer_stack_height(stack), 0);
}

static void what_is_not_set_up_is_empty_and_full(void **state)
{
    (void)state;
    pointer_stack_set_up(stack, DIVERT_STACK, 0);
    assert_false(pointer_stack_is_set_up(stack));
    assert_null(pointer_stack_pop(stack));
    assert_true(pointer_stack_is_full(stack));
    assert_int_equal(pointer_stack_height(stack), 0);
}

static void a_thread_without_a_cache_is_diverted(void **state)
{
    (void)state;
    for (unsigned class = 0; class < SIZE_CLASSES_MAX; class ++) {
        void **none = atomic_load(&thread_cache_none.top[class]);
        assert_null(none[-1]);
        assert_ptr_equal(none, thread_cache_none.limit[class]);
        assert_int_not_equal(page_map_class(thread_cache_none.key[class]), class); /* so no entry of this class */
    }
}

int main(void)
{
    hak_free(hak_malloc(1)); /* completes THREAD_CACHE_NONE */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_comes_first),
        cmocka_unit_test(the_oldest_go),
        cmocka_unit_test(a_moved_stack_has_the_same),
        cmocka_unit_test(a_stack_is_taken_down),
        cmocka_unit_test(a_stack_in_motion_has_no_height),
        cmocka_unit_test(what_is_not_set_up_is_empty_and_full),
        cmocka_unit_test(a_thread_without_a_cache_is_diverted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
