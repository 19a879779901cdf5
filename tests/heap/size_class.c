/* SPDX-License-Identifier: MIT */
/* Size classes: every request gets the smallest class that fits; the multiplication that replaces a division is exact.
 */
#include "lib/heap/size_class.h"

#include "lib/base/units.h"
#include "lib/profile/active.h"
#include "lib/profile/class_sizes.h"
#include "tests/base/child.h"

static void every_size_gets_the_smallest_class_that_fits(void)
{
    size_class_start();
    CHILD_CHECK(size_classes[size_class_count - 1].size == SMALL_MAX_BYTES);
    unsigned behind = (unsigned)HAK_PROFILE(size_classes_long_spacing); /* the list, in every map */
    CHILD_CHECK(size_class_of(HAK_CLASS_SIZE_LAST_LISTED + 1) == size_class_count - behind);
    for (size_t bytes = 0; bytes <= SMALL_MAX_BYTES; bytes++) {
        unsigned class = size_class_of(bytes);
        CHILD_CHECK(class < size_class_count && size_classes[class].size >= bytes);
        CHILD_CHECK(class == 0 || size_classes[class - 1].size < bytes);
    }
}

static void every_slab_holds_what_it_says(void)
{
    for (unsigned class = 0; class < size_class_count; class ++) {
        const struct size_class *of = &size_classes[class];
        CHILD_CHECK(of->size % BLOCK_ALIGNMENT == 0 && of->pages >= 1 && of->blocks >= 1 &&
                    of->blocks <= SLAB_MAX_BLOCKS);
        CHILD_CHECK((size_t)of->blocks * of->size <= of->pages * PAGE_BYTES);
        CHILD_CHECK(of->pages <= HAK_PROFILE(superslab_size) / PAGE_BYTES / 2);
        uint64_t grown = (uint64_t)of->capacity << of->doublings, growth = HAK_PROFILE(thread_cache_growth);
        CHILD_CHECK(of->doublings == 0 || grown <= HAK_PROFILE(thread_cache_max_objects) * growth);
        CHILD_CHECK(of->doublings == 0 || grown * of->size <= HAK_PROFILE(thread_cache_max_bytes) * growth);
        CHILD_CHECK((UINT64_C(1) << of->doublings) == growth ||
                    2 * grown * of->size > HAK_PROFILE(thread_cache_max_bytes) * growth);
        CHILD_CHECK(of->refill >= 1 && of->refill <= of->limit && of->limit <= of->capacity && of->limit >= 1);
    }
}

/* Every offset of every class: the starts give their index, no other offset passes for a start. */
static void every_index_is_exact(void)
{
    for (unsigned class = 0; class < size_class_count; class ++) {
        const struct size_class *of = &size_classes[class];
        uint32_t start = 0, index = 0;
        const void *slab = (const void *)PAGE_BYTES; /* an address like any other */
        size_t most_steps = of->pages * PAGE_BYTES / SIZE_STEP;
        for (uint32_t offset = 0; offset < of->pages * PAGE_BYTES; offset++) {
            if (offset == start + of->size) {
                start = offset;
                index++;
            }
            size_t steps = size_class_steps(slab, (const void *)((uintptr_t)slab + offset));
            uint64_t place = size_class_place(steps, of->inverse);
            CHILD_CHECK((steps < most_steps) == (offset % SIZE_STEP == 0));
            if (steps < most_steps)
                CHILD_CHECK(size_class_place_index(place) == index &&
                            size_class_place_is_start(place, of->inverse) == (offset == start));
        }
    }
}

static void aligned_classes_are_the_first_that_fit(void)
{
    for (size_t alignment = 1; alignment <= 4 * SMALL_MAX_BYTES; alignment *= 2)
        for (size_t bytes = 0; bytes <= SMALL_MAX_BYTES + 16; bytes += bytes < 64 ? 1 : 61) {
            unsigned expected = 0;
            while (expected < size_class_count &&
                   (size_classes[expected].size < bytes || size_classes[expected].size % alignment != 0))
                expected++;
            CHILD_CHECK(size_class_aligned(bytes, alignment) == expected);
        }
}

static void lenders_are_half_as_long_again_at_most(void)
{
    for (unsigned class = 0; class < size_class_count; class ++) {
        unsigned last = class + size_classes[class].lenders;
        uint64_t longest = (uint64_t)size_classes[class].size * (100 + HAK_PROFILE(size_classes_borrow)) / 100;
        CHILD_CHECK(last < size_class_count && size_classes[last].size <= longest);
        CHILD_CHECK(last + 1 == size_class_count || size_classes[last + 1].size > longest);
    }
}

static void check_all(void)
{
    every_size_gets_the_smallest_class_that_fits();
    every_slab_holds_what_it_says();
    every_index_is_exact();
    aligned_classes_are_the_first_that_fit();
    lenders_are_half_as_long_again_at_most();
}

static void standard_profile(void **state)
{
    (void)state;
    assert_child_passes(check_all);
}

static void each_spacing(void **state)
{
    (void)state;
    struct hak_profile saved = hak_active_profile;
    for (uint64_t spacing = 1; spacing <= 8; spacing *= 2) {
        hak_active_profile.size_classes_spacing = spacing;
        hak_active_profile.size_classes_long_spacing = 8 / spacing;
        assert_child_passes(check_all);
    }
    hak_active_profile = saved;
}

static void extreme_slabs_and_caches(void **state)
{
    (void)state;
    struct hak_profile saved = hak_active_profile;
    hak_active_profile.superslab_size = (size_t)256 << 10;
    hak_active_profile.thread_cache_max_objects = 4;
    hak_active_profile.thread_cache_max_bytes = 4096;
    hak_active_profile.thread_cache_drain_threshold = 25;
    hak_active_profile.thread_cache_refill = 100;
    assert_child_passes(check_all);
    hak_active_profile.superslab_size = (size_t)64 << 20;
    hak_active_profile.pages_slab_page = (size_t)1 << 20;
    hak_active_profile.thread_cache_max_objects = 4096;
    hak_active_profile.thread_cache_refill = 1;
    assert_child_passes(check_all);
    hak_active_profile = saved;
}

/* Each multiple of 16 that a class can have, in the longest slab that there may be; some in each round, since a map has
 * not room for all. */
static void check_every_size(void)
{
    enum { AT_ONCE = HAK_PROFILE_CLASS_LIMIT - 2 };
    uint32_t *sizes = hak_active_profile.size_classes_sizes;
    sizes[0] = SIZE_STEP;
    for (uint32_t size = 2 * SIZE_STEP; size < HAK_CLASS_SIZE_LAST_LISTED;) {
        uint32_t count = 1;
        for (; count <= AT_ONCE && size < HAK_CLASS_SIZE_LAST_LISTED; size += SIZE_STEP)
            sizes[count++] = size;
        sizes[count++] = HAK_CLASS_SIZE_LAST_LISTED;
        hak_active_profile.size_classes_count = count;
        size_class_start();
        for (unsigned class = 0; class < size_class_count; class ++) {
            uint64_t inverse = size_classes[class].inverse, steps = 0;
            for (uint32_t index = 0; steps < HAK_MIB / SIZE_STEP; index++)
                for (uint32_t within = 0; within < size_classes[class].size / SIZE_STEP; within++, steps++) {
                    uint64_t place = size_class_place(steps, inverse);
                    CHILD_CHECK(size_class_place_index(place) == index &&
                                size_class_place_is_start(place, inverse) == (within == 0));
                }
        }
    }
}

static void every_size_is_divided_exactly(void **state)
{
    (void)state;
    struct hak_profile saved = hak_active_profile;
    assert_child_passes(check_every_size);
    hak_active_profile = saved;
}

static void explicit_map(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 32768};
    memcpy(hak_active_profile.size_classes_sizes, sizes, sizeof sizes);
    hak_active_profile.size_classes_count = sizeof sizes / sizeof sizes[0];
    assert_child_passes(check_all);
    hak_active_profile.size_classes_count = 0;
}

/* As many classes as there may be, whose numbers still fit where free and the page map keep them. */
static void longest_explicit_map(void **state)
{
    (void)state;
    struct hak_profile saved = hak_active_profile;
    static const uint32_t tail[] = {2048, 4096, 8192, 16384, 32768};
    enum { TAIL = sizeof tail / sizeof tail[0] };
    uint32_t *sizes = hak_active_profile.size_classes_sizes;
    for (uint32_t i = 0; i < HAK_PROFILE_CLASS_LIMIT - TAIL; i++)
        sizes[i] = (i + 1) * SIZE_STEP;
    memcpy(sizes + HAK_PROFILE_CLASS_LIMIT - TAIL, tail, sizeof tail);
    hak_active_profile.size_classes_count = HAK_PROFILE_CLASS_LIMIT;
    assert_child_passes(check_all);
    hak_active_profile = saved;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standard_profile),         cmocka_unit_test(each_spacing),
        cmocka_unit_test(extreme_slabs_and_caches), cmocka_unit_test(explicit_map),
        cmocka_unit_test(longest_explicit_map),     cmocka_unit_test(every_size_is_divided_exactly)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
