/* SPDX-License-Identifier: MIT */
/* The search space: what it is made of, and that everything that leaves it is a profile which the library takes. */
#include "config.h"

#include "tests/search_space/profile_space.h"

#include <gsl/gsl_rng.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_searched_row_is_a_dimension(void **state)
{
    (void)state;
    struct space space;
    size_t searched = 0;
    profile_space_init(&space, &usual_machine);
    for (size_t i = 0; i < hak_parameter_count; i++) {
        searched += hak_parameters[i].searched;
        if (hak_parameters[i].searched)
            assert_true(space_find(&space, hak_parameters[i].key) >= 0);
    }
    assert_int_equal(space.count, searched);
    assert_int_equal(space_find(&space, "purge.policy"), -1);
}

static void levels_are_valid_values(void **state)
{
    (void)state;
    struct space space;
    char message[HAK_PROFILE_MESSAGE_SIZE];
    profile_space_init(&space, &usual_machine);
    for (size_t i = 0; i < space.count; i++) {
        const struct space_dimension *dimension = &space.dimension[i];
        assert_in_range(dimension->count, 2, SPACE_MAX_LEVELS);
        assert_int_equal(dimension->level[dimension->default_level], dimension->row->standard);
        for (size_t level = 0; level < dimension->count; level++) {
            assert_true(hak_parameter_check(dimension->row, dimension->level[level], message, sizeof message));
            assert_true(level == 0 || dimension->level[level] > dimension->level[level - 1]);
        }
    }
}

static void default_is_the_default(void **state)
{
    (void)state;
    struct space space;
    struct hak_profile standard, profile;
    profile_space_init(&space, &usual_machine);
    struct space_point point = space_default(&space), same;
    hak_profile_default(&standard);
    profile_of_point(&space, &point, standard.name, &profile);
    assert_memory_equal(&profile, &standard, sizeof profile);
    same = point_of_profile(&space, &standard);
    assert_true(space_equal(&space, &same, &point));
    char text[256];
    assert_string_equal(space_describe(&space, &point, text, sizeof text), "default");
}

static void every_point_is_a_profile(void **state)
{
    (void)state;
    struct space space;
    struct hak_profile profile;
    char message[HAK_PROFILE_MESSAGE_SIZE];
    double unit[SPACE_MAX_DIMENSIONS];
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    profile_space_init(&space, &usual_machine);
    for (unsigned i = 0; i < 5000; i++) {
        for (size_t j = 0; j < space.count; j++)
            unit[j] = gsl_rng_uniform(random);
        struct space_point point = space_from_unit(&space, unit), again;
        profile_of_point(&space, &point, "candidate", &profile);
        assert_true(hak_profile_check(&profile, message, sizeof message));
        assert_true(profile.pages_huge == HAK_HUGE_NEVER || profile.pages_huge == HAK_HUGE_LARGE ||
                    profile.pages_huge == HAK_HUGE_AUTO || profile.superslab_size >= usual_machine.huge_page_size);
        space_to_unit(&space, &point, unit);
        again = space_from_unit(&space, unit);
        assert_true(space_equal(&space, &again, &point));
        again = point_of_profile(&space, &profile);
        assert_true(space_equal(&space, &again, &point));
    }
    gsl_rng_free(random);
}

static void cube_corners(void **state)
{
    (void)state;
    struct space space;
    double unit[SPACE_MAX_DIMENSIONS];
    profile_space_init(&space, &usual_machine);
    for (size_t i = 0; i < space.count; i++)
        unit[i] = 1; /* what rounding can make of a number below 1 */
    struct space_point point = space_from_unit(&space, unit);
    for (size_t i = 0; i < space.count; i++)
        assert_true(point.level[i] < space.dimension[i].count);
}

static bool has_level(const struct space *space, const char *key, uint64_t value)
{
    const struct space_dimension *dimension = &space->dimension[space_find(space, key)];
    for (size_t i = 0; i < dimension->count; i++) {
        if (dimension->level[i] == value)
            return true;
    }
    return false;
}

static void machine_narrows_the_space(void **state)
{
    (void)state;
    struct machine_limits small = usual_machine;
    struct space space;
    small.hugetlb_pages_available = false;
    profile_space_init(&space, &small);
    assert_true(has_level(&space, "pages.huge", HAK_HUGE_MADVISE));
    assert_false(has_level(&space, "pages.huge", HAK_HUGE_HUGETLB));
    assert_true(has_level(&space, "thread_cache.max_bytes", 1 << 20));
    assert_false(has_level(&space, "thread_cache.max_bytes", 2 << 20));
    small.transparent_huge_pages_usable = false;
    small.l2 = 128 << 10;
    profile_space_init(&space, &small);
    assert_int_equal(space_find(&space, "pages.huge"), -1);
    assert_true(has_level(&space, "thread_cache.max_bytes", 256 << 10));
    assert_false(has_level(&space, "thread_cache.max_bytes", 512 << 10));
}

static void descriptions(void **state)
{
    (void)state;
    struct space space;
    char text[256];
    profile_space_init(&space, &usual_machine);
    struct space_point point = space_default(&space);
    space_set(&space, &point, "pages.huge", HAK_HUGE_MADVISE);
    space_set(&space, &point, "thread_cache.max_bytes", 256 << 10);
    assert_string_equal(space_describe(&space, &point, text, sizeof text),
                        "pages.huge: madvise, thread_cache.max_bytes: 256KiB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_searched_row_is_a_dimension),
        cmocka_unit_test(levels_are_valid_values),
        cmocka_unit_test(default_is_the_default),
        cmocka_unit_test(every_point_is_a_profile),
        cmocka_unit_test(cube_corners),
        cmocka_unit_test(machine_narrows_the_space),
        cmocka_unit_test(descriptions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
