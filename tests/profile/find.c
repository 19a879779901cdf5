/* SPDX-License-Identifier: MIT */
/* Which file a path or a name means, and what the environment gives. */
#include "config.h"

#include "lib/profile/find.h"

#include "tests/profile/scratch.h"

static const char good[] = "profile_version: 1\nname: mine\n";

static void set_up_directories(void)
{
    unsetenv("HAKMEM_PROFILE");
    setenv("XDG_CONFIG_HOME", scratch_path("config"), 1);
    setenv("HOME", scratch_path("home"), 1);
}

static int make_directories(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    set_up_directories();
    scratch_directory("config");
    scratch_directory("config/hakmem");
    scratch_directory("home");
    scratch_directory("home/.config");
    scratch_directory("home/.config/hakmem");
    scratch_file("config/hakmem/mine.yaml", good, strlen(good));
    scratch_file("home/.config/hakmem/athome.yaml", good, strlen(good));
    scratch_file("config/hakmem/bad.yaml", "name: x", 7);
    return 0;
}

static void expect_found(const char *reference, const char *expected)
{
    char path[HAK_PROFILE_PATH_SIZE] = "", message[1024] = "";
    if (!hak_profile_find(reference, path, sizeof path, message, sizeof message))
        fail_msg("%s", message);
    assert_string_equal(path, expected);
}

static void expect_not_found(const char *reference, const char *format, const char *directory)
{
    char path[HAK_PROFILE_PATH_SIZE] = "", message[1024] = "", expected[2048];
    assert_false(hak_profile_find(reference, path, sizeof path, message, sizeof message));
    snprintf(expected, sizeof expected, format, directory);
    assert_string_equal(message, expected);
}

static void paths_have_a_slash(void **state)
{
    (void)state;
    set_up_directories();
    expect_found("./none.yaml", "./none.yaml");
    expect_found("/a/b", "/a/b");
    char path[HAK_PROFILE_PATH_SIZE], message[1024], long_path[5000];
    memset(long_path, '/', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    assert_false(hak_profile_find(long_path, path, sizeof path, message, sizeof message));
    assert_non_null(strstr(message, ": the path is too long"));
}

static void a_yaml_file_is_found_where_one_stands(void **state)
{
    (void)state;
    set_up_directories();
    char before[HAK_PROFILE_PATH_SIZE];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(scratch_path("home/.config/hakmem")), 0);
    expect_found("athome.yaml", "athome.yaml");
    expect_found("mine.yaml", scratch_path("config/hakmem/mine.yaml"));
    expect_found("mine", scratch_path("config/hakmem/mine.yaml"));
    assert_int_equal(chdir(scratch_path("config/hakmem")), 0);
    expect_found("mine", scratch_path("config/hakmem/mine.yaml")); /* a name is never a file beside us */
    assert_int_equal(chdir(before), 0);
}

static void names_are_looked_up(void **state)
{
    (void)state;
    set_up_directories();
    expect_found("mine", scratch_path("config/hakmem/mine.yaml"));
    expect_found("mine.yaml", scratch_path("config/hakmem/mine.yaml"));
    expect_not_found("athome",
                     "no profile is named \"athome\" (looked for %s/hakmem/athome.yaml and " HAK_TUNINGS_DIR
                     "/athome.yaml; a path has a slash or ends in .yaml)",
                     scratch_path("config"));
}

static void home_serves_without_xdg(void **state)
{
    (void)state;
    set_up_directories();
    static const char *const useless[] = {NULL, "", "relative"};
    for (size_t i = 0; i < 3; i++) {
        if (useless[i])
            setenv("XDG_CONFIG_HOME", useless[i], 1);
        else
            unsetenv("XDG_CONFIG_HOME");
        expect_found("athome", scratch_path("home/.config/hakmem/athome.yaml"));
    }
    unsetenv("HOME");
    expect_not_found("athome.yaml",
                     "no profile is named \"athome.yaml\" (looked for it here, as " HAK_TUNINGS_DIR "/athome.yaml)%s",
                     "");
}

static enum hak_profile_origin from_environment(const char *value, struct hak_profile *profile, char *source,
                                                char *message)
{
    set_up_directories();
    if (value)
        setenv("HAKMEM_PROFILE", value, 1);
    return hak_profile_from_environment(profile, source, HAK_PROFILE_PATH_SIZE, message, HAK_PROFILE_MESSAGE_SIZE);
}

static void environment_names_a_profile(void **state)
{
    (void)state;
    struct hak_profile profile;
    char source[HAK_PROFILE_PATH_SIZE] = "", message[HAK_PROFILE_MESSAGE_SIZE] = "";
    assert_int_equal(from_environment("mine", &profile, source, message), HAK_PROFILE_LOADED);
    assert_string_equal(profile.name, "mine");
    assert_string_equal(source, scratch_path("config/hakmem/mine.yaml"));
    assert_string_equal(message, "");
}

static void environment_without_a_profile_changes_nothing(void **state)
{
    (void)state;
    struct hak_profile profile, before;
    char source[HAK_PROFILE_PATH_SIZE] = "", message[HAK_PROFILE_MESSAGE_SIZE] = "";
    memset(&before, 0x5a, sizeof before);
    profile = before;
    assert_int_equal(from_environment(NULL, &profile, source, message), HAK_PROFILE_DEFAULT);
    assert_int_equal(from_environment("", &profile, source, message), HAK_PROFILE_DEFAULT);
    assert_string_equal(message, "");
    assert_int_equal(from_environment("bad", &profile, source, message), HAK_PROFILE_REFUSED);
    assert_non_null(
        strstr(message, "/config/hakmem/bad.yaml:1:1: profile_version: is missing (write profile_version: 1)"));
    assert_int_equal(from_environment("nowhere", &profile, source, message), HAK_PROFILE_REFUSED);
    assert_int_equal(strncmp(message, "no profile is named \"nowhere\" (looked for ", 42), 0);
    assert_string_equal(source, "");
    assert_memory_equal(&profile, &before, sizeof before);
}

static void strictness(void **state)
{
    (void)state;
    unsetenv("HAKMEM_PROFILE_STRICT");
    assert_false(hak_profile_is_strict());
    setenv("HAKMEM_PROFILE_STRICT", "0", 1);
    assert_false(hak_profile_is_strict());
    setenv("HAKMEM_PROFILE_STRICT", "1", 1);
    assert_true(hak_profile_is_strict());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_have_a_slash),
        cmocka_unit_test(a_yaml_file_is_found_where_one_stands),
        cmocka_unit_test(names_are_looked_up),
        cmocka_unit_test(home_serves_without_xdg),
        cmocka_unit_test(environment_names_a_profile),
        cmocka_unit_test(environment_without_a_profile_changes_nothing),
        cmocka_unit_test(strictness),
    };
    return cmocka_run_group_tests(tests, make_directories, scratch_remove);
}
