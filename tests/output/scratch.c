/* SPDX-License-Identifier: MIT */
/* Temporary directories: who may read them, and what becomes of those of killed processes. */
#include "cli/output/scratch.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char parent[] = "/tmp/hakmem-test.XXXXXX";

/* A process that has a scratch directory with a file, whose path it tells, and waits to be killed. */
static pid_t start_owner(char path[PATH_MAX])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct scratch scratch;
        char message[512], own[PATH_MAX] = "";
        if (scratch_open(&scratch, message, sizeof message))
            fclose(scratch_create(&scratch, "file", own, sizeof own));
        if (write(ends[1], own, sizeof own) == sizeof own)
            pause();
        _exit(1);
    }
    assert_int_equal(read(ends[0], path, PATH_MAX), PATH_MAX);
    close(ends[0]);
    close(ends[1]);
    return child;
}

static void end(pid_t child)
{
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* The first test: a process looks for stale directories once. */
static void what_a_killed_process_left_is_removed(void **state)
{
    (void)state;
    char killed[PATH_MAX], living[PATH_MAX], message[512];
    struct scratch scratch;
    pid_t one = start_owner(killed), other = start_owner(living);
    end(one);
    assert_int_equal(access(killed, F_OK), 0);
    assert_true(scratch_open(&scratch, message, sizeof message));
    assert_int_not_equal(access(killed, F_OK), 0);
    assert_int_equal(access(living, F_OK), 0);
    *strrchr(killed, '/') = '\0';
    assert_int_not_equal(access(killed, F_OK), 0);
    scratch_close(&scratch);
    assert_string_equal(scratch.directory, "");
    end(other);
    unlink(living);
    *strrchr(living, '/') = '\0';
    assert_int_equal(rmdir(living), 0);
}

/* Whatever the umask says. */
static void everybody_may_read_what_he_can_name(void **state)
{
    (void)state;
    struct scratch scratch;
    struct stat status;
    char path[PATH_MAX], message[512];
    mode_t mask = umask(077);
    assert_true(scratch_open(&scratch, message, sizeof message));
    FILE *stream = scratch_create(&scratch, "file", path, sizeof path);
    umask(mask);
    assert_non_null(stream);
    fclose(stream);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0644);
    assert_int_equal(stat(scratch.directory, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0711);
    scratch_close(&scratch);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_directory_that_cannot_be_made(void **state)
{
    (void)state;
    struct scratch scratch;
    char message[512];
    setenv("TMPDIR", "/nonexistent", 1);
    assert_false(scratch_open(&scratch, message, sizeof message));
    assert_string_equal(message, "cannot make a temporary directory in /nonexistent: No such file or directory");
    scratch_close(&scratch);
    setenv("TMPDIR", "/a path", 1); /* LD_PRELOAD would be split there */
    assert_true(scratch_open(&scratch, message, sizeof message));
    assert_int_equal(strncmp(scratch.directory, "/tmp/", 5), 0);
    scratch_close(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_killed_process_left_is_removed),
        cmocka_unit_test(everybody_may_read_what_he_can_name),
        cmocka_unit_test(a_directory_that_cannot_be_made),
    };
    if (!mkdtemp(parent))
        return 99;
    setenv("TMPDIR", parent, 1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(parent);
    return failed;
}
