/* SPDX-License-Identifier: MIT */
/* Records in files: replaced as a whole, or appended one after the other. */
#include "lib/observe/stats_file.h"

#include "lib/base/error_words.h"
#include "tests/base/child.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

static char folder[] = "/tmp/hakmem-test.XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *content(const char *path)
{
    static char text[65536];
    int file = open(path, O_RDONLY);
    ssize_t length = file >= 0 ? read(file, text, sizeof text - 1) : -1;
    if (file >= 0)
        close(file);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

static unsigned files_in_folder(void)
{
    unsigned count = 0;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static int setup(void **state)
{
    (void)state;
    strcpy(strrchr(folder, '.'), ".XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state)
{
    (void)state;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.')
            unlink(in_folder(entry->d_name));
    closedir(directory);
    return rmdir(folder);
}

static void own_files_are_replaced(void **state)
{
    (void)state;
    const char *path = in_folder("own");
    assert_int_equal(stats_file_write(path, true, "first\n", 6), 0);
    assert_string_equal(content(path), "first\n");
    assert_int_equal(stats_file_write(path, true, "2\n", 2), 0);
    assert_string_equal(content(path), "2\n");
    assert_int_equal(files_in_folder(), 1);
}

static void others_are_appended_to(void **state)
{
    (void)state;
    const char *path = in_folder("shared");
    assert_int_equal(stats_file_write(path, false, "first\n", 6), 0);
    assert_int_equal(stats_file_write(path, false, "2\n", 2), 0);
    assert_string_equal(content(path), "first\n2\n");
}

/* Each of twenty processes writes twenty lines of its own letter. */
static void lines_of_many_processes_stay_whole(void **state)
{
    (void)state;
    char line[101];
    for (char letter = 'a'; letter < 'a' + 20; letter++) {
        memset(line, letter, 99);
        line[99] = '\n';
        if (fork() != 0)
            continue;
        int error = 0;
        for (unsigned i = 0; i < 20; i++)
            error |= stats_file_write(in_folder("shared"), false, line, 100);
        _exit(error);
    }
    for (int status; wait(&status) > 0;)
        assert_int_equal(status, 0);
    const char *text = content(in_folder("shared"));
    assert_int_equal(strlen(text), 20 * 20 * 100);
    for (size_t i = 0; i < 20 * 20; i++) {
        memset(line, text[i * 100], 99);
        assert_memory_equal(text + i * 100, line, 100);
    }
}

/* The disk is full, as a limit on a file's length says. */
static void no_room(void)
{
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){20, 20});
    char text[100];
    memset(text, 'x', sizeof text);
    CHILD_CHECK(stats_file_write(in_folder("own"), true, text, sizeof text) == EFBIG);
    CHILD_CHECK(strcmp(content(in_folder("own")), "before\n") == 0);
    CHILD_CHECK(files_in_folder() == 1);
    CHILD_CHECK(stats_file_write(in_folder("own"), false, text, sizeof text) == EFBIG);
    CHILD_CHECK(strcmp(content(in_folder("own")), "before\n") == 0);
}

static void files_are_whole_or_as_they_were(void **state)
{
    (void)state;
    assert_int_equal(stats_file_write(in_folder("own"), true, "before\n", 7), 0);
    assert_child_passes(no_room);
}

static void errors_have_words(void **state)
{
    (void)state;
    assert_int_equal(stats_file_write("/nonexistent/x", true, "x", 1), ENOENT);
    assert_int_equal(stats_file_write("/nonexistent/x", false, "x", 1), ENOENT);
    assert_int_equal(stats_file_write(folder, false, "x", 1), EISDIR);
    assert_int_equal(stats_file_write(folder, true, "x", 1), EISDIR);
    assert_string_equal(error_words(ENOENT), "there is no such directory");
    assert_string_equal(error_words(ENOSPC), "there is no space left");
    assert_string_equal(error_words(EIO), "the system refuses it");
}

static void pipes_are_written_to(void **state)
{
    (void)state;
    const char *path = in_folder("pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(stats_file_write(path, true, "x", 1), ENXIO); /* nobody reads */
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    char text[8] = "";
    assert_int_equal(stats_file_write(path, true, "said\n", 5), 0);
    assert_int_equal(read(reader, text, sizeof text), 5);
    close(reader);
    assert_string_equal(text, "said\n");
    struct stat status;
    assert_true(stat(path, &status) == 0 && S_ISFIFO(status.st_mode));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(own_files_are_replaced),          TEST(others_are_appended_to), TEST(lines_of_many_processes_stay_whole),
        TEST(files_are_whole_or_as_they_were), TEST(errors_have_words),      TEST(pipes_are_written_to)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
