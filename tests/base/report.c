/* SPDX-License-Identifier: MIT */
/* One line, with one write. */
#include "lib/base/report.h"

#include "tests/base/child.h"

#include <errno.h>
#include <sys/socket.h>

/* A datagram socket keeps the writes apart: each is received as one. */
static ssize_t reported(char *text, size_t size, const char *what)
{
    int ends[2], saved = dup(STDERR_FILENO);
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    dup2(ends[1], STDERR_FILENO);
    report_start();
    errno = EXDEV;
    report_line("%s", what);
    int after = errno;
    dup2(saved, STDERR_FILENO);
    ssize_t length = recv(ends[0], text, size, MSG_DONTWAIT);
    assert_int_equal(recv(ends[0], text + length, size - (size_t)length, MSG_DONTWAIT), -1); /* nothing more came */
    close(ends[0]);
    close(ends[1]);
    close(saved);
    assert_int_equal(after, EXDEV);
    return length;
}

static void one_line_with_one_write(void **state)
{
    (void)state;
    char text[4096] = "";
    ssize_t length = reported(text, sizeof text - 1, "what is wrong");
    assert_string_equal(text, "hakmem: what is wrong\n");
    assert_int_equal(length, strlen(text));
}

/* The newline that ends the line is the only control character: a name with others is shown by a terminal. */
static void controls_are_shown(void **state)
{
    (void)state;
    char text[4096] = "";
    reported(text, sizeof text - 1, "\033]0;title\007\033[2J\n\x7f \xc2\x9b \xc3\xa9");
    assert_string_equal(text, "hakmem: ?]0;title??[2J?? \xc2? \xc3\xa9\n");
}

/* What is in FILE, whose offset is that of the writer. */
static size_t written_to(int file)
{
    return (size_t)lseek(file, 0, SEEK_END);
}

static void nothing_into_the_programs_files(void **state)
{
    (void)state;
    char name[] = "/tmp/hakmem-test.XXXXXX", other_name[] = "/tmp/hakmem-test.XXXXXX";
    int saved = dup(STDERR_FILENO), file = mkstemp(name), other = mkstemp(other_name);
    assert_true(saved >= 0 && file >= 0 && other >= 0);
    dup2(file, STDERR_FILENO);
    report_start();
    report_line("said");
    size_t said = written_to(file);
    dup2(other, STDERR_FILENO);
    bool other_is_it = report_has_standard_error();
    errno = EXDEV;
    report_line("not said");
    int kept = errno;
    size_t said_elsewhere = written_to(other);
    dup2(file, STDERR_FILENO);
    report_line("said");
    size_t said_twice = written_to(file);
    close(STDERR_FILENO);
    bool closed_is_it = report_has_standard_error();
    report_start();
    dup2(other, STDERR_FILENO); /* closed at the start: what came later is the program's */
    bool later_is_it = report_has_standard_error();
    dup2(saved, STDERR_FILENO);
    report_start();
    close(file), close(other), close(saved);
    unlink(name), unlink(other_name);
    assert_int_equal(said, strlen("hakmem: said\n"));
    assert_int_equal(said_twice, 2 * said);
    assert_int_equal(said_elsewhere, 0);
    assert_int_equal(kept, EXDEV);
    assert_false(other_is_it || closed_is_it || later_is_it);
}

static void long_lines_are_cut(void **state)
{
    (void)state;
    char what[3000], text[4096] = "";
    memset(what, 'x', sizeof what - 1);
    what[sizeof what - 1] = '\0';
    ssize_t length = reported(text, sizeof text - 1, what);
    assert_true(length >= 1000 && length <= 1024);
    assert_int_equal(text[length - 1], '\n');
    assert_ptr_equal(strchr(text, '\n'), text + length - 1);
    assert_null(memchr(text, '\0', (size_t)length));
}

static void report_and_end(void)
{
    report_fatal("number %d", 7);
}

static void fatal_aborts(void **state)
{
    (void)state;
    assert_child_aborts(report_and_end, "hakmem: number 7\n");
}

static void closed_standard_error(void)
{
    close(STDERR_FILENO);
    errno = EXDEV;
    report_line("nobody reads this");
    _exit(errno == EXDEV ? 0 : 1);
}

static void nobody_to_tell(void **state)
{
    (void)state;
    assert_child_passes(closed_standard_error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_line_with_one_write),
                                       cmocka_unit_test(controls_are_shown),
                                       cmocka_unit_test(nothing_into_the_programs_files),
                                       cmocka_unit_test(long_lines_are_cut),
                                       cmocka_unit_test(fatal_aborts),
                                       cmocka_unit_test(nobody_to_tell)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
