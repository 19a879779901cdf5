/* SPDX-License-Identifier: MIT */
/* The bootstrap arena: zeros, aligned, apart from each other, until it is used up. */
#include "lib/base/bootstrap_arena.h"

#include "lib/base/os.h"
#include "tests/base/child.h"

static void blocks_are_apart(void **state)
{
    (void)state;
    char *end = NULL;
    for (size_t alignment = 1; alignment <= 65536; alignment *= 4)
        for (size_t bytes = 0; bytes < 100; bytes += 33) {
            char *block = bootstrap_take(bytes, alignment);
            assert_non_null(block);
            assert_int_equal((uintptr_t)block % (alignment > 16 ? alignment : 16), 0);
            assert_true(block > end && bootstrap_owns(block));
            assert_true(bootstrap_usable(block) >= bytes);
            for (size_t at = 0; at < bytes; at++)
                assert_int_equal(block[at], 0);
            memset(block, 0xff, bytes);
            end = block + bytes;
        }
}

static void knows_what_is_its_own(void **state)
{
    (void)state;
    int here;
    assert_false(bootstrap_owns(NULL));
    assert_false(bootstrap_owns(&here));
    assert_false(bootstrap_owns((void *)UINTPTR_MAX));
}

/* Blocks of a page and a half: whether the memory of one goes back shows in that it reads as zeros. */
static void what_is_free_goes_back(void **state)
{
    (void)state;
    enum { BLOCKS = 8 };
    size_t bytes = os_page_bytes * 3 / 2;
    char *block[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        block[i] = bootstrap_take(bytes, 16);
        assert_non_null(block[i]);
        memset(block[i], 1 + i, bytes);
    }
    for (int i = 2; i < BLOCKS - 1; i++)
        bootstrap_give(block[i]);
    bootstrap_release();
    for (size_t at = 0; at < bytes; at++)
        assert_true(block[0][at] == 1 && block[1][at] == 2 && block[BLOCKS - 1][at] == BLOCKS);
    size_t zeros = 0;
    for (char *byte = block[2]; byte < block[BLOCKS - 1]; byte++)
        zeros += *byte == 0;
    assert_true(zeros >= (size_t)(block[BLOCKS - 1] - block[2]) - 2 * os_page_bytes);
}

static void what_it_cannot_give(void **state)
{
    (void)state;
    assert_null(bootstrap_take(SIZE_MAX, 16));
    assert_null(bootstrap_take(SIZE_MAX - 64, 16));
    assert_null(bootstrap_take(16, 131072)); /* larger than any page of a kernel */
    while (bootstrap_take(4096, 16) != NULL)
        ;
    assert_null(bootstrap_take(4096, 16));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(blocks_are_apart), cmocka_unit_test(knows_what_is_its_own),
                                       cmocka_unit_test(what_is_free_goes_back), cmocka_unit_test(what_it_cannot_give)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
