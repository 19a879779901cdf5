/* SPDX-License-Identifier: MIT */
/* First points: each is another profile, and fits the machine. */
#include "config.h"

#include "cli/search_space/seeds.h"

#include "tests/search_space/profile_space.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void seeds_are_for_the_machine(void **state)
{
    (void)state;
    struct machine_limits without = usual_machine;
    struct space space;
    struct space_point seeds[16];
    struct hak_profile profile;
    without.transparent_huge_pages_usable = without.hugetlb_pages_available = false;
    for (unsigned low_memory = 0; low_memory < 2; low_memory++) {
        profile_space_init(&space, &usual_machine);
        size_t count = space_seeds(&space, low_memory, seeds, 16);
        assert_true(count >= 6);
        profile_of_point(&space, &seeds[0], "seed", &profile);
        if (low_memory)
            assert_true(profile.thread_cache_max_objects < 256 && profile.pages_huge == HAK_HUGE_NEVER &&
                        profile.pages_prefault == HAK_PREFAULT_NONE);
        else
            assert_true(profile.thread_cache_max_objects >= 1024 && profile.pages_huge == HAK_HUGE_MADVISE);
        bool all_shared = false;
        for (size_t i = 0; i < count; i++) {
            profile_of_point(&space, &seeds[i], "seed", &profile);
            all_shared |= profile.heap_shared == HAK_SHARED_ALL;
        }
        assert_true(all_shared);
        profile_space_init(&space, &without);
        count = space_seeds(&space, low_memory, seeds, 16);
        assert_true(count >= 4);
        struct space_point default_point = space_default(&space);
        for (size_t i = 0; i < count; i++) {
            assert_true(space_distance(&space, &seeds[i], &default_point) > 0);
            for (size_t j = 0; j < i; j++)
                assert_false(space_equal(&space, &seeds[i], &seeds[j]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_are_for_the_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
