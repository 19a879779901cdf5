/* SPDX-License-Identifier: MIT */
/* The heap that valgrind is told of, without valgrind: blocks are aligned and apart by red zones, have the bytes that
 * were asked for, and are not handed out again soon after they were freed; what is no block is left alone. */
#include "lib/space/checked_heap.h"

#include "tests/base/child.h"
#include "tests/harness/pattern.h"

#include <pthread.h>

static void blocks_are_apart(void **state)
{
    (void)state;
    enum { COUNT = 3000, APART = 64 };
    static char *block[COUNT];
    static size_t size[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        size_t alignment = (size_t)1 << i % 16;
        size[i] = i % 100 == 0 ? i * 1000 : i * 13 % 1000;
        block[i] = checked_heap_take(size[i], alignment);
        assert_non_null(block[i]);
        assert_true((uintptr_t)block[i] % alignment == 0 && (uintptr_t)block[i] % BLOCK_ALIGNMENT == 0);
        assert_int_equal(checked_heap_usable(block[i]), size[i]);
        pattern_fill(block[i] - APART, size[i] + 2 * APART, i); /* the zones are its alone */
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(pattern_holds(block[i] - APART, size[i] + 2 * APART, i));
        checked_heap_give(block[i]);
        assert_int_equal(checked_heap_usable(block[i]), 0);
    }
}

static void a_freed_block_waits(void **state)
{
    (void)state;
    enum { ROUNDS = 1000, BYTES = 10000 };
    char *first = checked_heap_take(BYTES, 16);
    checked_heap_give(first);
    for (int i = 0; i < ROUNDS; i++) { /* 16 MB */
        char *block = checked_heap_take(BYTES, 16);
        assert_true(block != NULL && block != first);
        checked_heap_give(block);
    }
    bool again = false;
    for (int i = 0; i < 2 * ROUNDS && !again; i++) {
        char *block = checked_heap_take(BYTES, 16);
        again = block == first;
        checked_heap_give(block);
    }
    assert_true(again);
}

static void resizing_moves(void **state)
{
    (void)state;
    char *block = checked_heap_take(100, 16);
    pattern_fill(block, 100, 1);
    char *longer = checked_heap_resize(block, 5 << 20);
    assert_true(longer != NULL && longer != block && checked_heap_usable(block) == 0);
    assert_true(pattern_holds(longer, 100, 1));
    char *shorter = checked_heap_resize(longer, 50);
    assert_true(pattern_holds(shorter, 50, 1));
    assert_int_equal(checked_heap_usable(shorter), 50);
    checked_heap_give(shorter);
}

static void what_is_no_block_is_left_alone(void **state)
{
    (void)state;
    char here[64];
    char *block = checked_heap_take(100, 16);
    void *const others[] = {NULL, here, block + 16, (void *)UINTPTR_MAX};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(checked_heap_usable(others[i]), 0);
        checked_heap_give(others[i]);
        assert_null(checked_heap_resize(others[i], 100));
    }
    assert_int_equal(checked_heap_usable(block), 100);
    checked_heap_give(block);
    checked_heap_give(block);
    assert_int_equal(checked_heap_usable(block), 0);
}

static void what_is_too_long_is_refused(void **state)
{
    (void)state;
    assert_null(checked_heap_take(SIZE_MAX, 16));
    assert_null(checked_heap_take((size_t)PTRDIFF_MAX, 16));
    assert_null(checked_heap_take((size_t)1 << 62, 4096));
    char *block = checked_heap_take(100, 16);
    assert_null(checked_heap_resize(block, (size_t)PTRDIFF_MAX));
    assert_int_equal(checked_heap_usable(block), 100);
    checked_heap_give(block);
}

static void *come_and_go(void *number)
{
    for (size_t i = 0; i < 20000; i++) {
        size_t size = i * 31 % 5000;
        char *block = checked_heap_take(size, 16);
        pattern_fill(block, size, (size_t)number);
        block = checked_heap_resize(block, size / 2 + 1);
        if (!pattern_holds(block, size / 2, (size_t)number))
            return block;
        checked_heap_give(block);
    }
    return NULL;
}

static void any_thread_may_use_it(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    pthread_t thread[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, come_and_go, (void *)i), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        assert_int_equal(pthread_join(thread[i], &result), 0);
        assert_null(result);
    }
}

static int start(void **state)
{
    (void)state;
    return checked_heap_start() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_apart),
        cmocka_unit_test(a_freed_block_waits),
        cmocka_unit_test(resizing_moves),
        cmocka_unit_test(what_is_no_block_is_left_alone),
        cmocka_unit_test(what_is_too_long_is_refused),
        cmocka_unit_test(any_thread_may_use_it),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
