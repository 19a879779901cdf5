/* SPDX-License-Identifier: MIT */
/* Files of environment variables: what is written is what a shell reads, and what is no such file is told by its line.
 */
#include "config.h"

#include "cli/subject/environment_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/hakmem-environment-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_file(const char *library, const struct launch_environment *environment)
{
    static const char *const comments[] = {"a comment", "and $another\nGONE=1"};
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_true(environment_file_write(stream, library, environment, comments, 2));
    assert_int_equal(fclose(stream), 0);
}

/* What a shell has in NAME after it has read the file. */
static void assert_shell_reads(const char *name, const char *expected)
{
    char command[256], line[256] = "";
    snprintf(command, sizeof command, "set -a; . %s; unset LD_PRELOAD; printf %%s \"$%s\"", path, name);
    FILE *shell = popen(command, "r");
    assert_non_null(shell);
    if (!fgets(line, sizeof line, shell))
        line[0] = '\0';
    assert_int_equal(pclose(shell), 0);
    assert_string_equal(line, expected);
}

static void a_shell_reads_it(void **state)
{
    (void)state;
    struct launch_environment environment = {.count = 0};
    launch_set(&environment, "GLIBC_TUNABLES", "glibc.malloc.arena_max=1:glibc.malloc.top_pad=65536");
    launch_set(&environment, "ODD", "a b $HOME 'c' \"d\" \\ ~");
    launch_unset(&environment, "GONE");
    write_file(NULL, &environment);
    launch_clear(&environment);
    assert_shell_reads("GLIBC_TUNABLES", "glibc.malloc.arena_max=1:glibc.malloc.top_pad=65536");
    assert_shell_reads("ODD", "a b $HOME 'c' \"d\" \\ ~");
    assert_shell_reads("GONE", ""); /* it stands in a comment, whatever is in that */
    char message[256] = "";
    assert_true(environment_file_is(path, message, sizeof message));
}

/* Quotes are there only where they are needed: docker's --env-file takes them for a part of the value. */
static void plain_values_have_no_quotes(void **state)
{
    (void)state;
    const struct launch_environment none = {.count = 0};
    char text[256] = "";
    write_file("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2", &none);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    text[fread(text, 1, sizeof text - 1, stream)] = '\0';
    fclose(stream);
    assert_string_equal(text,
                        "# a comment\n# and $another?GONE=1\nLD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2\n");
}

static void what_is_none_is_told(void **state)
{
    (void)state;
    char message[256] = "", expected[256];
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    fputs("# fine\nA=1\nlisten 80\n", stream);
    fclose(stream);
    assert_false(environment_file_is(path, message, sizeof message));
    snprintf(expected, sizeof expected, "%s:3: neither a comment nor NAME=VALUE", path);
    assert_string_equal(message, expected);
    assert_false(environment_file_is("/nonexistent/file", message, sizeof message));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shell_reads_it),
        cmocka_unit_test(plain_values_have_no_quotes),
        cmocka_unit_test(what_is_none_is_told),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
