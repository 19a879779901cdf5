/* The shared heap: blocks that come from one thread and go by way of another, all at once. */
#include "lib/heap/shared.h"

#include "lib/heap/registry.h"
#include "lib/profile/active.h"
#include "lib/thread/thread_cache.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#include <pthread.h>

#define CLASS_BYTES 256
#define BLOCKS 1000

static unsigned class;

static int64_t out(void)
{
    return atomic_load(&shared_heap.counts.out[class]);
}

static uint64_t slabs(void)
{
    return atomic_load(&shared_heap.counts.slabs[class]);
}

static struct heap own; /* of a thread that has nothing in it */

static void take(void **block, uint32_t count)
{
    for (uint32_t taken = 0; taken < count;) {
        uint32_t more = shared_take(&own, class, block + count - taken, count - taken);
        CHILD_CHECK(more > 0);
        taken += more;
    }
}

static void taken_and_put(void)
{
    static void *block[BLOCKS];
    int64_t before = out();
    take(block, BLOCKS);
    CHILD_CHECK(out() == before + BLOCKS);
    struct slab *slab = page_map_descriptor(block[0]);
    CHILD_CHECK(atomic_load(&slab->heap) == &shared_heap && page_map_entry(block[0]) == heap_entry(&shared_heap, class));
    shared_put(class, block, BLOCKS);
    CHILD_CHECK(out() == before && slabs() == 1); /* the last one stays for the next */
    shared_release_empty();
    CHILD_CHECK(out() != 0 || slabs() == 0);
}

static void blocks_of_a_cache_line_and_more_are_shared(void)
{
    CHILD_CHECK(!shared_has(size_class_of(48)) && shared_has(size_class_of(64)) && shared_has(size_class_of(SMALL_MAX_BYTES)));
}

static void zeroed(void)
{
    for (int i = 0; i < BLOCKS; i++) {
        unsigned char *block = shared_take_zeroed(&own, class);
        if (block == NULL)
            take((void **)&block, 1);
        else
            for (size_t at = 0; at < CLASS_BYTES; at++)
                CHILD_CHECK(block[at] == 0);
        memset(block, 0xff, CLASS_BYTES);
        if (i % 3 == 0)
            shared_put(class, (void *const *)&block, 1);
    }
}

static void *allocate(void *blocks)
{
    void **block = blocks;
    for (int i = 0; i < BLOCKS; i++)
        block[i] = hak_malloc(CLASS_BYTES);
    return NULL;
}

/* Whoever frees a block has it next; nothing is remote. Tests with threads run in this process: ThreadSanitizer takes the locks of a forked one amiss. */
static void test_the_freer_keeps_it(void **state)
{
    (void)state;
    static void *block[BLOCKS];
    pthread_t thread;
    hak_free(hak_malloc(CLASS_BYTES));
    struct thread_cache *cache = thread_cache_of_thread;
    assert_true(pthread_create(&thread, NULL, allocate, block) == 0 && pthread_join(thread, NULL) == 0);
    for (int i = 0; i < BLOCKS; i++) {
        hak_free(block[i]);
        assert_ptr_equal(hak_malloc(CLASS_BYTES), block[i]);
    }
    for (int i = 0; i < BLOCKS; i++)
        hak_free(block[i]);
    assert_int_equal(atomic_load(&cache->remote.count), 0);
}

/* A thread without a cache gives it back at once. */
static void one_by_one(void)
{
    void *block;
    int64_t before = out();
    take(&block, 1);
    remote_free_one(block);
    CHILD_CHECK(out() == before);
}

enum { THREADS = 4, ROUNDS = 20000 };
static _Atomic unsigned of_two; /* blocks that two threads had at once */

static void *take_and_put(void *number)
{
    void *block[64];
    uint32_t count = 1 + (uint32_t)(uintptr_t)number;
    for (int round = 0; round < ROUNDS; round++, count = count % 64 + 1) {
        uint32_t taken = shared_take(&own, class, block + 64, count);
        for (uint32_t i = 64 - taken; i < 64; i++)
            *(uint32_t *)block[i] = (uint32_t)(uintptr_t)number; /* nobody else has it */
        for (uint32_t i = 64 - taken; i < 64; i++)
            of_two += *(uint32_t *)block[i] != (uint32_t)(uintptr_t)number;
        shared_put(class, block + 64 - taken, taken);
    }
    return NULL;
}

static void test_by_many_threads_at_once(void **state)
{
    (void)state;
    pthread_t thread[THREADS];
    int64_t before = out();
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, take_and_put, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    assert_int_equal(out(), before);
    assert_int_equal(of_two, 0);
}

static uint32_t users(void)
{
    return atomic_load(&shared_heap.users);
}

static void *malloc_one(void *argument)
{
    (void)argument;
    hak_free(hak_malloc(CLASS_BYTES));
    return (void *)(uintptr_t)users();
}

static void test_threads_that_use_it_are_counted(void **state)
{
    (void)state;
    pthread_t thread;
    void *within;
    assert_int_equal(users(), 1); /* this one */
    assert_true(pthread_create(&thread, NULL, malloc_one, NULL) == 0 && pthread_join(thread, &within) == 0);
    assert_int_equal((uintptr_t)within, 2);
    assert_int_equal(users(), 1);
}

static void double_free(void)
{
    void *block[2];
    take(block, 1);
    block[1] = block[0];
    shared_put(class, block, 2);
}

#define IN_CHILD(body)                    \
    static void test_##body(void **state) { \
        (void)state;                      \
        assert_child_passes(body);        \
    }
IN_CHILD(taken_and_put)
IN_CHILD(blocks_of_a_cache_line_and_more_are_shared)
IN_CHILD(zeroed)
IN_CHILD(one_by_one)

static void test_double_free(void **state)
{
    (void)state;
    assert_child_aborts(double_free, "double free of ");
}

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    class = size_class_of(CLASS_BYTES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken_and_put),
        cmocka_unit_test(test_blocks_of_a_cache_line_and_more_are_shared),
        cmocka_unit_test(test_zeroed),
        cmocka_unit_test(test_the_freer_keeps_it),
        cmocka_unit_test(test_one_by_one),
        cmocka_unit_test(test_by_many_threads_at_once),
        cmocka_unit_test(test_threads_that_use_it_are_counted),
        cmocka_unit_test(test_double_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
