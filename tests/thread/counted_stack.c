/* SPDX-License-Identifier: MIT */
/* Counted stacks: they are popped only, get what passes, and lose nothing. */
#include "lib/thread/counted_stack.h"

#include "lib/base/units.h"
#include "lib/profile/active.h"
#include "lib/profile/class_sizes.h"
#include "lib/thread/stack_layout.h"
#include "tests/thread/cache.h"

#include <hakmem/hakmem.h>

#define NEVER HAK_GIB

static struct thread_cache *cache;
static unsigned class;

static void begin(uint64_t interval)
{
    hak_active_profile.heap_profile_interval = interval;
    hak_free(hak_malloc(1));
    sample_clock_fix(1);
    class = size_class_of(CLASS_BYTES);
    cache = thread_cache_new();
    CHILD_CHECK(cache != NULL);
    cache->moves = SLOW_START_END;
    sample_clock_passes(&cache->clock, 1);
}

/* COUNT blocks in the stack of the class. */
static void fill(uint32_t count)
{
    static void *block[4096];
    for (uint32_t i = 0; i < count; i++)
        CHILD_CHECK((block[i] = thread_cache_take(cache, class)) != NULL);
    while (thread_cache_height(cache, class) > 0)
        thread_cache_take(cache, class);
    for (uint32_t i = 0; i < count; i++)
        thread_cache_push(cache, class, block[i]);
    CHILD_CHECK(thread_cache_height(cache, class) == count);
}

static void a_class_has_a_counted_one(void)
{
    begin(NEVER);
    CHILD_CHECK(size_class_counted > 20 && size_class_count + size_class_counted <= SIZE_CLASS_UNCOUNTED);
    CHILD_CHECK(size_class_to_pop(CLASS_BYTES) == class && size_class_of(CLASS_BYTES) == class);
    size_class_count_pops(true);
    CHILD_CHECK(size_class_to_pop(CLASS_BYTES) == size_class_count + class);
    CHILD_CHECK(size_class_to_pop(SMALL_MAX_BYTES) == SIZE_CLASS_UNCOUNTED);
    for (size_t bytes = 0; bytes <= SMALL_MAX_BYTES; bytes++) {
        unsigned of = size_class_of(bytes);
        CHILD_CHECK(of < size_class_count && size_classes[of].size >= bytes &&
                    (of == 0 || size_classes[of - 1].size < bytes));
    }
    size_class_count_pops(false);
    CHILD_CHECK(size_class_to_pop(CLASS_BYTES) == class && size_class_to_pop(SMALL_MAX_BYTES) == size_class_count - 1);
}

/* There is room for a few. */
static void a_profile_of_all_classes_has_few(void)
{
    hak_active_profile.size_classes_count = HAK_PROFILE_CLASS_LIMIT;
    for (uint32_t i = 0; i < HAK_PROFILE_CLASS_LIMIT; i++)
        hak_active_profile.size_classes_sizes[i] = 16 * (i + 1);
    hak_active_profile.size_classes_sizes[HAK_PROFILE_CLASS_LIMIT - 2] = 2048;
    hak_active_profile.size_classes_sizes[HAK_PROFILE_CLASS_LIMIT - 1] = 4096;
    size_class_start();
    CHILD_CHECK(size_class_count > HAK_PROFILE_CLASS_LIMIT && size_class_count <= HAK_PROFILE_MAX_CLASSES);
    CHILD_CHECK(size_class_counted < 10 && size_class_count + size_class_counted == SIZE_CLASS_UNCOUNTED);
    size_class_count_pops(true);
    for (size_t bytes = 0; bytes <= SMALL_MAX_BYTES; bytes++)
        CHILD_CHECK(size_classes[size_class_of(bytes)].size >= bytes);
}

static void all_goes_over_in_its_order(void)
{
    begin(NEVER);
    fill(20);
    void **bottom = pointer_stack_bottom(thread_cache_stack(cache, class)), *expected[20];
    memcpy(expected, bottom, sizeof expected);
    CHILD_CHECK(counted_stack_pop(cache, class) == NULL);
    CHILD_CHECK(counted_stack_refill(cache, class) == expected[19]);
    CHILD_CHECK(thread_cache_height(cache, class) == 0 && counted_stack_height(cache, class) == 19);
    CHILD_CHECK(thread_cache_blocks(cache, class) == 19);
    for (int i = 18; i >= 0; i--)
        CHILD_CHECK(counted_stack_pop(cache, class) == expected[i]);
    CHILD_CHECK(counted_stack_pop(cache, class) == NULL && counted_stack_refill(cache, class) == NULL);
}

/* In turns: what is freed while the counted stack is popped is next. */
static void memories_take_turns(void)
{
    begin(NEVER);
    fill(30);
    void *held[8] = {NULL};
    CHILD_CHECK((held[0] = counted_stack_refill(cache, class)) != NULL);
    for (int turn = 1; turn < 10000; turn++) {
        void **slot = &held[turn % 8];
        if (*slot != NULL)
            thread_cache_push(cache, class, *slot);
        *slot = counted_stack_pop(cache, class);
        if (*slot == NULL)
            *slot = counted_stack_next(cache, class);
        if (*slot == NULL)
            *slot = counted_stack_refill(cache, class);
        CHILD_CHECK(*slot != NULL);
    }
    CHILD_CHECK(thread_cache_blocks(cache, class) == 22);
    CHILD_CHECK(thread_cache_is_sound(cache, class));
}

static void a_high_stack_goes_over_by_parts(void)
{
    begin(NEVER);
    while (cache->history[class].doublings < 3)
        CHILD_CHECK(stack_growth_double(cache, class));
    fill(900);
    CHILD_CHECK(counted_stack_next(cache, class) == NULL && counted_stack_refill(cache, class) != NULL);
    size_t part = counted_stack_height(cache, class);
    CHILD_CHECK(part > 0 && part <= COUNTED_BLOCKS && part * CLASS_BYTES <= COUNTED_BYTES);
    CHILD_CHECK(thread_cache_height(cache, class) == 899 - part);
    while (thread_cache_blocks(cache, class) > 0)
        CHILD_CHECK(counted_stack_pop(cache, class) != NULL || counted_stack_refill(cache, class) != NULL);
    fill(900); /* the low stack of a class that has grown goes over, too */
    while (thread_cache_height(cache, class) > 50)
        thread_cache_take(cache, class);
    CHILD_CHECK(counted_stack_refill(cache, class) != NULL);
    CHILD_CHECK(counted_stack_height(cache, class) == 49 && thread_cache_height(cache, class) == 0);
    CHILD_CHECK(stack_layout_room(cache, class) >= 900 &&
                stack_layout_room(cache, size_class_count + class) == stack_layout_room(cache, class));
}

static void what_is_due_ends_a_part(void)
{
    begin(NEVER);
    fill(100);
    cache->clock.left = 10 * CLASS_BYTES + 1;
    CHILD_CHECK(counted_stack_next(cache, class) == NULL && counted_stack_refill(cache, class) != NULL);
    CHILD_CHECK(counted_stack_height(cache, class) == 10 && thread_cache_height(cache, class) == 89);
    CHILD_CHECK(sample_clock_is_due(&cache->clock, class));
    for (int i = 0; i < 10; i++)
        CHILD_CHECK(counted_stack_pop(cache, class) != NULL);
    CHILD_CHECK(counted_stack_next(cache, class) == NULL); /* though there are blocks */
    CHILD_CHECK(!sample_clock_class_passes(&cache->clock, class) && !sample_clock_is_due(&cache->clock, class));
}

static void what_is_left_serves_and_goes_back(void)
{
    begin(NEVER);
    fill(20);
    CHILD_CHECK(counted_stack_refill(cache, class) != NULL);
    uint64_t refills = count_of(&cache->heap.counts.refills);
    for (int i = 0; i < 9; i++)
        CHILD_CHECK(thread_cache_take(cache, class) != NULL);
    CHILD_CHECK(count_of(&cache->heap.counts.refills) == refills && counted_stack_height(cache, class) == 10);
    int64_t allocated = allocated_of(cache, class);
    thread_cache_drain_all(cache);
    CHILD_CHECK(counted_stack_height(cache, class) == 0 && allocated_of(cache, class) == allocated - 10);
    thread_cache_release_stacks(cache);
    CHILD_CHECK(!pointer_stack_is_set_up(counted_stack(cache, class)));
    fill(5);
    CHILD_CHECK(counted_stack_refill(cache, class) != NULL && counted_stack_height(cache, class) == 4);
}

/* Who looks from outside may see the bottom of one memory and the top of the other, far above it: that is no height. If
 * it stays so it is a corruption. */
static void an_impossible_height_counts_nothing(void)
{
    begin(NEVER);
    CHILD_CHECK(stack_layout_grow(cache, class)); /* so that the two memories lie far apart */
    fill(4);
    CHILD_CHECK(counted_stack_refill(cache, class) != NULL);
    struct pointer_stack own = thread_cache_stack(cache, class), counted = counted_stack(cache, class);
    void **low = pointer_stack_top(own), **high = pointer_stack_top(counted);
    struct pointer_stack lower = low < high ? own : counted, upper = low < high ? counted : own;
    void **top = pointer_stack_top(lower);
    CHILD_CHECK(thread_cache_blocks(cache, class) == 3 && thread_cache_is_sound(cache, class));
    pointer_stack_set_top(lower, pointer_stack_top(upper));
    CHILD_CHECK(thread_cache_blocks(cache, class) == 0);
    CHILD_CHECK(thread_cache_is_sound(cache, class) == (low > high));
    pointer_stack_set_top(lower, top);
    CHILD_CHECK(thread_cache_blocks(cache, class) == 3 && thread_cache_is_sound(cache, class));
}

#define IN_CHILD(name)                    \
    static void test_##name(void **state) \
    {                                     \
        (void)state;                      \
        assert_child_passes(name);        \
    }
IN_CHILD(a_class_has_a_counted_one)
IN_CHILD(a_profile_of_all_classes_has_few)
IN_CHILD(all_goes_over_in_its_order)
IN_CHILD(memories_take_turns)
IN_CHILD(a_high_stack_goes_over_by_parts)
IN_CHILD(what_is_due_ends_a_part)
IN_CHILD(what_is_left_serves_and_goes_back)
IN_CHILD(an_impossible_height_counts_nothing)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_class_has_a_counted_one),
                                       cmocka_unit_test(test_a_profile_of_all_classes_has_few),
                                       cmocka_unit_test(test_all_goes_over_in_its_order),
                                       cmocka_unit_test(test_memories_take_turns),
                                       cmocka_unit_test(test_a_high_stack_goes_over_by_parts),
                                       cmocka_unit_test(test_what_is_due_ends_a_part),
                                       cmocka_unit_test(test_what_is_left_serves_and_goes_back),
                                       cmocka_unit_test(test_an_impossible_height_counts_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
