/* SPDX-License-Identifier: MIT */
/* The pointer stacks: refill, push, drain; a cache that is not set up. */
#include "lib/thread/thread_cache.h"

#include "lib/base/os.h"
#include "lib/heap/drain.h"
#include "lib/heap/refill.h"
#include "lib/heap/registry.h"
#include "lib/heap/shared.h"
#include "lib/profile/active.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#define CLASS_BYTES 256

static uint64_t count_of(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* Whose slabs the blocks of CLASS lie in. */
static struct heap *heap_of(struct thread_cache *cache, unsigned class)
{
    return size_classes[class].shared ? &shared_heap : &cache->heap;
}

static int64_t out_of(struct thread_cache *cache, unsigned class)
{
    return atomic_load(&cache->heap.counts.out[class]);
}

static struct thread_cache *make(void)
{
    struct thread_cache *cache = thread_cache_new();
    assert_non_null(cache);
    for (unsigned class = 0; class < size_class_count; class ++) {
        assert_int_equal(cache->hot.key[class], heap_of(cache, class)->id << PAGE_MAP_CLASS_BITS | class);
        assert_int_equal(thread_cache_height(cache, class), 0);
        assert_true(thread_cache_is_sound(cache, class));
        assert_null(atomic_load(&cache->hot.top[class])[-1]);                           /* empty, to malloc */
        assert_ptr_equal(atomic_load(&cache->hot.top[class]), cache->hot.limit[class]); /* and full, to free */
    }
    return cache;
}

static void refill_brings_what_the_profile_says(void **state)
{
    (void)state;
    struct thread_cache *cache = make();
    for (unsigned class = 0; class < size_class_count; class ++) {
        assert_int_equal(out_of(cache, class), 0);
        uint32_t full = size_classes[class].refill, brought = full < 4 ? full : 4,
                 page = (uint32_t)size_maximum(4096 / size_classes[class].size, 1);
        if (full <= 4 && size_classes[class].shared &&
            shared_is_used_up(class)) /* of new memory, no more than a page */
            brought = (uint32_t)size_minimum(brought, page);
        char *block = thread_cache_refill(cache, class);
        assert_non_null(block);
        assert_ptr_equal(atomic_load(&((struct slab *)page_map_descriptor(block))->heap), heap_of(cache, class));
        assert_int_equal(thread_cache_height(cache, class), brought - 1);
        char *next = atomic_load(&cache->hot.top[class])[-1]; /* the lowest addresses come first */
        if (brought > 1 && page_map_descriptor(next) == page_map_descriptor(block))
            assert_ptr_equal(next, block + size_classes[class].size);
        assert_true(thread_cache_is_sound(cache, class));
        thread_cache_push(cache, class, block);
    }
    thread_cache_drain_all(cache);
    for (unsigned class = 0; class < size_class_count; class ++) {
        assert_int_equal(thread_cache_height(cache, class), 0);
        assert_int_equal(out_of(cache, class), 0);
        assert_int_equal(atomic_load(&heap_of(cache, class)->counts.slabs[class]),
                         1); /* a heap in use keeps one of each */
    }
    registry_give(&cache->heap);
    shared_release_empty();
    for (unsigned class = 0; class < size_class_count; class ++)
        assert_int_equal(atomic_load(&heap_of(cache, class)->counts.slabs[class]), 0); /* an idle one none */
}

static void a_full_stack_drains_its_oldest(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES);
    const struct size_class *of = &size_classes[class];
    static void *block[4096];
    struct thread_cache *cache = make();
    int64_t out = out_of(cache, class);
    for (uint32_t i = 0; i <= of->limit; i++) {
        atomic_store(&cache->hot.top[class],
                     atomic_load(&cache->bottom[class])); /* forget: each comes straight from the heap */
        assert_int_equal(refill_take(&cache->heap, class, &block[i] + 1, 1), 1);
    }
    for (uint32_t i = 0; i < of->limit; i++)
        thread_cache_push(cache, class, block[i]);
    assert_int_equal(thread_cache_height(cache, class), of->limit);
    assert_int_equal(count_of(&cache->heap.counts.drains), 0);
    thread_cache_push(cache, class, block[of->limit]);
    uint64_t batch = of->limit * HAK_PROFILE(thread_cache_drain_batch) / 100;
    assert_int_equal(count_of(&cache->heap.counts.drains), 1);
    assert_int_equal(count_of(&cache->heap.counts.drained_blocks), batch);
    assert_int_equal(thread_cache_height(cache, class), of->limit - batch + 1);
    void **bottom = atomic_load(&cache->bottom[class]);
    for (uint32_t i = 0; i <= of->limit - batch; i++)
        assert_ptr_equal(bottom[i], block[batch + i]);
    assert_true(thread_cache_is_sound(cache, class));
    thread_cache_drain_all(cache);
    assert_int_equal(out_of(cache, class), out);
    registry_give(&cache->heap);
}

/* Loses what is in the stack. */
static void set_empty(struct thread_cache *cache, unsigned class)
{
    atomic_store(&cache->hot.top[class], atomic_load(&cache->bottom[class]));
}

/* Pops COUNT blocks and pushes them again, as malloc and free would. */
static void swing(struct thread_cache *cache, unsigned class, uint32_t count)
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

static void a_swinging_stack_grows_until_it_takes_the_swing(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES);
    uint32_t limit = size_classes[class].limit, count = limit * 3;
    struct thread_cache *cache = make();
    int64_t out = out_of(cache, class);
    for (unsigned i = 0; i < 16; i++)
        swing(cache, class, count);
    assert_int_equal(cache->swing[class].doublings, 0); /* up and down a few times is not worth it yet */
    for (unsigned i = 0; i < 2; i++) {                  /* then at once */
        swing(cache, class, count);
        assert_int_equal(cache->swing[class].doublings, i + 1);
    }
    assert_int_equal(cache->hot.limit[class] - atomic_load(&cache->bottom[class]), 4 * limit);
    uint64_t refills = count_of(&cache->heap.counts.refills), drains = count_of(&cache->heap.counts.drains);
    for (unsigned i = 0; i < 8; i++)
        swing(cache, class, count);
    assert_int_equal(count_of(&cache->heap.counts.refills), refills);
    assert_int_equal(count_of(&cache->heap.counts.drains), drains);
    assert_true(thread_cache_is_sound(cache, class));
    assert_true(thread_cache_height(cache, class) >= count);
    thread_cache_drain_all(cache);
    assert_int_equal(out_of(cache, class), out);
    registry_give(&cache->heap);
}

static void take_all(struct thread_cache *cache, unsigned class, void **block, uint32_t count)
{
    for (uint32_t taken = 0; taken < count; taken++)
        block[taken] = thread_cache_take(cache, class);
}

/* What only comes or only goes, as where another thread frees, moves in batches of four times as many in the end: the
 * whole of a stack that has grown once, instead of half of one that has not. */
static void a_flow_moves_in_larger_batches(void **state)
{
    (void)state;
    enum { BLOCKS = 20000 };
    unsigned class = size_class_of(CLASS_BYTES);
    const struct size_class *of = &size_classes[class];
    static void *block[BLOCKS];
    struct thread_cache *source = make(), *drain = make();
    take_all(source, class, block, BLOCKS); /* of new memory, which comes by its own rule */
    assert_int_equal(drain_put(&source->heap, class, block, BLOCKS), BLOCKS);
    uint64_t before = count_of(&source->heap.counts.refills);
    take_all(source, class, block, BLOCKS);
    assert_int_equal(source->swing[class].doublings, 1);
    assert_true(thread_cache_height(source, class) < 4 * of->refill);
    for (uint32_t i = 0; i < BLOCKS; i++)
        thread_cache_push(drain, class, block[i]);
    assert_int_equal(drain->swing[class].doublings, 1);
    assert_true(thread_cache_height(drain, class) <= 2 * of->limit && thread_cache_is_sound(drain, class));
    uint64_t refills = count_of(&source->heap.counts.refills) - before, drains = count_of(&drain->heap.counts.drains);
    assert_true(refills < BLOCKS / of->refill / 2 && drains < BLOCKS / (of->limit / 2) / 2);
    thread_cache_drain_all(source);
    thread_cache_drain_all(drain);
    registry_give(&source->heap);
    registry_give(&drain->heap);
}

/* One drain moves so much that every class is looked at for idleness; the one that is drained is in use. */
static void a_large_drain_in_child(void)
{
    enum { BLOCKS = 4000 };
    static void *block[BLOCKS];
    hak_active_profile.thread_cache_max_bytes = (size_t)4 << 20;
    hak_active_profile.thread_cache_max_objects = 4096;
    size_class_start();
    unsigned class = size_class_count - 1;
    struct thread_cache *source = thread_cache_new(), *drain = thread_cache_new();
    for (unsigned i = 0; i < BLOCKS; i++)
        CHILD_CHECK((block[i] = thread_cache_take(source, class)) != NULL);
    for (unsigned i = 0; i < BLOCKS; i++)
        thread_cache_push(drain, class, block[i]);
    CHILD_CHECK(drain->swing[class].doublings == 1 && thread_cache_is_sound(drain, class));
    CHILD_CHECK(thread_cache_height(drain, class) <= 2 * size_classes[class].limit);
    CHILD_CHECK((size_t)2 * size_classes[class].limit * size_classes[class].size / ((size_t)64 << 10) >
                2 * size_class_count);
    thread_cache_drain_all(source);
    thread_cache_drain_all(drain);
    CHILD_CHECK(atomic_load(&source->heap.counts.out[class]) + atomic_load(&drain->heap.counts.out[class]) == 0);
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
        unsigned class = size_class_of(CLASS_BYTES);
        CHILD_CHECK(thread_cache_refill(cache, class + 1) != NULL);
        for (unsigned flow = 0; flow < 20; flow++) {
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
    struct thread_cache *cache = make();
    for (unsigned i = 0; i < 120; i++) {
        swing(cache, class, (uint32_t)most + 100);
        assert_true(thread_cache_height(cache, class) <= most && thread_cache_is_sound(cache, class));
    }
    assert_int_equal(cache->hot.limit[class] - atomic_load(&cache->bottom[class]), most);
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

static size_t resident_of(struct thread_cache *cache)
{
    return os_resident(cache, thread_cache_bytes());
}

static void a_cache_that_is_given_up_begins_anew(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES);
    uint32_t limit = size_classes[class].limit;
    struct thread_cache *cache = make();
    for (unsigned i = 0; i < 60; i++)
        swing(cache, class, 16 * limit);
    assert_true(cache->swing[class].doublings >= 3);
    size_t resident = resident_of(cache);
    thread_cache_drain_all(cache);
    thread_cache_ungrow(cache);
    assert_true(resident_of(cache) + 16 * limit * sizeof(void *) / 2 < resident);
    assert_int_equal(cache->swing[class].doublings, 0);
    assert_int_equal(cache->hot.limit[class] - atomic_load(&cache->bottom[class]), limit);
    assert_true(thread_cache_is_sound(cache, class) && thread_cache_height(cache, class) == 0);
    for (unsigned i = 0; i < 60; i++)
        swing(cache, class, 16 * limit);
    assert_true(cache->swing[class].doublings >= 3 && thread_cache_is_sound(cache, class)); /* and can grow again */
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

/* Moves at least BYTES of CLASS through refills; the blocks are lost. */
static void refill_again_and_again(struct thread_cache *cache, unsigned class, size_t bytes)
{
    for (size_t moved = 0; moved < bytes;) {
        thread_cache_refill(cache, class);
        moved += (thread_cache_height(cache, class) + 1) * size_classes[class].size;
        set_empty(cache, class);
    }
}

/* Bytes moved in which each class is looked at once, a little more. */
static size_t look_at_all(void)
{
    return ((size_t)64 << 10) * (size_class_count + 1);
}

/* A cache whose stack of CLASS has swung until it is four times its capacity high. */
static struct thread_cache *make_swung(unsigned class)
{
    struct thread_cache *cache = make();
    for (unsigned i = 0; i < 20; i++)
        swing(cache, class, 3u * size_classes[class].limit);
    assert_int_equal(cache->swing[class].doublings, 2);
    return cache;
}

static void a_stack_that_stands_still_gives_everything_back(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES), other = size_class_of(2 * CLASS_BYTES);
    uint32_t limit = size_classes[class].limit;
    struct thread_cache *cache = make_swung(class);
    assert_true(thread_cache_height(cache, class) > limit);
    refill_again_and_again(cache, other, 3 * look_at_all());
    assert_int_equal(cache->hot.limit[class] - atomic_load(&cache->bottom[class]), limit);
    assert_int_equal(thread_cache_height(cache, class), 0);
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

static void a_stack_in_use_keeps_what_it_has(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES), other = size_class_of(2 * CLASS_BYTES);
    struct thread_cache *cache = make();
    swing(cache, class, size_classes[class].limit / 2);
    size_t height = thread_cache_height(cache, class);
    for (unsigned i = 0; i < 10; i++) {
        refill_again_and_again(cache, other, look_at_all() / 2);
        atomic_store(&cache->hot.top[class],
                     atomic_load(&cache->hot.top[class]) - 1); /* a malloc or two between two looks */
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

/* Looks COUNT times at most at a stack of CLASS in use, until it is empty; whether it is. No round is so long that it
 * is looked at twice. */
static bool look_until_empty(struct thread_cache *cache, unsigned class, unsigned other, unsigned count)
{
    for (unsigned i = 0; i < count && thread_cache_height(cache, class) > 0; i++) {
        atomic_store(&cache->hot.top[class], atomic_load(&cache->hot.top[class]) - 1);
        refill_again_and_again(cache, other, ((size_t)64 << 10) * (size_class_count - 1));
    }
    return thread_cache_height(cache, class) == 0;
}

/* One that has grown so high that it is not drained gets its order from the bitmaps now and then, and stays as high. */
static void a_high_stack_is_sorted(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES), other = size_class_of(2 * CLASS_BYTES);
    uint32_t limit = size_classes[class].limit;
    struct thread_cache *cache = make_swung(class);
    assert_false(look_until_empty(cache, class, other, 6));
    assert_true(look_until_empty(cache, class, other, 4));
    assert_int_equal(cache->swing[class].doublings, 2);
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

/* One that has grown once belongs to a flow, which sorts it by draining it. */
static void a_lower_stack_is_not_sorted(void **state)
{
    (void)state;
    unsigned class = size_class_of(CLASS_BYTES), other = size_class_of(2 * CLASS_BYTES);
    struct thread_cache *cache = make();
    while (cache->swing[class].doublings < 1)
        swing(cache, class, size_classes[class].limit + size_classes[class].limit / 2);
    size_t height = thread_cache_height(cache, class);
    assert_false(look_until_empty(cache, class, other, 20));
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
    struct thread_cache *cache = make_swung(class);
    while (atomic_load(&cache->hot.top[class]) < cache->hot.limit[class])
        thread_cache_push(cache, class, refill_take_one(cache, class));
    cache->next_looked_at = class;
    cache->swing[class].looks = 7;
    cache->moved_bytes = ((size_t)64 << 10) - 1;
    thread_cache_push(cache, class, refill_take_one(cache, class));
    assert_int_equal(cache->next_looked_at, class + 1);
    assert_true(thread_cache_height(cache, class) > limit && thread_cache_is_sound(cache, class));
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

static void a_corrupt_stack_is_seen(void **state)
{
    (void)state;
    struct thread_cache *cache = make();
    thread_cache_push(cache, 3, thread_cache_refill(cache, 3));
    void **top = atomic_load(&cache->hot.top[3]);
    atomic_store(&cache->hot.top[3],
                 atomic_load(&cache->bottom[3]) + (size_classes[3].limit << size_classes[3].doublings) + 1);
    assert_false(thread_cache_is_sound(cache, 3));
    atomic_store(&cache->hot.top[3], top);
    assert_true(thread_cache_is_sound(cache, 3));
    thread_cache_drain_all(cache);
    registry_give(&cache->heap);
}

static void double_free_at_drain_of(unsigned class)
{
    struct thread_cache *cache = thread_cache_new();
    void *block = thread_cache_refill(cache, class);
    thread_cache_push(cache, class, block);
    thread_cache_push(cache, class, block);
    thread_cache_drain_all(cache);
}

static void double_free_at_drain(void)
{
    double_free_at_drain_of(size_class_of(16));
}

static void double_free_at_drain_of_shared(void)
{
    double_free_at_drain_of(size_class_of(CLASS_BYTES));
}

static void misuse_ends_the_program(void **state)
{
    (void)state;
    assert_child_aborts(double_free_at_drain, "double free of ");
    assert_child_aborts(double_free_at_drain_of_shared, "double free of ");
}

static void refused_in_child(void)
{
    static void *block[100000];
    struct thread_cache *cache = thread_cache_new();
    unsigned class = size_class_of(5000);
    size_t count = 0;
    limit_address_space((size_t)64 << 20);
    while (count < 100000 && (block[count] = hak_malloc(5000)) != NULL)
        count++;
    CHILD_CHECK(count * 5000 > (size_t)40 << 20 && count < 100000);
    CHILD_CHECK(thread_cache_refill(cache, class) == NULL && thread_cache_height(cache, class) == 0 &&
                thread_cache_is_sound(cache, class));
    for (size_t i = 0; i < count; i++)
        hak_free(block[i]);
    CHILD_CHECK(hak_malloc((size_t)40 << 20) != NULL);
    CHILD_CHECK(thread_cache_refill(cache, class) != NULL);
}

static void a_refusal_loses_nothing(void **state)
{
    (void)state;
    assert_child_passes(refused_in_child);
}

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_loses_nothing),
        cmocka_unit_test(refill_brings_what_the_profile_says),
        cmocka_unit_test(a_full_stack_drains_its_oldest),
        cmocka_unit_test(a_swinging_stack_grows_until_it_takes_the_swing),
        cmocka_unit_test(a_flow_moves_in_larger_batches),
        cmocka_unit_test(batches_are_bounded),
        cmocka_unit_test(growth_ends_where_the_profile_says),
        cmocka_unit_test(a_cache_that_is_given_up_begins_anew),
        cmocka_unit_test(a_stack_that_stands_still_gives_everything_back),
        cmocka_unit_test(a_stack_in_use_keeps_what_it_has),
        cmocka_unit_test(a_high_stack_is_sorted),
        cmocka_unit_test(a_lower_stack_is_not_sorted),
        cmocka_unit_test(the_stack_in_hand_is_not_sorted),
        cmocka_unit_test(a_corrupt_stack_is_seen),
        cmocka_unit_test(misuse_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
