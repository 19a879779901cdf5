/* SPDX-License-Identifier: MIT */
/* Before a profile is loaded, the one in force is the default (or, in a library with a baked profile, that one, which
 * passes its checks). */
#include "config.h"

#include "lib/profile/active.h"

#include "tests/profile/cmocka_all.h"

static void is_the_default_from_the_start(void **state)
{
    (void)state;
#ifdef HAK_BAKED_PROFILE
    char message[HAK_PROFILE_MESSAGE_SIZE] = "";
    if (!hak_profile_check(&hak_active_profile, message, sizeof message))
        fail_msg("%s", message);
    _Static_assert(HAK_PROFILE(superslab_size) >= 262144, "a compile-time constant");
#else
    struct hak_profile standard;
    hak_profile_default(&standard);
    assert_memory_equal(&standard, &hak_active_profile, sizeof standard);
#endif
    assert_int_equal(HAK_PROFILE(superslab_size), hak_active_profile.superslab_size);
    assert_int_equal(HAK_PROFILE(thread_cache_max_objects), hak_active_profile.thread_cache_max_objects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_the_default_from_the_start)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
