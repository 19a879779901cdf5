/* SPDX-License-Identifier: MIT */
/* Every profile that ships loads, is named as its file, and the default one is the built-in default. */
#include "config.h"

#include "lib/profile/load.h"
#include "tests/profile/cmocka_all.h"

static struct hak_profile load(const char *name)
{
    struct hak_profile profile;
    char path[4096], message[HAK_PROFILE_MESSAGE_SIZE] = "";
    snprintf(path, sizeof path, "%s/%s.yaml", SOURCE_TUNINGS, name);
    if (!hak_profile_load_file(&profile, path, message, sizeof message))
        fail_msg("%s", message);
    assert_string_equal(profile.name, name);
    return profile;
}

static void all_load(void **state)
{
    (void)state;
    struct hak_profile standard, profile = load("default");
    hak_profile_default(&standard);
    assert_memory_equal(&profile, &standard, sizeof profile);
    assert_int_equal(load("throughput").pages_huge, HAK_HUGE_MADVISE);
    assert_int_equal(load("huge-pages").pages_huge, HAK_HUGE_MADVISE);
    assert_int_equal(load("low-memory").superslab_keep_empty, 0);
    assert_int_equal(load("guarded").security_guarded, 5000);
    assert_int_equal(load("hardened").security_canaries, 1);
    assert_int_equal(load("hardened-light").security_checks, HAK_CHECKS_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_load)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
