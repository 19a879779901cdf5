/* SPDX-License-Identifier: MIT */
/* What all stacks together may hold (thread_cache.total): what happens above it, and that it is counted right. */
#include "lib/profile/active.h"
#include "lib/thread/detach.h"
#include "lib/thread/stack_growth.h"
#include "tests/thread/cache.h"

#include <hakmem/hakmem.h>

#define TOTAL ((size_t)256 << 10)

/* Each in a child, where no stack but those that are made here has been set up under that profile. */
static struct thread_cache *make(void)
{
    struct thread_cache *cache = thread_cache_new();
    CHILD_CHECK(cache != NULL);
    cache->moves = SLOW_START_END;
    return cache;
}

static void pop_and_push(struct thread_cache *cache, unsigned class, uint32_t count)
{
    static void *block[16384];
    CHILD_CHECK(count <= sizeof block / sizeof block[0]);
    for (uint32_t i = 0; i < count; i++)
        CHILD_CHECK((block[i] = thread_cache_take(cache, class)) != NULL);
    for (uint32_t i = 0; i < count; i++)
        thread_cache_push(cache, class, block[i]);
    CHILD_CHECK(thread_cache_is_sound(cache, class));
}

static size_t granted_to(const struct thread_cache *cache)
{
    size_t bytes = 0;
    for (unsigned class = 0; class < size_class_count; class ++) {
        struct pointer_stack stack = thread_cache_stack(cache, class);
        bytes += (size_t)(*stack.limit - pointer_stack_bottom(stack)) * size_classes[class].size;
    }
    return bytes;
}

static uint32_t limit_of(const struct thread_cache *cache, unsigned class)
{
    return stack_growth_limit(cache->moves, &cache->history[class], class);
}

/* One stack that would grow to 32 times its capacity. */
static void no_stack_grows_beyond(void)
{
    unsigned class = size_class_of(CLASS_BYTES);
    hak_active_profile.thread_cache_total = TOTAL;
    struct thread_cache *cache = make();
    for (unsigned i = 0; i < 100; i++) {
        pop_and_push(cache, class, 32u * size_classes[class].limit);
        CHILD_CHECK(granted_to(cache) <= 2 * TOTAL);
        CHILD_CHECK(stack_growth_is_over_total() == (granted_to(cache) > TOTAL));
    }
    CHILD_CHECK(cache->history[class].doublings >= 1); /* but as far as that goes */
    thread_cache_drain_all(cache);
    CHILD_CHECK(allocated_of(cache, class) == 0);
}

static void stacks_in_use_shrink(void)
{
    unsigned class = size_class_of(CLASS_BYTES);
    uint32_t capacity = size_classes[class].limit;
    hak_active_profile.thread_cache_total = 1;
    struct thread_cache *cache = make();
    for (unsigned i = 0; i < 10; i++)
        pop_and_push(cache, class, 3 * capacity);
    CHILD_CHECK(limit_of(cache, class) == capacity >> HALVINGS_MOST);
    CHILD_CHECK(thread_cache_height(cache, class) <= capacity >> HALVINGS_MOST);
    CHILD_CHECK(thread_cache_refill(cache, class) != NULL); /* though refills bring several */
    CHILD_CHECK(thread_cache_height(cache, class) > 0);
    hak_active_profile.thread_cache_total = (size_t)1 << 40; /* others have given up theirs */
    for (unsigned i = 0; i < 100; i++)
        pop_and_push(cache, class, 3 * capacity);
    CHILD_CHECK(limit_of(cache, class) > capacity);
}

/* Whatever stacks did, their limits are counted, and are counted no more when they are given up. */
static void limits_are_counted(void)
{
    hak_active_profile.thread_cache_total = (size_t)1 << 40;
    struct thread_cache *first = make(), *second = make();
    uint32_t seed = 1;
    for (unsigned i = 0; i < 300; i++) {
        unsigned class = random_next(&seed) % size_class_count;
        pop_and_push(random_next(&seed) % 2 == 0 ? first : second, class, 1 + random_next(&seed) % 300);
    }
    size_t both = granted_to(first) + granted_to(second);
    hak_active_profile.thread_cache_total = both;
    CHILD_CHECK(!stack_growth_is_over_total());
    hak_active_profile.thread_cache_total = both - 1;
    CHILD_CHECK(stack_growth_is_over_total());
    thread_cache_drain_all(first);
    thread_cache_release_stacks(first);
    CHILD_CHECK(granted_to(first) == 0 && !stack_growth_is_over_total());
    hak_active_profile.thread_cache_total = granted_to(second);
    CHILD_CHECK(!stack_growth_is_over_total());
    hak_active_profile.thread_cache_total = granted_to(second) - 1;
    CHILD_CHECK(stack_growth_is_over_total());
}

/* No cache is kept for the next thread then. */
static void ends_keep_nothing(void)
{
    unsigned class = size_class_of(CLASS_BYTES);
    static const size_t totals[] = {(size_t)1 << 40, 1};
    hak_active_profile.thread_cache_total = totals[0];
    for (size_t i = 0; i < 2; i++) {
        struct thread_cache *cache = make();
        pop_and_push(cache, class, 10);
        hak_active_profile.thread_cache_total = totals[i];
        uint32_t kept = registry_kept();
        detach_retire(cache);
        CHILD_CHECK(registry_kept() == kept + (i == 0));
        CHILD_CHECK(pointer_stack_is_set_up(thread_cache_stack(cache, class)) == (i == 0));
    }
}

static void without_a_total_nothing_is_above(void)
{
    struct thread_cache *cache = make();
    pop_and_push(cache, size_class_of(CLASS_BYTES), 300);
    CHILD_CHECK(hak_active_profile.thread_cache_total == 0 && !stack_growth_is_over_total());
}

#define TEST(body)                        \
    static void body##_test(void **state) \
    {                                     \
        (void)state;                      \
        assert_child_passes(body);        \
    }
TEST(no_stack_grows_beyond)
TEST(stacks_in_use_shrink)
TEST(limits_are_counted)
TEST(ends_keep_nothing)
TEST(without_a_total_nothing_is_above)

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_stack_grows_beyond_test),
        cmocka_unit_test(stacks_in_use_shrink_test),
        cmocka_unit_test(limits_are_counted_test),
        cmocka_unit_test(ends_keep_nothing_test),
        cmocka_unit_test(without_a_total_nothing_is_above_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
