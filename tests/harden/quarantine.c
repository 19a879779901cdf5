/* SPDX-License-Identifier: MIT */
/* The quarantine: what waits in it and how long, and that all of it comes out. */
#include "lib/harden/quarantine.h"

#include "lib/profile/active.h"
#include "lib/thread/cache_quarantine.h"
#include "tests/thread/cache.h"

#include <hakmem/hakmem.h>

#define BYTES ((uint64_t)64 << 10)
#define SHORT_BYTES 48 /* of a thread's own */

/* All below run in a child each. */
static void begin(void)
{
    hak_active_profile.security_quarantine = BYTES;
    quarantine_start();
}

static void a_room_is_bounded(void)
{
    begin();
    for (unsigned class = 0; class < size_class_count; class ++) {
        CHILD_CHECK(quarantine_room[class] >= 1 && quarantine_room[class] <= QUARANTINE_MOST);
        CHILD_CHECK(quarantine_room[class] * (uint64_t)size_classes[class].size <= BYTES);
        CHILD_CHECK(class == 0 || quarantine_begin[class] == quarantine_begin[class - 1] + quarantine_room[class - 1]);
    }
    hak_active_profile.security_quarantine = SHORT_BYTES;
    quarantine_start();
    CHILD_CHECK(quarantine_room[size_class_of(SHORT_BYTES)] == 1 && quarantine_room[size_class_of(CLASS_BYTES)] == 0);
    struct quarantine *quarantine = quarantine_new();
    CHILD_CHECK(quarantine_swap(quarantine, size_class_of(CLASS_BYTES), &quarantine) == &quarantine);
    CHILD_CHECK(quarantine_take(quarantine, size_class_of(CLASS_BYTES)) == NULL);
}

#define MANY 20000

/* Each comes out once, and neither in the order in which it came, nor at once. */
static void what_goes_in_comes_out(void)
{
    static char memory[MANY];
    static bool out[MANY];
    begin();
    unsigned class = size_class_of(CLASS_BYTES);
    uint32_t room = quarantine_room[class], in_order = 0, came = 0;
    struct quarantine *quarantine = quarantine_new();
    char *last = memory;
    for (int i = 0; i < MANY; i++) {
        char *block = quarantine_swap(quarantine, class, &memory[i]);
        CHILD_CHECK((block == NULL) == (i < (int)room));
        CHILD_CHECK(quarantine_count(quarantine, class) == size_minimum((size_t)i + 1, room));
        if (block == NULL)
            continue;
        CHILD_CHECK(!out[block - memory]);
        out[block - memory] = true;
        in_order += block == last + 1;
        last = block;
        came++;
    }
    CHILD_CHECK(in_order < MANY / 10);
    for (char *block; (block = quarantine_take(quarantine, class)) != NULL; came++) {
        CHILD_CHECK(!out[block - memory]);
        out[block - memory] = true;
    }
    CHILD_CHECK(came == MANY && quarantine_count(quarantine, class) == 0);
}

static void two_draw_differently(void)
{
    static char memory[MANY];
    begin();
    unsigned class = size_class_of(CLASS_BYTES), same = 0;
    struct quarantine *one = quarantine_new(), *other = quarantine_new();
    for (int i = 0; i < MANY; i++)
        same += quarantine_swap(one, class, &memory[i]) == quarantine_swap(other, class, &memory[i]);
    CHILD_CHECK(same < MANY / 10);
}

static void wait_in(struct thread_cache *cache, unsigned class, void *block)
{
    void *out = cache_quarantine_swap(cache, class, block);
    if (out != NULL)
        thread_cache_give(cache, out, page_map_entry(out));
}

/* A cache's blocks are its own, the shared heap's, and another heap's; nothing is lost. */
static void all_come_out_of_a_cache(void)
{
    static void *block[MANY];
    begin();
    struct thread_cache *cache = thread_cache_new(), *other = thread_cache_new();
    unsigned shared = size_class_of(CLASS_BYTES), own = size_class_of(SHORT_BYTES);
    CHILD_CHECK(size_classes[shared].shared && !size_classes[own].shared);
    for (int i = 0; i < MANY; i++)
        block[i] = thread_cache_take(i % 3 == 2 ? other : cache, i % 3 == 0 ? shared : own);
    int64_t of_shared = allocated_of(cache, shared), of_own = allocated_of(cache, own),
            of_other = allocated_of(other, own);
    CHILD_CHECK(of_shared >= MANY / 3 && of_own >= MANY / 3 && of_other >= MANY / 3);
    for (int i = 0; i < MANY; i++)
        wait_in(cache, i % 3 == 0 ? shared : own, block[i]);
    CHILD_CHECK(cache_quarantine_count(cache, shared) == quarantine_room[shared]);
    CHILD_CHECK(cache_quarantine_count(cache, own) == quarantine_room[own]);
    CHILD_CHECK(thread_cache_blocks(cache, shared) == thread_cache_height(cache, shared) + quarantine_room[shared]);
    thread_cache_drain_all(cache);
    thread_cache_drain_all(other);
    registry_collect(&other->heap);
    CHILD_CHECK(thread_cache_blocks(cache, shared) == 0 && thread_cache_blocks(cache, own) == 0);
    CHILD_CHECK(allocated_of(cache, shared) == 0 && allocated_of(cache, own) == 0 && allocated_of(other, own) == 0);
}

#define TEST(body)                        \
    static void body##_test(void **state) \
    {                                     \
        (void)state;                      \
        assert_child_passes(body);        \
    }
TEST(a_room_is_bounded)
TEST(what_goes_in_comes_out)
TEST(two_draw_differently)
TEST(all_come_out_of_a_cache)

int main(void)
{
    hak_free(hak_malloc(1)); /* starts the allocator */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_room_is_bounded_test),
        cmocka_unit_test(what_goes_in_comes_out_test),
        cmocka_unit_test(two_draw_differently_test),
        cmocka_unit_test(all_come_out_of_a_cache_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
