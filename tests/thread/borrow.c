/* SPDX-License-Identifier: MIT */
/* Classes that lend each other blocks: when one borrows, when not, and that a block finds its way home. */
#include "lib/thread/borrow.h"

#include "lib/heap/refill.h"
#include "lib/heap/registry.h"
#include "lib/heap/shared.h"
#include "lib/profile/active.h"
#include "lib/thread/stack_growth.h"
#include "lib/thread/thread_cache.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

#define CLASS_BYTES 256
#define LENDER_BYTES 320 /* the next class */
#define NEXT_BYTES 384   /* the one after, half as long again as the first */
#define ENOUGH 8         /* blocks in a stack that lends */

/* All below run in a child each, where no class has any memory yet. */
static struct thread_cache *cache;
static unsigned class, lender;

static void begin(void)
{
    class = size_class_of(CLASS_BYTES);
    lender = size_class_of(LENDER_BYTES);
    cache = thread_cache_new();
    CHILD_CHECK(cache != NULL);
    cache->moves = SLOW_START_END;
    CHILD_CHECK(lender == class + 1 && size_class_of(NEXT_BYTES) == class + 2);
    CHILD_CHECK(size_classes[class].shared && shared_is_used_up(class));
}

/* COUNT blocks in the stack of OF_CLASS and no more. */
static void fill(unsigned of_class, unsigned count)
{
    for (void *block; thread_cache_height(cache, of_class) < count; thread_cache_push(cache, of_class, block)) {
        block = NULL;
        CHILD_CHECK(refill_take(&cache->heap, of_class, &block + 1, 1) == 1);
    }
    CHILD_CHECK(thread_cache_height(cache, of_class) == count);
}

static unsigned class_of(const void *block)
{
    return page_map_class(page_map_entry(block));
}

/* Takes a block as malloc does, and leaves the stack of CLASS empty; the class it is of. */
static unsigned take(void)
{
    void *block = thread_cache_take_or_borrow(cache, class);
    CHILD_CHECK(block != NULL);
    for (void *other; thread_cache_height(cache, class) > 0;) /* gone, as if the program had them */
        CHILD_CHECK((other = thread_cache_take(cache, class)) != NULL);
    return class_of(block);
}

static int64_t allocated(unsigned of_class)
{
    return atomic_load(&cache->heap.counts.allocated[of_class]);
}

static uint64_t borrowed(void)
{
    return atomic_load(&cache->heap.counts.blocks_borrowed);
}

static void from_the_next_class(void)
{
    begin();
    fill(lender, ENOUGH);
    void *block = thread_cache_take_or_borrow(cache, class);
    CHILD_CHECK(class_of(block) == lender && thread_cache_height(cache, lender) == ENOUGH - 1 && borrowed() == 1);
    CHILD_CHECK(page_map_entry(block) == cache->hot.key[lender]); /* so free pushes it where it came from */
    thread_cache_push(cache, lender, block);
    CHILD_CHECK(atomic_load(&cache->heap.counts.allocated[class]) == 0 && thread_cache_is_sound(cache, lender));
    thread_cache_drain_all(cache);
    CHILD_CHECK(atomic_load(&cache->heap.counts.allocated[lender]) == 0);
}

static void from_the_one_after(void)
{
    begin();
    fill(size_class_of(NEXT_BYTES), ENOUGH);
    CHILD_CHECK(take() == class + 2);
}

static void from_none_that_is_too_long(void)
{
    begin();
    fill(size_class_of(NEXT_BYTES + 1), ENOUGH);
    CHILD_CHECK(take() == class && borrowed() == 0);
}

static void not_where_the_class_matters(void)
{
    begin();
    fill(lender, ENOUGH);
    CHILD_CHECK(class_of(thread_cache_take(cache, class)) == class);
}

static void not_of_a_low_stack(void)
{
    begin();
    fill(lender, 3);
    CHILD_CHECK(take() == class);
    fill(lender, 4);
    CHILD_CHECK(take() == lender);
}

/* A sixteenth of what the thread has of the class is little. */
static void not_what_the_lender_needs(void)
{
    begin();
    fill(lender, 200);
    while (thread_cache_height(cache, lender) > 12)
        thread_cache_take(cache, lender);
    CHILD_CHECK(take() == class);
    for (unsigned i = 0; i < 2; i++) {
        void *block = NULL;
        CHILD_CHECK(refill_take(&cache->heap, lender, &block + 1, 1) == 1);
        thread_cache_push(cache, lender, block);
    }
    CHILD_CHECK(take() == lender);
}

static void not_while_its_own_are_free(void)
{
    begin();
    fill(class, 1);
    fill(lender, ENOUGH);
    CHILD_CHECK(take() == class && take() == lender); /* in the stack */
    void *own = NULL;
    CHILD_CHECK(refill_take(&cache->heap, class, &own + 1, 1) == 1);
    CHILD_CHECK(shared_put(class, &own, 1) == 1 && !shared_is_used_up(class));
    CHILD_CHECK(take() == class && shared_is_used_up(class) && take() == lender); /* in the slab */
}

static void not_while_memory_waits(void)
{
    begin();
    void *block = NULL, *other = NULL;
    unsigned other_class = size_class_of(1024);
    CHILD_CHECK(shared_take(&cache->heap, other_class, &other + 1, 1) == 1 && shared_put(other_class, &other, 1) == 1);
    fill(lender, ENOUGH);
    CHILD_CHECK(shared_reclaim() && !shared_is_used_up(class));
    CHILD_CHECK(take() == class); /* in the slab that waited, of which the rest may be used */
    CHILD_CHECK(shared_take(&cache->heap, other_class, &block + 1, 1) == 1 &&
                shared_is_used_up(other_class)); /* in new memory: none waits any more */
}

static void as_often_as_the_profile_says(void)
{
    begin();
    hak_active_profile.size_classes_borrow_limit = 3;
    fill(lender, 20);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 3; i++)
            CHILD_CHECK(take() == lender);
        CHILD_CHECK(take() == class); /* memory of its own, and then it may borrow as many again */
    }
    CHILD_CHECK(borrowed() == 6);
}

static void never_where_the_profile_says_so(void)
{
    hak_active_profile.size_classes_borrow = 0;
    size_class_start();
    begin();
    CHILD_CHECK(size_classes[class].lenders == 0);
    fill(lender, ENOUGH);
    CHILD_CHECK(take() == class);
}

static void as_far_as_the_profile_says(void)
{
    static const struct {
        unsigned percent, lenders; /* of 256 bytes: 320, 384, 448, 512 */
    } cases[] = {{24, 0}, {25, 1}, {49, 1}, {50, 2}, {75, 3}, {99, 3}, {100, 4}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hak_active_profile.size_classes_borrow = cases[i].percent;
        size_class_start();
        CHILD_CHECK(size_classes[size_class_of(CLASS_BYTES)].lenders == cases[i].lenders);
        CHILD_CHECK(size_classes[size_class_count - 1].lenders == 0);
    }
}

static void not_of_a_class_of_its_own_thread(void)
{
    hak_active_profile.heap_shared = HAK_SHARED_NONE;
    size_class_start();
    class = size_class_of(CLASS_BYTES);
    lender = class + 1;
    cache = thread_cache_new();
    cache->moves = SLOW_START_END;
    fill(lender, ENOUGH);
    CHILD_CHECK(take() == class);
}

/* Ten blocks of SIZE in the thread's stack. */
static void fill_by_api(size_t size)
{
    void *block[10];
    for (unsigned i = 0; i < 10; i++)
        block[i] = hak_malloc(size);
    for (unsigned i = 0; i < 10; i++)
        hak_free(block[i]);
}

static uint64_t borrowed_by_api(void)
{
    struct hak_stats stats;
    CHILD_CHECK(hak_stats_get(&stats, sizeof stats));
    return stats.objects_borrowed;
}

/* By the API: blocks of a class whose neighbour has some free. Those with an alignment are aligned, the others come
 * from the neighbour. */
static void aligned_blocks_do_not_borrow(void)
{
    enum { BLOCKS = 64 };
    void *block[BLOCKS];
    fill_by_api(LENDER_BYTES);
    for (unsigned i = 0; i < BLOCKS / 2; i++) {
        CHILD_CHECK(hak_posix_memalign(&block[i], 256, CLASS_BYTES) == 0 && (uintptr_t)block[i] % 256 == 0);
        CHILD_CHECK(hak_malloc_usable_size(block[i]) == CLASS_BYTES);
    }
    CHILD_CHECK(borrowed_by_api() == 0);
    unsigned longer = 0;
    for (unsigned i = BLOCKS / 2; i < BLOCKS; i++) {
        block[i] = hak_malloc(CLASS_BYTES);
        longer += hak_malloc_usable_size(block[i]) == LENDER_BYTES;
    }
    CHILD_CHECK(borrowed_by_api() == longer && longer > 0);
    for (unsigned i = 0; i < BLOCKS; i++)
        hak_free(block[i]);
}

/* What a class gets beyond its first refills is a page, or a sixteenth of what it has; less at a slab's end. */
static void new_memory_comes_by_the_share(void)
{
    begin();
    uint32_t least = 4096 / CLASS_BYTES, full = size_classes[class].refill, in_slab = size_classes[class].blocks;
    for (int64_t have = 0; have < 64 * least; have = atomic_load(&cache->heap.counts.allocated[class])) {
        CHILD_CHECK(thread_cache_refill(cache, class) != NULL);
        uint32_t got = (uint32_t)thread_cache_height(cache, class) + 1,
                 most = have / 16 > least ? (uint32_t)have / 16 : least;
        if (have >= 2 * full)
            CHILD_CHECK(got == most || (got < most && (have + got) % in_slab == 0));
        while (thread_cache_height(cache, class) > 0)
            thread_cache_take(cache, class);
        if (have < 8 * full)
            CHILD_CHECK(cache->history[class].doublings == 0);
    }
    CHILD_CHECK(cache->history[class].doublings ==
                1); /* one way, by what comes: the refills alone would be one too soon */
}

static int64_t touched(unsigned of_class)
{
    return atomic_load(&shared_heap.touched[of_class]);
}

/* Whatever comes and goes, what the shared heap counts is what its slabs say. */
static void touched_blocks_are_counted(void)
{
    enum { BLOCKS = 10000 };
    static void *block[BLOCKS];
    begin();
    int64_t in_slab = size_classes[class].blocks;
    for (unsigned i = 0; i < BLOCKS; i++)
        CHILD_CHECK(shared_take(&cache->heap, class, block + i + 1, 1) == 1 && touched(class) == i + 1);
    CHILD_CHECK(shared_put(class, block, BLOCKS / 2) == BLOCKS / 2);
    int64_t left = touched(class);
    CHILD_CHECK(left < BLOCKS && (BLOCKS - left) % in_slab == 0 &&
                left > BLOCKS / 2); /* those of the slabs that went are nobody's */
    CHILD_CHECK(shared_take(&cache->heap, class, block + 1, 1) == 1 && touched(class) == left);

    unsigned dirty =
        size_class_of(512); /* a slab in memory that the others were in: any of its blocks may have been somebody's */
    CHILD_CHECK(shared_take(&cache->heap, dirty, block + 1, 1) == 1 && touched(dirty) == size_classes[dirty].blocks);
    CHILD_CHECK(!shared_is_used_up(dirty) && shared_take_zeroed(&cache->heap, dirty) == NULL);
}

static void zeroed_blocks_are_counted(void)
{
    begin();
    for (unsigned i = 0; i < 10; i++)
        CHILD_CHECK(shared_take_zeroed(&cache->heap, class) != NULL && touched(class) == i + 1 &&
                    shared_is_used_up(class));
}

/* A block that is longer than its size asks for moves to one of the right length, and then stays. */
static void realloc_does_not_borrow_what_it_has(void)
{
    fill_by_api(NEXT_BYTES);
    char *block = hak_malloc(CLASS_BYTES);
    CHILD_CHECK(hak_malloc_usable_size(block) == NEXT_BYTES && borrowed_by_api() == 1);
    block = hak_realloc(block, CLASS_BYTES);
    CHILD_CHECK(hak_malloc_usable_size(block) == CLASS_BYTES && borrowed_by_api() == 1);
    for (unsigned i = 0; i < 10; i++)
        CHILD_CHECK(hak_realloc(block, CLASS_BYTES - i) == block);
}

/* Two kilobytes that nothing has used would be zeros already, but no other class's. */
static void calloc_borrows_too(void)
{
    fill_by_api(2560);
    char *block = hak_calloc(1, 2048);
    CHILD_CHECK(hak_malloc_usable_size(block) == 2560 && borrowed_by_api() == 1);
    for (unsigned i = 0; i < 2048; i++)
        CHILD_CHECK(block[i] == 0);
}

/* Who has whole cache lines keeps them. */
static void whole_lines_stay_whole(void)
{
    fill_by_api(80);
    fill_by_api(96);
    for (unsigned i = 0; i < 10; i++)
        CHILD_CHECK(hak_malloc_usable_size(hak_malloc(64)) == 64);
    fill_by_api(192);
    CHILD_CHECK(hak_malloc_usable_size(hak_malloc(128)) == 192 && borrowed_by_api() == 1);
}

static void not_of_a_class_of_its_own_thread_under_lines(void)
{
    hak_active_profile.heap_shared = HAK_SHARED_LINES;
    size_class_start();
    begin();
    unsigned own = size_class_of(160);
    class = size_class_of(128);
    CHILD_CHECK(!size_classes[own].shared && size_classes[class].shared);
    fill(own, ENOUGH);
    CHILD_CHECK(take() == class);
}

static size_t length_of(const void *block)
{
    return size_classes[class_of(block)].size;
}

/* A thread that begins has no slabs of its own for its first short blocks, and each goes back to the line's class. */
static void short_blocks_of_a_new_thread_are_lines(void)
{
    cache = thread_cache_new();
    unsigned shortest = size_class_of(16), line = size_class_of(CACHE_LINE);
    static void *block[SLOW_START_MOVES];
    uint32_t taken = 0;
    for (; length_of(block[taken] = thread_cache_take_or_borrow(cache, shortest)) == CACHE_LINE; taken++)
        CHILD_CHECK(taken < SLOW_START_MOVES && page_map_entry(block[taken]) == cache->hot.key[line]);
    CHILD_CHECK(taken > SLOW_START_MOVES / 2 && borrowed() == taken && cache->moves >= SLOW_START_MOVES);
    CHILD_CHECK(length_of(block[taken]) == 16 && heap_slab_bytes(&cache->heap, shortest) != 0); /* then it has */
    thread_cache_push(cache, shortest, block[taken]);
    while (taken-- > 0)
        thread_cache_push(cache, line, block[taken]);
    thread_cache_drain_all(cache);
    CHILD_CHECK(allocated(shortest) == 0 && allocated(line) == 0);
}

/* Whatever the thread takes and frees: it does not go to the slow path for ever. */
static void lines_come_to_an_end(void)
{
    cache = thread_cache_new();
    unsigned shortest = size_class_of(16), line = size_class_of(CACHE_LINE);
    uint32_t taken = 0;
    for (void *block; length_of(block = thread_cache_take_or_borrow(cache, shortest)) == CACHE_LINE; taken++)
        thread_cache_push(cache, line, block);
    CHILD_CHECK(taken <= SLOW_START_MOVES);
}

static void lines_are_for_short_blocks_alone(void)
{
    cache = thread_cache_new();
    CHILD_CHECK(!borrow_takes_line(cache, size_class_of(CACHE_LINE)) && !borrow_takes_line(cache, size_class_of(80)));
    CHILD_CHECK(borrow_takes_line(cache, size_class_of(48)) && thread_cache_would_borrow(cache, size_class_of(48)));
    CHILD_CHECK(thread_cache_take(cache, size_class_of(48)) != NULL); /* where the class matters, say */
    CHILD_CHECK(!borrow_takes_line(cache, size_class_of(48)));        /* there is a slab now */
    CHILD_CHECK(borrow_takes_line(cache, size_class_of(32)));
    cache->moves = SLOW_START_MOVES;
    CHILD_CHECK(!borrow_takes_line(cache, size_class_of(32)));
    hak_active_profile.heap_shared = HAK_SHARED_NONE;
    size_class_start();
    CHILD_CHECK(!borrow_takes_line(thread_cache_new(), size_class_of(32)));
}

#define TEST(body)                        \
    static void body##_test(void **state) \
    {                                     \
        (void)state;                      \
        assert_child_passes(body);        \
    }
TEST(from_the_next_class)
TEST(from_the_one_after)
TEST(from_none_that_is_too_long)
TEST(not_where_the_class_matters)
TEST(not_of_a_low_stack)
TEST(not_what_the_lender_needs)
TEST(not_while_its_own_are_free)
TEST(not_while_memory_waits)
TEST(as_often_as_the_profile_says)
TEST(never_where_the_profile_says_so)
TEST(as_far_as_the_profile_says)
TEST(not_of_a_class_of_its_own_thread)
TEST(aligned_blocks_do_not_borrow)
TEST(new_memory_comes_by_the_share)
TEST(touched_blocks_are_counted)
TEST(zeroed_blocks_are_counted)
TEST(realloc_does_not_borrow_what_it_has)
TEST(calloc_borrows_too)
TEST(whole_lines_stay_whole)
TEST(not_of_a_class_of_its_own_thread_under_lines)
TEST(short_blocks_of_a_new_thread_are_lines)
TEST(lines_come_to_an_end)
TEST(lines_are_for_short_blocks_alone)

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_the_next_class_test),
        cmocka_unit_test(from_the_one_after_test),
        cmocka_unit_test(from_none_that_is_too_long_test),
        cmocka_unit_test(not_where_the_class_matters_test),
        cmocka_unit_test(not_of_a_low_stack_test),
        cmocka_unit_test(not_what_the_lender_needs_test),
        cmocka_unit_test(not_while_its_own_are_free_test),
        cmocka_unit_test(not_while_memory_waits_test),
        cmocka_unit_test(as_often_as_the_profile_says_test),
        cmocka_unit_test(never_where_the_profile_says_so_test),
        cmocka_unit_test(as_far_as_the_profile_says_test),
        cmocka_unit_test(not_of_a_class_of_its_own_thread_test),
        cmocka_unit_test(aligned_blocks_do_not_borrow_test),
        cmocka_unit_test(new_memory_comes_by_the_share_test),
        cmocka_unit_test(touched_blocks_are_counted_test),
        cmocka_unit_test(zeroed_blocks_are_counted_test),
        cmocka_unit_test(realloc_does_not_borrow_what_it_has_test),
        cmocka_unit_test(calloc_borrows_too_test),
        cmocka_unit_test(whole_lines_stay_whole_test),
        cmocka_unit_test(not_of_a_class_of_its_own_thread_under_lines_test),
        cmocka_unit_test(short_blocks_of_a_new_thread_are_lines_test),
        cmocka_unit_test(lines_come_to_an_end_test),
        cmocka_unit_test(lines_are_for_short_blocks_alone_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
