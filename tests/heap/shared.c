/* SPDX-License-Identifier: MIT */
/* The shared heap: blocks that come from one thread and go by way of another, by many threads at once. */
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
static struct heap own; /* of a thread that has nothing in it */

static uint64_t slabs_of(const struct heap *heap, unsigned of_class)
{
    return atomic_load(&heap->counts.slabs[of_class]);
}

/* How many blocks of OF_CLASS are not in the shared heap's slabs. */
static uint64_t allocated(unsigned of_class)
{
    uint64_t blocks = slabs_of(&shared_heap, of_class) * size_classes[of_class].blocks;
    for (const struct slab *slab = shared_heap.partial[of_class]; slab != NULL; slab = slab->next)
        blocks -= slab->free_blocks;
    return blocks;
}

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
    take(block, BLOCKS);
    CHILD_CHECK(allocated(class) == BLOCKS && slabs_of(&shared_heap, class) > 1);
    struct slab *slab = page_map_descriptor(block[0]);
    CHILD_CHECK(atomic_load(&slab->heap) == &shared_heap &&
                page_map_entry(block[0]) == heap_entry(&shared_heap, class));
    CHILD_CHECK(shared_put(class, block, BLOCKS) == BLOCKS);
    CHILD_CHECK(allocated(class) == 0 && slabs_of(&shared_heap, class) == 1); /* the last one stays for the next */
    CHILD_CHECK(shared_reclaim() && slabs_of(&shared_heap, class) == 0);
    CHILD_CHECK(!shared_reclaim());
}

static bool shares(uint64_t shared, size_t size)
{
    hak_active_profile.heap_shared = shared;
    size_class_start();
    return size_classes[size_class_of(size)].shared;
}

static void the_profile_says_which_classes(void)
{
    CHILD_CHECK(!shares(HAK_SHARED_LINES, 16) && !shares(HAK_SHARED_LINES, 48) && shares(HAK_SHARED_LINES, 64) &&
                !shares(HAK_SHARED_LINES, 80) && shares(HAK_SHARED_LINES, 128) && !shares(HAK_SHARED_LINES, 224) &&
                shares(HAK_SHARED_LINES, SMALL_MAX_BYTES));
    CHILD_CHECK(!shares(HAK_SHARED_LONG, 48) && shares(HAK_SHARED_LONG, 64) && shares(HAK_SHARED_LONG, 80) &&
                shares(HAK_SHARED_LONG, 4096));
    CHILD_CHECK(shares(HAK_SHARED_ALL, 16) && shares(HAK_SHARED_ALL, 4096));
    CHILD_CHECK(!shares(HAK_SHARED_NONE, 64) && !shares(HAK_SHARED_NONE, SMALL_MAX_BYTES));
}

static void zeroed(void)
{
    uint32_t spared = 0;
    for (int i = 0; i < BLOCKS; i++) {
        unsigned char *block = shared_take_zeroed(&own, class);
        spared += block != NULL;
        if (block == NULL)
            take((void **)&block, 1);
        else
            for (size_t at = 0; at < CLASS_BYTES; at++)
                CHILD_CHECK(block[at] == 0);
        memset(block, 0xff, CLASS_BYTES);
        if (i % 3 == 0)
            CHILD_CHECK(shared_put(class, (void *const *)&block, 1) == 1);
    }
    CHILD_CHECK(spared > BLOCKS / 10);
}

/* A thread without a cache gives it back at once. */
static void one_by_one(void)
{
    void *block;
    take(&block, 1);
    remote_free_one(block);
    CHILD_CHECK(allocated(class) == 0 && atomic_load(&shared_heap.counts.allocated[class]) == 0);
}

/* At the first that is none the put ends, and all before it are put: who called it reports it, when no lock is held any
 * more. */
static void what_cannot_be_put_ends_the_put(void)
{
    void *block[4];
    take(block, 3);
    block[3] = block[1];
    CHILD_CHECK(shared_put(class, block, 4) == 3 && shared_put(class, block + 3, 1) == 0);
    CHILD_CHECK(shared_reclaim() && page_map_entry(block[1]) == PAGE_FOREIGN);
    CHILD_CHECK(shared_put(class, block + 3, 1) == 0); /* its slab has gone */
    take(block, 1);
    block[1] = (char *)block[0] + 16;
    CHILD_CHECK(shared_put(class, block + 1, 1) == 0);
}

/* --- by several threads, in this process: ThreadSanitizer takes the locks of a forked one amiss ------------------- */

static void in_a_thread(void *(*run)(void *argument), void *argument)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run, argument), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void *allocate(void *blocks)
{
    void **block = blocks;
    for (int i = 0; i < BLOCKS; i++)
        block[i] = hak_malloc(CLASS_BYTES);
    return NULL;
}

/* Whoever frees a block has it next; nothing is remote. */
static void the_freer_keeps_it(void **state)
{
    (void)state;
    static void *block[BLOCKS];
    hak_free(hak_malloc(CLASS_BYTES));
    in_a_thread(allocate, block);
    for (int i = 0; i < BLOCKS; i++) {
        hak_free(block[i]);
        assert_ptr_equal(hak_malloc(CLASS_BYTES), block[i]);
    }
    for (int i = 0; i < BLOCKS; i++)
        hak_free(block[i]);
    assert_int_equal(atomic_load(&thread_cache_of_thread->remote.count), 0);
}

#define SHORT_BYTES 48
#define SHORT_BLOCKS 20000

static void *free_all(void *blocks)
{
    void **block = blocks;
    for (int i = 0; i < SHORT_BLOCKS; i++)
        hak_free(block[i]);
    return NULL;
}

/* Its short blocks are back in their slabs, though it needs none of them. */
static void a_thread_that_needs_shared_blocks_alone_finds_what_others_freed(void **state)
{
    (void)state;
    static void *block[SHORT_BLOCKS];
    unsigned of_short = size_class_of(SHORT_BYTES);
    assert_false(size_classes[of_short].shared);
    for (int i = 0; i < SHORT_BLOCKS; i++)
        block[i] = hak_malloc(SHORT_BYTES);
    struct heap *heap = &thread_cache_of_thread->heap;
    assert_true(slabs_of(heap, of_short) > 10);
    in_a_thread(free_all, block);
    assert_true(heap_has_pending(heap));
    for (int i = 0; i < BLOCKS; i++)
        block[i] = hak_malloc(CLASS_BYTES * 4);
    assert_false(heap_has_pending(heap));
    assert_true(slabs_of(heap, of_short) < 3);
    for (int i = 0; i < BLOCKS; i++)
        hak_free(block[i]);
}

enum { THREADS = 4, ROUNDS = 3000, MOST = 700 };
static _Atomic unsigned of_two; /* blocks that two threads had at once */
static _Atomic bool done;

static void *take_and_put(void *argument)
{
    uint32_t number = (uint32_t)(uintptr_t)argument, count = 1 + 100 * number;
    unsigned of_class = number % 2 == 0 ? class : size_class_of(2 * CLASS_BYTES);
    struct heap mine = {.id = 0};
    static _Thread_local void *block[MOST];
    for (int round = 0; round < ROUNDS; round++, count = count * 7 % MOST + 1) {
        uint32_t taken = shared_take(&mine, of_class, block + MOST, count);
        for (uint32_t i = MOST - taken; i < MOST; i++)
            *(uint32_t *)block[i] = number; /* nobody else has it */
        for (uint32_t i = MOST - taken; i < MOST; i++)
            of_two += *(uint32_t *)block[i] != number;
        if (shared_put(of_class, block + MOST - taken, taken) != taken)
            of_two++;
    }
    return NULL;
}

static void *release_again_and_again(void *argument)
{
    while (!done)
        shared_reclaim();
    return argument;
}

static void by_many_threads_at_once(void **state)
{
    (void)state;
    pthread_t thread[THREADS], releaser;
    uint64_t before = allocated(class);
    assert_int_equal(pthread_create(&releaser, NULL, release_again_and_again, NULL), 0);
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, take_and_put, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    done = true;
    assert_int_equal(pthread_join(releaser, NULL), 0);
    assert_int_equal(allocated(class), before);
    assert_int_equal(of_two, 0);
}

static uint64_t kept_heaps(void)
{
    struct hak_stats stats;
    hak_stats_get(&stats, sizeof stats);
    return stats.heaps_kept;
}

/* Each stack may grow to a MiB: eight of them that go up and down together. */
static void *fill_stacks(void *held)
{
    enum { SIZES = 8, EACH = 900 << 10, SMALLEST = 256 };
    static void *block[SIZES][EACH / SMALLEST];
    for (int round = 0; round < 120; round++) {
        for (size_t i = 0; i < EACH / SMALLEST; i++)
            for (size_t number = 0; number < SIZES; number++)
                if (i % (number + 1) == 0)
                    block[number][i] = hak_malloc(SMALLEST * (number + 1));
        for (size_t i = 0; i < EACH / SMALLEST; i++)
            for (size_t number = 0; number < SIZES; number++)
                if (i % (number + 1) == 0)
                    hak_free(block[number][i]);
    }
    *(size_t *)held = thread_cache_shared_bytes(thread_cache_of_thread);
    return NULL;
}

static void a_thread_that_holds_much_is_not_kept(void **state)
{
    (void)state;
    size_t held = 0;
    while (registry_take_kept() != NULL) /* of the tests before */
        ;
    in_a_thread(fill_stacks, &held);
    assert_int_equal(kept_heaps(), held <= 64 * HAK_PROFILE(pages_slab_page));
    assert_true(held > 64 * HAK_PROFILE(pages_slab_page));
}

#define IN_CHILD(body)                    \
    static void test_##body(void **state) \
    {                                     \
        (void)state;                      \
        assert_child_passes(body);        \
    }
IN_CHILD(taken_and_put)
IN_CHILD(the_profile_says_which_classes)
IN_CHILD(zeroed)
IN_CHILD(one_by_one)
IN_CHILD(what_cannot_be_put_ends_the_put)

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    class = size_class_of(CLASS_BYTES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken_and_put),
        cmocka_unit_test(test_the_profile_says_which_classes),
        cmocka_unit_test(test_zeroed),
        cmocka_unit_test(test_one_by_one),
        cmocka_unit_test(test_what_cannot_be_put_ends_the_put),
        cmocka_unit_test(the_freer_keeps_it),
        cmocka_unit_test(a_thread_that_needs_shared_blocks_alone_finds_what_others_freed),
        cmocka_unit_test(by_many_threads_at_once),
        cmocka_unit_test(a_thread_that_holds_much_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
