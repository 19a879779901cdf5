/* SPDX-License-Identifier: MIT */
/* Which process it is: name, parent, time. */
#include "lib/base/process.h"

#include "tests/base/child.h"

#include <errno.h>
#include <time.h>

static const char *time_text(uint64_t seconds, bool compact)
{
    static char text[64];
    struct writer writer = writer_start(text, sizeof text);
    process_add_time(&writer, seconds, compact);
    return text;
}

static void times_are_the_c_librarys(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (unsigned i = 0; i < 20000; i++) {
        /* days on both sides of each leap day and new year, then any second until 2300 */
        uint64_t seconds = i < 10000 ? i * UINT64_C(86400) * 12 : random_next(&random) * UINT64_C(5) / 2;
        time_t time = (time_t)seconds;
        struct tm parts;
        char expected[64];
        gmtime_r(&time, &parts);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &parts);
        assert_string_equal(time_text(seconds, false), expected);
        strftime(expected, sizeof expected, "%Y%m%dT%H%M%SZ", &parts);
        assert_string_equal(time_text(seconds, true), expected);
    }
    assert_string_equal(time_text(951782400, false), "2000-02-29T00:00:00Z");
    assert_string_equal(time_text(951868799, false), "2000-02-29T23:59:59Z");
    assert_string_equal(time_text(UINT64_C(4107542400), false), "2100-03-01T00:00:00Z");
}

static void a_child_that_nobody_noted(void)
{
    process_note_fork();
    CHILD_CHECK(process_forked_from() == 0);
}

static void forks_are_noted_where_somebody_asked(void **state)
{
    (void)state;
    assert_child_passes(a_child_that_nobody_noted);
    process_start();
    assert_int_equal(process_forked_from(), 0);
    pid_t own = getpid(), child = fork();
    if (child == 0) {
        process_note_fork();
        _exit(process_forked_from() == (uint64_t)own ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* As a program that shows its state in the place of its arguments does. */
static void the_name_stays(void **state)
{
    (void)state;
    char other[] = "other";
    char *before = program_invocation_short_name;
    assert_string_equal(process_name(), before);
    program_invocation_short_name = other;
    assert_string_equal(process_name(), before);
    program_invocation_short_name = before;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(times_are_the_c_librarys),
                                       cmocka_unit_test(forks_are_noted_where_somebody_asked),
                                       cmocka_unit_test(the_name_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
