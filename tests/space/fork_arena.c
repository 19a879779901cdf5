/* SPDX-License-Identifier: MIT */
/* The arena of those who cannot wait for a fork: zeros, aligned, apart from each other, in any thread; and gone when
 * they are. */
#include "lib/space/fork_arena.h"

#include "tests/base/child.h"
#include "tests/harness/pattern.h"

#include <pthread.h>

static void blocks_are_apart(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    static char *block[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        size_t size = i * 13 % 1000, alignment = (size_t)1 << i % 13;
        block[i] = fork_arena_take(size, alignment);
        assert_non_null(block[i]);
        assert_true((uintptr_t)block[i] % alignment == 0 && (uintptr_t)block[i] % BLOCK_ALIGNMENT == 0);
        assert_true(fork_arena_owns(block[i]) && fork_arena_usable(block[i]) >= size);
        assert_true(all_zero(block[i], size));
        pattern_fill(block[i], fork_arena_usable(block[i]), i);
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(pattern_holds(block[i], fork_arena_usable(block[i]), i));
        fork_arena_give(block[i]);
    }
    for (size_t i = 0; i < COUNT; i++)
        assert_false(fork_arena_owns(block[i]));
}

static void long_ones_have_mappings_of_their_own(void **state)
{
    (void)state;
    for (size_t size = MIB / 8; size < 100 * MIB; size *= 3)
        for (size_t alignment = 16; alignment <= 4 * MIB; alignment *= 64) {
            char *block = fork_arena_take(size, alignment);
            assert_true(block != NULL && (uintptr_t)block % alignment == 0 && fork_arena_usable(block) >= size);
            block[0] = block[size - 1] = 1;
            fork_arena_give(block);
            assert_false(fork_arena_owns(block));
        }
}

static void what_it_cannot_give(void **state)
{
    (void)state;
    int here;
    void *block[1000];
    size_t count = 0;
    assert_false(fork_arena_owns(NULL) || fork_arena_owns(&here) || fork_arena_owns((void *)UINTPTR_MAX));
    assert_null(fork_arena_take(PTRDIFF_MAX, 16));
    assert_null(fork_arena_take(100, (size_t)1 << 62));
    while (count < 1000 && (block[count] = fork_arena_take(MIB, 16)) != NULL)
        count++;
    assert_true(count >= 32 && count < 1000);
    for (size_t i = 0; i < count; i++)
        fork_arena_give(block[i]);
    block[0] = fork_arena_take(MIB, 16);
    assert_non_null(block[0]);
    fork_arena_give(block[0]);
}

/* Regions come and go while others take from them. */
static void *take_and_give(void *seed)
{
    char *block[100] = {NULL};
    uint32_t random = 1 + (uint32_t)(uintptr_t)seed;
    bool good = true;
    for (size_t i = 0; i < 30000; i++) {
        size_t slot = random_next(&random) % 100, size = 16 + random_next(&random) % 30000;
        if (block[slot] != NULL) {
            good = good && pattern_holds(block[slot], fork_arena_usable(block[slot]), slot);
            fork_arena_give(block[slot]);
        }
        block[slot] = i % 3000 < 2000 ? fork_arena_take(size, 16) : NULL;
        if (block[slot] != NULL) {
            good = good && all_zero(block[slot], size);
            pattern_fill(block[slot], fork_arena_usable(block[slot]), slot);
        }
    }
    for (size_t slot = 0; slot < 100; slot++)
        if (block[slot] != NULL)
            fork_arena_give(block[slot]);
    return (void *)(uintptr_t)good;
}

static void threads_meet(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    pthread_t thread[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, take_and_give, (void *)i), 0);
    for (int i = 0; i < THREADS; i++) {
        void *good;
        pthread_join(thread[i], &good);
        assert_non_null(good);
    }
}

static struct fork_arena_counts counted(void)
{
    struct fork_arena_counts counts;
    fork_arena_count(&counts);
    return counts;
}

/* Last: all that the others took has gone. */
static void blocks_are_counted(void **state)
{
    (void)state;
    assert_int_equal(counted().blocks, 0);
    assert_int_equal(counted().block_bytes, 0);
    assert_int_equal(counted().mapped_bytes, 0);
    void *small = fork_arena_take(1, 16), *large = fork_arena_take((size_t)5 << 20, 16);
    assert_int_equal(counted().blocks, 2);
    assert_int_equal(counted().block_bytes, fork_arena_usable(small) + fork_arena_usable(large));
    assert_true(counted().mapped_bytes > (size_t)6 << 20);
    fork_arena_give(large);
    assert_int_equal(counted().blocks, 1);
    assert_int_equal(counted().mapped_bytes, (size_t)1 << 20);
    fork_arena_give(small);
    assert_int_equal(counted().mapped_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_apart), cmocka_unit_test(long_ones_have_mappings_of_their_own),
        cmocka_unit_test(what_it_cannot_give), cmocka_unit_test(threads_meet), cmocka_unit_test(blocks_are_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
