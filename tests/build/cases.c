/* SPDX-License-Identifier: MIT */
/* A unit test program that behaves as its argument says: what harness/unit.sh must make of cmocka's output is tried on
 * cmocka itself, whose TAP differs between its versions. */
#include "tests/profile/cmocka_all.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *mode = "";

static bool is(const char *name)
{
    return strcmp(mode, name) == 0;
}

static void passes(void **state)
{
    (void)state;
    printf("a line without an end, ");
}

static void depends(void **state)
{
    (void)state;
    if (is("fails"))
        assert_int_equal(1, 2);
    if (is("skips"))
        print_message("skipped: no such thing here\n");
    if (is("skips") || is("skips silently"))
        skip();
    if (is("aborts")) {
        signal(SIGABRT, SIG_DFL);
        abort();
    }
    if (is("crashes")) {
        signal(SIGSEGV, SIG_DFL);
        raise(SIGSEGV);
    }
    if (is("exits"))
        _exit(0);
    if (is("hangs"))
        pause();
}

static void follows(void **state)
{
    (void)state;
}

static int group_teardown(void **state)
{
    (void)state;
    return is("teardown fails") ? -1 : 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        mode = argv[1];
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes),
        cmocka_unit_test(depends),
        cmocka_unit_test(follows),
    };
    int failures = cmocka_run_group_tests(tests, NULL, group_teardown);
    if (is("bad end"))
        return 66;
    if (is("two groups"))
        failures += cmocka_run_group_tests_name("again", tests, NULL, NULL);
    return failures;
}
