/* SPDX-License-Identifier: MIT */
/* A slab: take and put against a naive model, remote marks and signatures, and misuse. */
#include "lib/heap/slab.h"

#include "lib/heap/heap.h"
#include "lib/profile/active.h"
#include "tests/base/child.h"

#include <hakmem/hakmem.h>

static void put_one(struct slab *slab, void *block)
{
    if (slab_put(slab, &block, 1) == 0)
        slab_report_not_free(slab, block, "free");
}

static struct heap owner = {.id = 77};
static bool allocated[SLAB_MAX_BLOCKS];

static struct slab *make(unsigned class)
{
    struct slab *slab = slab_new(class, &owner, heap_entry(&owner, class), 0);
    assert_non_null(slab);
    assert_int_equal(page_map_entry(slab->base), heap_entry(&owner, class));
    assert_ptr_equal(page_map_descriptor(slab->base), slab);
    assert_true(slab_is_empty(slab));
    return slab;
}

static uint32_t index_in(const struct slab *slab, const char *block)
{
    return slab_index(slab, block);
}

static uint32_t lowest_free(uint32_t blocks)
{
    uint32_t index = 0;
    while (index < blocks && allocated[index])
        index++;
    return index;
}

#define AT_ONCE 200u /* blocks: some words of the bitmap */

static void take_some(struct slab *slab, uint32_t count, uint32_t size)
{
    void *block[AT_ONCE];
    uint32_t taken = slab_take(slab, block + count, count);
    for (uint32_t i = 0; i < taken; i++) { /* lowest first, or any */
        bool by_chance = hak_active_profile.security_randomize;
        uint32_t index = by_chance ? index_in(slab, block[count - 1 - i]) : lowest_free(slab->blocks);
        assert_true(index < slab->blocks && !allocated[index]);
        assert_ptr_equal(block[count - 1 - i], slab->base + (size_t)index * size);
        assert_int_equal(index_in(slab, block[count - 1 - i]), index);
        allocated[index] = true;
    }
    if (taken < count)
        assert_int_equal(lowest_free(slab->blocks), slab->blocks);
}

/* Puts some blocks in one call: neighbours, or every second or third, upwards or downwards from one at random. */
static void put_some(struct slab *slab, uint32_t size, uint32_t *seed)
{
    void *block[AT_ONCE];
    uint32_t count = 0, most = 1 + random_next(seed) % AT_ONCE, stride = 1 + random_next(seed) % 3;
    bool downwards = random_next(seed) % 2 == 0;
    uint32_t index = random_next(seed) % slab->blocks;
    for (; index < slab->blocks && count < most; index += downwards ? -stride : stride)
        if (allocated[index]) {
            block[count++] = slab->base + (size_t)index * size;
            allocated[index] = false;
        }
    if (count > 0)
        assert_int_equal(slab_put(slab, block, count), count);
}

static void take_and_put_at_random(unsigned class)
{
    uint32_t seed = class + 1, size = size_classes[class].size, live = 0;
    struct slab *slab = make(class);
    memset(allocated, 0, sizeof allocated);
    for (int step = 0; step < 600; step++) {
        if (random_next(&seed) % 2 == 0)
            take_some(slab, 1 + random_next(&seed) % AT_ONCE, size);
        else
            put_some(slab, size, &seed);
        live = 0;
        for (uint32_t i = 0; i < slab->blocks; i++)
            live += allocated[i];
        assert_int_equal(slab->free_blocks, slab->blocks - live);
    }
    for (uint32_t i = 0; i < slab->blocks; i++)
        if (allocated[i])
            put_one(slab, slab->base + (size_t)i * size);
    assert_true(slab_is_empty(slab));
    char *base = slab->base;
    slab_delete(slab);
    assert_int_equal(page_map_entry(base), PAGE_FOREIGN);
}

static void agrees_with_a_naive_model(void **state)
{
    (void)state;
    for (unsigned class = 0; class < size_class_count; class ++)
        take_and_put_at_random(class);
}

static void and_by_chance(void **state)
{
    hak_active_profile.security_randomize = 1;
    agrees_with_a_naive_model(state);
    struct slab *slab = make(size_class_of(1024));
    assert_null(slab_take_zeroed(slab));
    slab_delete(slab);
    hak_active_profile.security_randomize = 0;
}

static void untouched_blocks_are_zero(void **state)
{
    (void)state;
    unsigned class = size_class_of(1024);
    struct slab *slab = make(class);
    slab->untouched = 0;
    void *block[8];
    slab_take(slab, block + 8, 8);
    put_one(slab, block[7]); /* handed out once: not to be taken for zeros */
    char *zeros = slab_take_zeroed(slab);
    assert_ptr_equal(zeros, slab->base + (size_t)8 * 1024);
    uint32_t taken = 1;
    while (slab_take_zeroed(slab) != NULL)
        taken++;
    assert_int_equal(taken, slab->blocks - 8);
    assert_int_equal(slab->free_blocks, 1);
    assert_int_equal(slab_take(slab, block + 8, 8), 1);
    assert_ptr_equal(block[7], slab->base);
}

static void bits_may_come_before_signatures(void **state)
{
    (void)state;
    struct slab *slab = make(size_class_of(64));
    void *block[8];
    slab_take(slab, block + 8, 8);
    slab_mark_remote(slab, 0, 0x0f);
    assert_true(slab_sign_remote(slab, 3));  /* the first signature announces */
    assert_false(slab_sign_remote(slab, 1)); /* later ones do not */
    slab_mark_remote(slab, 0, 0xf0);         /* marked, and not yet signed for */
    assert_int_equal(slab_collect(slab), 8);
    assert_int_equal(slab->free_blocks, slab->blocks);
    assert_int_equal(slab->owed, 4);
    assert_false(slab_is_empty(slab)); /* a freer is still to come */
    assert_true(slab_sign_remote(slab, 4));
    assert_int_equal(slab_collect(slab), 0);
    assert_true(slab_is_empty(slab));
    slab_delete(slab);
}

static struct slab *slab_of_two(void *block[2])
{
    struct slab *slab = slab_new(size_class_of(64), &owner, heap_entry(&owner, size_class_of(64)), 0);
    slab_take(slab, block + 2, 2);
    return slab;
}

static void put_twice(void)
{
    void *block[2];
    struct slab *slab = slab_of_two(block);
    put_one(slab, block[0]);
    put_one(slab, block[0]);
}

static void put_inside(void)
{
    void *block[2];
    struct slab *slab = slab_of_two(block);
    put_one(slab, (char *)block[0] + 16);
}

static void put_misaligned_after_another(void)
{
    void *block[2];
    struct slab *slab = slab_of_two(block);
    block[1] = (char *)block[1] + 8;
    CHILD_CHECK(slab_put(slab, block, 2) == 1); /* no start of a block ends the put */
    put_one(slab, block[1]);
}

static void put_behind_the_last_after_it(void)
{
    static void *block[SLAB_MAX_BLOCKS];
    unsigned class = size_class_of(48);
    struct slab *slab = slab_new(class, &owner, heap_entry(&owner, class), 0);
    uint32_t blocks = slab_take(slab, block + SLAB_MAX_BLOCKS, SLAB_MAX_BLOCKS);
    char *last = slab->base + (size_t)(blocks - 1) * 48;
    void *two[] = {last, last + 48};
    CHILD_CHECK(blocks % 64 != 0 && slab_put(slab, two, 2) == 1);
    put_one(slab, two[1]);
}

static void mark_twice(void)
{
    void *block[2];
    struct slab *slab = slab_of_two(block);
    slab_mark_remote(slab, 0, 1);
    slab_mark_remote(slab, 0, 3);
}

static void collect_what_is_free(void)
{
    void *block[2];
    struct slab *slab = slab_of_two(block);
    put_one(slab, block[1]);
    slab_mark_remote(slab, 0, 1);
    slab_sign_remote(slab, 1);
    slab_collect(slab);
}

static void put_in_the_tail(void)
{
    unsigned class = size_class_of(48);
    struct slab *slab = slab_new(class, &owner, heap_entry(&owner, class), 0);
    put_one(slab, slab->base + (size_t)slab->blocks * 48);
}

static void put_all_of_a_slab_but_one_twice(void)
{
    static void *block[SLAB_MAX_BLOCKS + 1];
    unsigned class = size_class_of(64);
    struct slab *slab = slab_new(class, &owner, heap_entry(&owner, class), 0);
    uint32_t blocks = slab_take(slab, block + SLAB_MAX_BLOCKS, SLAB_MAX_BLOCKS);
    block[SLAB_MAX_BLOCKS] = block[SLAB_MAX_BLOCKS - 70];
    CHILD_CHECK(slab_put(slab, block + SLAB_MAX_BLOCKS - blocks, blocks + 1) == blocks);
    put_one(slab, block[SLAB_MAX_BLOCKS]);
}

/* The last step before the first block of the bitmap's second word. */
#define LONG_SLAB_BLOCK 8736u
static void put_before_a_word_of_a_long_slab(void)
{
    static const uint32_t sizes[] = {16, LONG_SLAB_BLOCK, 32768};
    memcpy(hak_active_profile.size_classes_sizes, sizes, sizeof sizes);
    hak_active_profile.size_classes_count = 3;
    hak_active_profile.superslab_size = (size_t)64 << 20;
    hak_active_profile.pages_slab_page = (size_t)1 << 20;
    size_class_start();
    CHILD_CHECK(size_classes[1].blocks > 64);
    struct slab *slab = slab_new(1, &owner, heap_entry(&owner, 1), 0);
    static void *block[65];
    slab_take(slab, block + 65, 65);
    put_one(slab, slab->base + 64 * LONG_SLAB_BLOCK - SIZE_STEP);
}

/* The first block of the next slab ends a put, and is no mistake. */
static void a_put_ends_with_the_slab(void **state)
{
    (void)state;
    unsigned class = size_class_of(64);
    struct slab *slab = make(class), *other = make(class);
    void *block[4];
    slab_take(slab, block + 2, 2);
    slab_take(other, block + 4, 2);
    assert_int_equal(slab_put(slab, block, 4), 2);
    assert_int_equal(slab_put(other, block + 2, 2), 2);
    assert_true(slab_is_empty(slab) && slab_is_empty(other));
    slab_delete(slab);
    slab_delete(other);
}

static void misuse_ends_the_program(void **state)
{
    (void)state;
    assert_child_aborts(put_twice, "a block of 64 bytes");
    assert_child_aborts(put_twice, "double free of ");
    assert_child_aborts(put_all_of_a_slab_but_one_twice, "double free of ");
    assert_child_aborts(put_inside, "it lies 16 bytes into one of 64");
    assert_child_aborts(put_before_a_word_of_a_long_slab, "is not the start of a block");
    assert_child_aborts(mark_twice, "double free of ");
    assert_child_aborts(collect_what_is_free, "double free of ");
    assert_child_aborts(put_in_the_tail, "it lies behind the last one of 48 bytes");
    assert_child_aborts(put_behind_the_last_after_it, "it lies behind the last one of 48 bytes");
    assert_child_aborts(put_misaligned_after_another, "it lies 8 bytes into one of 64");
}

static void refused_in_child(void)
{
    static struct slab *slab[4000];
    unsigned class = size_class_of(32768);
    size_t count = 0;
    limit_address_space((size_t)16 << 20);
    while (count < 4000 && (slab[count] = slab_new(class, &owner, heap_entry(&owner, class), 0)) != NULL)
        count++;
    CHILD_CHECK(count > 20 && count < 4000);
    slab_delete(slab[--count]);
    CHILD_CHECK((slab[count] = slab_new(class, &owner, heap_entry(&owner, class), 0)) != NULL);
    CHILD_CHECK(slab_new(class, &owner, heap_entry(&owner, class), 0) == NULL);
    lift_address_space();
    CHILD_CHECK((slab[++count] = slab_new(class, &owner, heap_entry(&owner, class), 0)) != NULL &&
                slab_is_empty(slab[count]));
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
        cmocka_unit_test(agrees_with_a_naive_model), cmocka_unit_test(and_by_chance),
        cmocka_unit_test(untouched_blocks_are_zero), cmocka_unit_test(bits_may_come_before_signatures),
        cmocka_unit_test(a_put_ends_with_the_slab),  cmocka_unit_test(misuse_ends_the_program),
        cmocka_unit_test(a_refusal_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
