/* SPDX-License-Identifier: MIT */
/* How much a thread has, and what its next slab is for. */
#include "lib/heap/footprint.h"

#include "lib/heap/shared.h"
#include "lib/profile/active.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#define CLASS_BYTES 256
#define MIB ((size_t)1 << 20)
#define MOST_BLOCKS (132 * MIB / CLASS_BYTES)

/* All below run in a child each, where no class has any memory yet. */
static unsigned class;
static struct heap own, other; /* of threads that have nothing in them */
static void *block[MOST_BLOCKS];

/* Takes COUNT blocks of the shared heap in the name of the thread with `own`. */
static void take(uint32_t count)
{
    heap_count_allocated(&own, class, count);
    for (uint32_t more; count > 0; count -= more)
        CHILD_CHECK((more = shared_take(&own, class, block + count, count)) > 0);
}

/* A thread is as large as its share of what is there. */
static void the_next_slab_is_foreseen(void)
{
    CHILD_CHECK(footprint_foresee_use(&own, class) == 0);
    take(MOST_BLOCKS / 4);
    CHILD_CHECK(footprint_foresee_use(&own, class) == SLAB_WILL_FILL);
    heap_count_allocated(&own, class, MOST_BLOCKS);
    /* Others have freed much of what it took: it has no more than there is. */
    CHILD_CHECK(footprint_foresee_use(&own, class) == SLAB_WILL_FILL);
    take(MOST_BLOCKS - MOST_BLOCKS / 4);
    CHILD_CHECK(footprint_foresee_use(&own, class) == (SLAB_WILL_FILL | SLAB_OF_LARGE_HEAP));
    CHILD_CHECK(footprint_foresee_use(&other, class) == 0);
    heap_count_allocated(&other, class, MOST_BLOCKS / 5);
    CHILD_CHECK(footprint_foresee_use(&other, class) == SLAB_WILL_FILL);
}

/* Of classes that are not shared the thread's own slabs count. */
static void own_slabs_count(void)
{
    hak_active_profile.heap_shared = HAK_SHARED_NONE;
    size_class_start();
    while (heap_slab_bytes(&own, class) < 2 * MIB) {
        CHILD_CHECK(footprint_foresee_use(&own, class) == 0);
        CHILD_CHECK(heap_add_slab(&own, class, 0));
    }
    CHILD_CHECK(footprint_foresee_use(&own, class) == SLAB_WILL_FILL);
    CHILD_CHECK(footprint_foresee_use(&own, class + 1) == 0);
    while (heap_bytes(&own) < 128 * MIB)
        CHILD_CHECK(heap_add_slab(&own, class, 0));
    CHILD_CHECK(footprint_foresee_use(&own, class) == (SLAB_WILL_FILL | SLAB_OF_LARGE_HEAP));
    CHILD_CHECK(footprint_foresee_use(&own, class + 1) == SLAB_OF_LARGE_HEAP);
}

/* Blocks that other threads freed are not the thread's any more, though it took them. */
static void held_is_no_more_than_there_is(void)
{
    enum { BLOCKS = 1000 };
    take(BLOCKS);
    CHILD_CHECK(footprint_held(&own, class) == BLOCKS);
    CHILD_CHECK(shared_put(class, block, BLOCKS) == BLOCKS); /* as another thread would */
    CHILD_CHECK(heap_allocated(&own, class) == BLOCKS && footprint_held(&own, class) == 0);
    heap_count_allocated(&other, class, -5);
    CHILD_CHECK(footprint_held(&other, class) == 0);
}

/* A program may leave parts of longer blocks alone: no slab of them is taken for one that will be filled. */
static void long_blocks_fill_nothing(void)
{
    unsigned long_class = size_class_of(4096);
    heap_count_allocated(&own, long_class, 10000);
    for (int taken = 0; taken < 2048; taken++) /* 8 MiB */
        CHILD_CHECK(shared_take(&own, long_class, block + 1, 1) == 1);
    CHILD_CHECK(footprint_foresee_use(&own, long_class) == 0);
}

#define TEST(body)                        \
    static void body##_test(void **state) \
    {                                     \
        (void)state;                      \
        assert_child_passes(body);        \
    }
TEST(the_next_slab_is_foreseen)
TEST(own_slabs_count)
TEST(held_is_no_more_than_there_is)
TEST(long_blocks_fill_nothing)

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    class = size_class_of(CLASS_BYTES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_slab_is_foreseen_test),
        cmocka_unit_test(own_slabs_count_test),
        cmocka_unit_test(held_is_no_more_than_there_is_test),
        cmocka_unit_test(long_blocks_fill_nothing_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
