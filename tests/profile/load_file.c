/* SPDX-License-Identifier: MIT */
/* Profiles from files: what is no profile's file is refused with its reason. */
#include "config.h"

#include "lib/profile/load.h"
#include "tests/profile/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void expect_refusal(const char *path, const char *reason)
{
    struct hak_profile profile, before;
    char message[HAK_PROFILE_MESSAGE_SIZE] = "", expected[HAK_PROFILE_MESSAGE_SIZE + PATH_MAX];
    memset(&before, 0x5a, sizeof before);
    profile = before;
    assert_false(hak_profile_load_file(&profile, path, message, sizeof message));
    snprintf(expected, sizeof expected, "%s%s", path, reason);
    assert_string_equal(message, expected);
    assert_memory_equal(&profile, &before, sizeof before);
}

static int count_descriptors(void)
{
    int count = 0;
    for (int descriptor = 0; descriptor < 256; descriptor++)
        count += fcntl(descriptor, F_GETFD) != -1;
    return count;
}

static void good_file(void **state)
{
    (void)state;
    static const char text[] = "profile_version: 1\nname: from-file\n";
    struct hak_profile profile;
    char message[HAK_PROFILE_MESSAGE_SIZE] = "";
    int before = count_descriptors();
    assert_true(
        hak_profile_load_file(&profile, scratch_file("good.yaml", text, strlen(text)), message, sizeof message));
    assert_string_equal(profile.name, "from-file");
    assert_int_equal(count_descriptors(), before);
}

static void bad_files(void **state)
{
    (void)state;
    int before = count_descriptors();
    expect_refusal(scratch_path("none.yaml"), ": cannot be opened: No such file or directory");
    expect_refusal(scratch_directory("directory.yaml"), ": is a directory (a profile's file is expected)");
    expect_refusal(scratch_file("empty.yaml", "", 0), ": is empty (a profile starts with profile_version: 1)");
    expect_refusal(scratch_file("nul.yaml", "name: \0", 7), ":1:7: a NUL character (text is expected)");
    expect_refusal(scratch_file("bad.yaml", "name: x", 7),
                   ":1:1: profile_version: is missing (write profile_version: 1)");
    expect_refusal("/dev/null", ": is not a regular file");
    const char *fifo = scratch_path("fifo.yaml");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    expect_refusal(fifo, ": is not a regular file");
    const char *loop = scratch_path("loop.yaml");
    assert_int_equal(symlink(loop, loop), 0);
    char reason[128];
    snprintf(reason, sizeof reason, ": cannot be opened: %s", strerror(ELOOP)); /* each C library has its own words */
    expect_refusal(loop, reason);
    assert_int_equal(count_descriptors(), before);
}

static void long_files(void **state)
{
    (void)state;
    const char *path = scratch_file("long.yaml", "x", 1);
    assert_int_equal(truncate(path, 10 << 20), 0);
    expect_refusal(path, ": 10485760 bytes long (a profile has at most 65536)");
    assert_int_equal(truncate(path, HAK_PROFILE_TEXT_MAX + 1), 0);
    expect_refusal(path, ": 65537 bytes long (a profile has at most 65536)");
    assert_int_equal(truncate(path, HAK_PROFILE_TEXT_MAX), 0);
    expect_refusal(path, ":1:2: a NUL character (text is expected)");
}

static void no_permission(void **state)
{
    (void)state;
    const char *path = scratch_file("secret.yaml", "x", 1);
    assert_int_equal(chmod(path, 0), 0);
    uid_t user = geteuid();
    if (user == 0 && seteuid(65534) != 0) {
        print_message("skipped: root may read every file, and cannot become another user here\n");
        skip();
    }
    /* Another user may not even look into the scratch directory; the reason is the same. */
    expect_refusal(path, ": cannot be opened: Permission denied");
    assert_int_equal(seteuid(user), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(good_file), cmocka_unit_test(bad_files),
                                       cmocka_unit_test(long_files), cmocka_unit_test(no_permission)};
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
