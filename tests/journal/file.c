/* SPDX-License-Identifier: MIT */
/* The journal: what is written comes back, what is torn is dropped, what is old is kept, what is locked is refused. */
#include "config.h"

#include "cli/journal/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64], path[128], kept_path[160], message[1024];

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/hakmem-test.XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/j", directory);
    snprintf(kept_path, sizeof kept_path, "%s.~1~", path);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(path);
    for (int number = 1; number < 5; number++) {
        snprintf(kept_path, sizeof kept_path, "%s.~%d~", path, number);
        unlink(kept_path);
    }
    return rmdir(directory);
}

static void write_journal(size_t lines)
{
    json_t *header = json_pack("{s:s}", "type", "header");
    struct journal *journal = journal_create(path, header, message, sizeof message);
    json_decref(header);
    assert_non_null(journal);
    for (size_t i = 0; i < lines; i++)
        journal_write(journal, json_pack("{s:s, s:i}", "type", "trial", "trial", (int)i));
    assert_true(journal_close(journal, message, sizeof message));
}

static void append_text(const char *text)
{
    FILE *stream = fopen(path, "a");
    fputs(text, stream);
    fclose(stream);
}

static void round_trip(void **state)
{
    (void)state;
    json_t *lines;
    bool torn;
    write_journal(3);
    struct journal *journal = journal_resume(path, &lines, &torn, message, sizeof message);
    assert_non_null(journal);
    assert_false(torn);
    assert_int_equal(json_array_size(lines), 4);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(lines, 3), "trial")), 2);
    json_decref(lines);
    journal_write(journal, json_pack("{s:s}", "type", "verdict"));
    assert_true(journal_close(journal, message, sizeof message));
    journal = journal_resume(path, &lines, &torn, message, sizeof message);
    assert_int_equal(json_array_size(lines), 5);
    json_decref(lines);
    assert_true(journal_close(journal, message, sizeof message));
}

/* Killed while the last line was written: the others count, and what is written next does not stick to the remains. */
static void torn_last_line(void **state)
{
    (void)state;
    static const char *const remains[] = {"{\"type\": \"tri", "{\"type\": \"tri\n", "{\"type\": \"trial\"}"};
    for (size_t i = 0; i < 3; i++) {
        json_t *lines;
        bool torn;
        write_journal(2);
        append_text(remains[i]);
        struct journal *journal = journal_resume(path, &lines, &torn, message, sizeof message);
        assert_non_null(journal);
        assert_true(torn);
        assert_int_equal(json_array_size(lines), 3);
        json_decref(lines);
        journal_write(journal, json_pack("{s:s}", "type", "trial"));
        assert_true(journal_close(journal, message, sizeof message));
        journal = journal_resume(path, &lines, &torn, message, sizeof message);
        assert_false(torn);
        assert_int_equal(json_array_size(lines), 4);
        json_decref(lines);
        assert_true(journal_close(journal, message, sizeof message));
    }
}

static void broken_in_the_middle(void **state)
{
    (void)state;
    json_t *lines = NULL;
    bool torn;
    write_journal(1);
    append_text("nonsense\n{\"type\": \"trial\"}\n");
    assert_null(journal_resume(path, &lines, &torn, message, sizeof message));
    assert_non_null(strstr(message, "line 3"));
    assert_null(lines);
}

static void not_a_journal(void **state)
{
    (void)state;
    json_t *lines;
    bool torn;
    assert_null(journal_resume(path, &lines, &torn, message, sizeof message));
    assert_non_null(strstr(message, "No such file"));
    append_text("profile_version: 1\n");
    assert_null(journal_resume(path, &lines, &torn, message, sizeof message));
    assert_non_null(strstr(message, "line 1"));
    unlink(path);
    append_text("");
    assert_null(journal_resume(path, &lines, &torn, message, sizeof message));
    assert_non_null(strstr(message, "empty"));
    assert_null(journal_resume(directory, &lines, &torn, message, sizeof message));
}

static void old_one_is_kept(void **state)
{
    (void)state;
    json_t *header = json_pack("{s:s}", "type", "header"), *lines;
    bool torn;
    write_journal(5);
    struct journal *journal = journal_create(path, header, message, sizeof message);
    json_decref(header);
    assert_non_null(journal);
    assert_string_equal(journal_kept(journal), kept_path);
    assert_true(journal_close(journal, message, sizeof message));
    journal = journal_resume(kept_path, &lines, &torn, message, sizeof message);
    assert_int_equal(json_array_size(lines), 6);
    json_decref(lines);
    assert_true(journal_close(journal, message, sizeof message));
}

static void a_discarded_one_leaves_the_old_in_its_place(void **state)
{
    (void)state;
    json_t *header = json_pack("{s:s}", "type", "header"), *lines;
    bool torn;
    write_journal(5);
    for (int i = 0; i < 2; i++) {
        struct journal *journal = journal_create(path, header, message, sizeof message);
        assert_non_null(journal);
        assert_int_equal(journal_kept(journal) != NULL, i == 0);
        journal_discard(journal);
        assert_true(access(kept_path, F_OK) != 0);
        assert_int_equal(access(path, F_OK), i == 0 ? 0 : -1);
        if (i != 0)
            continue;
        journal = journal_resume(path, &lines, &torn, message, sizeof message);
        assert_int_equal(json_array_size(lines), 6);
        json_decref(lines);
        assert_true(journal_close(journal, message, sizeof message));
        unlink(path); /* the second time there is none */
    }
    json_decref(header);
}

static void locked(void **state)
{
    (void)state;
    json_t *header = json_pack("{s:s}", "type", "header"), *lines;
    bool torn;
    struct journal *journal = journal_create(path, header, message, sizeof message);
    assert_non_null(journal);
    assert_null(journal_resume(path, &lines, &torn, message, sizeof message));
    assert_non_null(strstr(message, "another hakmem-tune"));
    assert_null(journal_create(path, header, message, sizeof message));
    assert_non_null(strstr(message, "another hakmem-tune"));
    assert_true(access(kept_path, F_OK) != 0);
    json_decref(header);
    assert_true(journal_close(journal, message, sizeof message));
}

static void unwritable_is_told(void **state)
{
    (void)state;
    json_t *header = json_pack("{s:s}", "type", "header");
    assert_null(journal_create("/dev/full", header, message, sizeof message)); /* no regular file */
    assert_null(journal_create("/nonexistent/journal", header, message, sizeof message));
    assert_non_null(strstr(message, "/nonexistent/journal"));
    json_decref(header);
    assert_true(journal_close(NULL, message, sizeof message));
}

/* What it leads to is not made. */
static void a_link_of_another_user_is_not_followed(void **state)
{
    (void)state;
    char target[160];
    json_t *header = json_pack("{s:s}", "type", "header");
    if (geteuid() != 0) {
        print_message("skipped: a link of another user takes root to make\n");
        skip();
    }
    snprintf(target, sizeof target, "%s/t", directory);
    unlink(path);
    assert_int_equal(chmod(directory, 01777), 0);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(lchown(path, 1, 1), 0);
    assert_null(journal_create(path, header, message, sizeof message));
    assert_non_null(strstr(message, "another user's link"));
    assert_int_not_equal(access(target, F_OK), 0);
    assert_int_equal(unlink(path), 0);
    json_decref(header);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(round_trip, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(torn_last_line, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(broken_in_the_middle, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(not_a_journal, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(old_one_is_kept, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(a_discarded_one_leaves_the_old_in_its_place, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(locked, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(unwritable_is_told, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(a_link_of_another_user_is_not_followed, make_directory, remove_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
