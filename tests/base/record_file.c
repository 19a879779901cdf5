/* SPDX-License-Identifier: MIT */
/* Long files, as a whole or not at all. */
#include "lib/base/record_file.h"

#include "tests/base/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char folder[64];
static struct record_file file;

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hakmem-test.XXXXXX");
    return mkdtemp(folder) == NULL;
}

/* Names in the folder, of which none is a temporary file's. */
static int names_in_folder(void)
{
    int names = 0;
    DIR *opened = opendir(folder);
    for (const struct dirent *entry; (entry = readdir(opened)) != NULL; names++)
        assert_null(strstr(entry->d_name, ".part"));
    closedir(opened);
    return names - 2;
}

static int remove_folder(void **state)
{
    (void)state;
    names_in_folder();
    unlink(in_folder("a"));
    rmdir(in_folder("directory"));
    return rmdir(folder);
}

#define LINES 3000

static void write_lines(void)
{
    for (uint64_t i = 0; i < LINES; i++) {
        struct writer *line = record_file_room(&file, 64);
        writer_add_number(line, i);
        writer_add(line, "\n");
        if (i % 1000 == 999)
            record_file_write(&file, "-\n", 2);
    }
}

static void a_file_is_whole(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) { /* then in place of the first */
        assert_true(record_file_begin(&file, in_folder("a")));
        write_lines();
        assert_int_equal(access(in_folder("a"), F_OK) == 0, round);
        assert_true(record_file_end(&file));
        assert_int_equal(names_in_folder(), 1);
    }
    FILE *stream = fopen(in_folder("a"), "r");
    char line[64], expected[64];
    for (int i = 0; i < LINES; i++) {
        assert_non_null(fgets(line, sizeof line, stream));
        snprintf(expected, sizeof expected, "%d\n", i);
        assert_string_equal(line, expected);
        if (i % 1000 == 999)
            assert_string_equal(fgets(line, sizeof line, stream), "-\n");
    }
    assert_null(fgets(line, sizeof line, stream));
    fclose(stream);
}

static void what_cannot_be_is_not_there(void **state)
{
    (void)state;
    assert_false(record_file_begin(&file, in_folder("none/a")));
    assert_int_equal(file.error, ENOENT);
    static char name[RECORD_FILE_NAME];
    memset(name, 'a', sizeof name - 1);
    assert_false(record_file_begin(&file, name));
    assert_int_equal(file.error, ENAMETOOLONG);
    assert_int_equal(mkdir(in_folder("directory"), 0700), 0);
    assert_false(record_file_begin(&file, in_folder("directory")));
    assert_int_equal(file.error, EISDIR);
    assert_int_equal(names_in_folder(), 1);
}

/* A full disk, say. */
static void what_is_half_written_goes(void **state)
{
    (void)state;
    assert_true(record_file_begin(&file, in_folder("a")));
    write_lines();
    file.error = ENOSPC;
    assert_false(record_file_end(&file));
    assert_int_equal(names_in_folder(), 0);
}

static void what_is_no_regular_file_stays(void **state)
{
    (void)state;
    assert_true(record_file_begin(&file, "/dev/null"));
    write_lines();
    assert_true(record_file_end(&file));
    struct stat status;
    assert_true(stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode));
    if (access("/dev/full", W_OK) != 0)
        return;
    assert_true(record_file_begin(&file, "/dev/full"));
    write_lines();
    assert_false(record_file_end(&file));
    assert_int_equal(file.error, ENOSPC);
}

/* Nor does a pipe keep a process that ends. */
static void pipes_are_not_waited_for(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(in_folder("a"), 0600), 0);
    assert_false(record_file_begin(&file, in_folder("a")));
    assert_int_equal(file.error, ENXIO);
    int reader = open(in_folder("a"), O_RDONLY | O_NONBLOCK);
    assert_true(record_file_begin(&file, in_folder("a")));
    assert_int_equal(fcntl(file.descriptor, F_GETFL) & O_NONBLOCK, 0);
    writer_add(record_file_room(&file, 64), "text");
    assert_true(record_file_end(&file));
    char text[8] = "";
    assert_int_equal(read(reader, text, sizeof text), 4);
    assert_string_equal(text, "text");
    close(reader);
}

/* Who may write in the folder has foreseen the temporary name. */
static void no_link_is_followed(void **state)
{
    (void)state;
    char temporary[128];
    snprintf(temporary, sizeof temporary, "%s/a.%ld.part", folder, (long)getpid());
    assert_int_equal(symlink(in_folder("victim"), temporary), 0);
    assert_true(record_file_begin(&file, in_folder("a")));
    assert_true(record_file_end(&file));
    assert_int_equal(access(in_folder("victim"), F_OK), -1);
    struct stat status;
    assert_true(lstat(in_folder("a"), &status) == 0 && S_ISREG(status.st_mode));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(a_file_is_whole),           TEST(what_cannot_be_is_not_there),
                                       TEST(what_is_half_written_goes), TEST(what_is_no_regular_file_stays),
                                       TEST(pipes_are_not_waited_for),  TEST(no_link_is_followed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
