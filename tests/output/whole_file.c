/* SPDX-License-Identifier: MIT */
/* Files that are there as a whole or not at all: their modes, what is there meanwhile, and whose links are followed. */
#include "config.h"

#include "cli/output/whole_file.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64], path[128], target[128], message[PATH_MAX + 256];

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/hakmem-test.XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/file", directory);
    snprintf(target, sizeof target, "%s/target", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(path);
    unlink(target);
    return rmdir(directory);
}

static size_t files(void)
{
    size_t count = 0;
    DIR *stream = opendir(directory);
    assert_non_null(stream);
    while (readdir(stream))
        count++;
    closedir(stream);
    return count - 2; /* . and .. */
}

static bool write_text(const char *text, bool good)
{
    struct whole_file file;
    if (!whole_file_open(&file, path, message, sizeof message))
        return false;
    fputs(text, file.stream);
    return whole_file_close(&file, good, message, sizeof message);
}

static void holds(const char *name, const char *expected)
{
    char text[64] = "";
    FILE *stream = fopen(name, "r");
    assert_non_null(stream);
    text[fread(text, 1, sizeof text - 1, stream)] = '\0';
    fclose(stream);
    assert_string_equal(text, expected);
}

static mode_t mode_of(const char *name)
{
    struct stat status;
    assert_int_equal(lstat(name, &status), 0);
    return status.st_mode & 07777;
}

static void the_umask_says_who_may_read(void **state)
{
    (void)state;
    static const mode_t masks[][2] = {{022, 0644}, {077, 0600}, {002, 0664}, {0, 0666}};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        unlink(path);
        mode_t before = umask(masks[i][0]);
        bool written = write_text("a", true);
        umask(before);
        assert_true(written);
        assert_int_equal(mode_of(path), masks[i][1]);
    }
}

static void the_one_before_says_it_first(void **state)
{
    (void)state;
    assert_true(write_text("a", true));
    assert_int_equal(chmod(path, 0640), 0);
    assert_true(write_text("b", true));
    assert_int_equal(mode_of(path), 0640);
    assert_int_equal(chmod(path, 04755), 0); /* but no more than who may read it */
    assert_true(write_text("c", true));
    assert_int_equal(mode_of(path), 0755);
    holds(path, "c");
}

/* Nobody else sees what is written, under a name that cannot be known, before it is there as a whole. */
static void the_old_one_is_there_until_the_end(void **state)
{
    (void)state;
    struct whole_file file;
    assert_true(write_text("old", true));
    assert_true(whole_file_open(&file, path, message, sizeof message));
    fputs("new", file.stream);
    fflush(file.stream);
    holds(path, "old");
    assert_int_equal(files(), 2);
    assert_int_equal(strncmp(file.temporary, path, strlen(path)), 0);
    assert_true(whole_file_close(&file, true, message, sizeof message));
    holds(path, "new");
    assert_false(write_text("worse", false));
    holds(path, "new");
    assert_int_equal(files(), 1);
}

static void an_own_link_is_followed(void **state)
{
    (void)state;
    unlink(path);
    FILE *stream = fopen(target, "w");
    assert_non_null(stream);
    fclose(stream);
    assert_int_equal(symlink(target, path), 0);
    assert_true(write_text("a", true));
    holds(target, "a");
    assert_true(whole_file_possible(path, message, sizeof message));
    assert_int_equal(unlink(path), 0);
}

static void a_link_of_another_user_is_not_followed(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("skipped: a link of another user takes root to make\n");
        skip();
    }
    unlink(path);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(lchown(path, 1, 1), 0);
    assert_true(write_text("b", true)); /* who may write here is trusted */
    holds(target, "b");
    assert_int_equal(chmod(directory, 01777), 0);
    assert_false(whole_file_possible(path, message, sizeof message));
    assert_false(write_text("c", true));
    assert_non_null(strstr(message, path));
    holds(target, "b");
    assert_int_equal(files(), 2);
    assert_int_equal(chown(directory, 1, 1), 0); /* the link's owner is the directory's: as good as it gets */
    assert_true(write_text("d", true));
    holds(target, "d");
    assert_int_equal(chown(directory, 0, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_umask_says_who_may_read),
        cmocka_unit_test(the_one_before_says_it_first),
        cmocka_unit_test(the_old_one_is_there_until_the_end),
        cmocka_unit_test(an_own_link_is_followed),
        cmocka_unit_test(a_link_of_another_user_is_not_followed),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
