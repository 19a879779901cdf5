/* SPDX-License-Identifier: MIT */
/* From profiles to size classes, and what is refused in an explicit map. */
#include "config.h"

#include "lib/profile/class_sizes.h"

#include "tests/profile/cmocka_all.h"

static void the_default_gives_the_known_map(void **state)
{
    (void)state;
    static const uint32_t expected[] = {
        16,    32,    48,    64,    80,    96,    112,   128,   160,   192,   224,   256,   320,   384,
        448,   512,   640,   768,   896,   1024,  1152,  1280,  1408,  1536,  1664,  1792,  1920,  2048,
        2304,  2560,  2816,  3072,  3328,  3584,  3840,  4096,  4608,  5120,  5632,  6144,  6656,  7168,
        7680,  8192,  9216,  10240, 11264, 12288, 13312, 14336, 15360, 16384, 18432, 20480, 22528, 24576,
        26624, 28672, 30720, 32768, 36864, 40960, 45056, 49152, 53248, 57344, 61440, 65536};
    struct hak_profile profile;
    uint32_t sizes[HAK_PROFILE_MAX_CLASSES];
    hak_profile_default(&profile);
    assert_int_equal(hak_profile_class_sizes(&profile, sizes), sizeof expected / sizeof expected[0]);
    assert_memory_equal(sizes, expected, sizeof expected);
}

/* The relative step bounds the waste inside of an object. */
static void check_steps(const struct hak_profile *profile, const uint32_t *sizes, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t step = sizes[i] - sizes[i - 1];
        uint64_t spacing = sizes[i - 1] < 1024 ? profile->size_classes_spacing : profile->size_classes_long_spacing;
        assert_true(step == 16 || step * spacing <= sizes[i - 1]);
    }
}

static void check_spacings(uint64_t spacing, uint64_t long_spacing)
{
    struct hak_profile profile;
    uint32_t sizes[HAK_PROFILE_MAX_CLASSES];
    char message[HAK_PROFILE_MESSAGE_SIZE];
    size_t element = 0;
    hak_profile_default(&profile);
    profile.size_classes_spacing = spacing;
    profile.size_classes_long_spacing = long_spacing;
    size_t count = hak_profile_class_sizes(&profile, sizes);
    check_steps(&profile, sizes, count);
    assert_int_equal(sizes[count - 1], 65536);
    size_t listed = count - long_spacing; /* what comes behind is in every map, and in no list */
    if (!hak_class_sizes_check(sizes, listed, &element, message, sizeof message))
        fail_msg("spacing %ju, long_spacing %ju: %s", (uintmax_t)spacing, (uintmax_t)long_spacing, message);
}

static void every_spacing_gives_a_map_that_would_be_taken(void **state)
{
    (void)state;
    for (uint64_t spacing = 1; spacing <= 8; spacing *= 2)
        for (uint64_t long_spacing = 1; long_spacing <= 8; long_spacing *= 2)
            check_spacings(spacing, long_spacing);
}

static void check_behind_an_explicit_map(uint64_t long_spacing, const uint32_t *behind)
{
    static const uint32_t map[] = {16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 32768};
    struct hak_profile profile;
    uint32_t sizes[HAK_PROFILE_MAX_CLASSES];
    hak_profile_default(&profile);
    memcpy(profile.size_classes_sizes, map, sizeof map);
    profile.size_classes_count = 10;
    profile.size_classes_long_spacing = long_spacing;
    assert_int_equal(hak_profile_class_sizes(&profile, sizes), 10 + long_spacing);
    assert_memory_equal(sizes, map, sizeof map);
    assert_memory_equal(sizes + 10, behind, long_spacing * sizeof *behind);
}

static void explicit_map_is_used_as_it_is(void **state)
{
    (void)state;
    check_behind_an_explicit_map(1, (const uint32_t[]){65536});
    check_behind_an_explicit_map(4, (const uint32_t[]){40960, 49152, 57344, 65536});
    check_behind_an_explicit_map(8, (const uint32_t[]){36864, 40960, 45056, 49152, 53248, 57344, 61440, 65536});
}

static void expect_refusal(const uint32_t *sizes, size_t count, size_t element_expected, const char *expected)
{
    char message[HAK_PROFILE_MESSAGE_SIZE] = "";
    size_t element = 12345;
    assert_false(hak_class_sizes_check(sizes, count, &element, message, sizeof message));
    assert_string_equal(message, expected);
    assert_int_equal(element, element_expected);
}

#define EXPECT_REFUSAL(element, expected, ...)                                                                   \
    expect_refusal((const uint32_t[]){__VA_ARGS__}, sizeof(uint32_t[]){__VA_ARGS__} / sizeof(uint32_t), element, \
                   expected)

static void bad_maps_are_refused(void **state)
{
    (void)state;
    expect_refusal(NULL, 0, 0, "size_classes.sizes: the list is empty (sizes from 16 to 32768 are expected)");
    EXPECT_REFUSAL(0, "size_classes.sizes: the first size is 32 (16 is expected)", 32, 64);
    EXPECT_REFUSAL(0, "size_classes.sizes: 0 is not a multiple of 16", 0, 64);
    EXPECT_REFUSAL(2, "size_classes.sizes: 40 is not a multiple of 16", 16, 32, 40);
    EXPECT_REFUSAL(3, "size_classes.sizes: 48 comes after 64 (the sizes must ascend)", 16, 32, 64, 48);
    EXPECT_REFUSAL(2, "size_classes.sizes: 32 comes after 32 (the sizes must ascend)", 16, 32, 32);
    EXPECT_REFUSAL(2, "size_classes.sizes: 64 is missing (alignments need every power of two from 16 to 4096)", 16, 32,
                   80, 128);
    EXPECT_REFUSAL(1, "size_classes.sizes: 64 is missing (alignments need every power of two from 16 to 4096)", 16, 32);
    EXPECT_REFUSAL(9, "size_classes.sizes: the last size is 8192 (32768 is expected)", 16, 32, 64, 128, 256, 512, 1024,
                   2048, 4096, 8192);
    EXPECT_REFUSAL(1, "size_classes.sizes: 32784 is above 32768, the last size of a list", 16, 32784);
}

static void the_number_of_classes_is_limited(void **state)
{
    (void)state;
    uint32_t sizes[HAK_PROFILE_MAX_CLASSES];
    char message[HAK_PROFILE_MESSAGE_SIZE];
    size_t element = 0;
    for (uint32_t i = 0; i < HAK_PROFILE_MAX_CLASSES; i++)
        sizes[i] = (i + 1) * 16;
    static const uint32_t tail[] = {2048, 4096, 32768};
    memcpy(sizes + HAK_PROFILE_CLASS_LIMIT - 3, tail, sizeof tail);
    assert_true(hak_class_sizes_check(sizes, HAK_PROFILE_CLASS_LIMIT, &element, message, sizeof message));
    struct hak_profile profile;
    hak_profile_default(&profile);
    memcpy(profile.size_classes_sizes, sizes, sizeof sizes);
    profile.size_classes_count = HAK_PROFILE_CLASS_LIMIT;
    uint32_t all[HAK_PROFILE_MAX_CLASSES];
    assert_int_equal(hak_profile_class_sizes(&profile, all), HAK_PROFILE_MAX_CLASSES);
    assert_int_equal(all[HAK_PROFILE_MAX_CLASSES - 1], 65536);
    expect_refusal(sizes, HAK_PROFILE_CLASS_LIMIT + 1, HAK_PROFILE_CLASS_LIMIT,
                   "size_classes.sizes: more than 120 sizes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_gives_the_known_map),
        cmocka_unit_test(every_spacing_gives_a_map_that_would_be_taken),
        cmocka_unit_test(explicit_map_is_used_as_it_is),
        cmocka_unit_test(bad_maps_are_refused),
        cmocka_unit_test(the_number_of_classes_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
