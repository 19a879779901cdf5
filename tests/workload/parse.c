/* SPDX-License-Identifier: MIT */
/* Tests of what people write of a workload, good and bad. */
#include "config.h"

#include "cli/workload/parse.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_ready(const char *text, int kind, const char *rest)
{
    struct workload_ready ready;
    assert_null(parse_ready(text, &ready));
    assert_int_equal(ready.kind, kind);
    assert_string_equal(ready.text, rest);
}

static void ready_conditions(void **state)
{
    (void)state;
    assert_ready("tcp:6379", WORKLOAD_READY_TCP, "6379");
    assert_ready("tcp:{port}", WORKLOAD_READY_TCP, "{port}");
    assert_ready("exec:ask ping", WORKLOAD_READY_EXEC, "ask ping");
    assert_ready("log:ready|up: [0-9]+", WORKLOAD_READY_LOG, "ready|up: [0-9]+");
}

static void ready_conditions_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",        "tcp",      "tcp:",   "tcp:0", "tcp:65536", "tcp:http",          "tcp:80x",
        "tcp:+80", "exec:",    "exec: ", "log:",  "log:(",     "log:((a*)*){1000}", "6379",
        "udp:53",  "TCP:6379", "tcp: 80"};
    struct workload_ready ready;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(parse_ready(bad[i], &ready));
}

static void signals(void **state)
{
    (void)state;
    int number;
    assert_null(parse_signal("TERM", &number));
    assert_int_equal(number, SIGTERM);
    assert_null(parse_signal("SIGINT", &number));
    assert_int_equal(number, SIGINT);
    assert_null(parse_signal("3", &number));
    assert_int_equal(number, SIGQUIT);
    assert_non_null(parse_signal("", &number));
    assert_non_null(parse_signal("0", &number));
    assert_non_null(parse_signal("65", &number));
    assert_non_null(parse_signal("term", &number));
    assert_non_null(parse_signal("15x", &number));
}

static void exit_statuses(void **state)
{
    (void)state;
    struct workload work = {0};
    assert_null(parse_statuses("1,64,255", &work.ok));
    assert_true(workload_status_is_ok(&work, 1) && workload_status_is_ok(&work, 64));
    assert_true(workload_status_is_ok(&work, 255));
    assert_false(workload_status_is_ok(&work, 2));
    assert_non_null(parse_statuses("", &work.ok));
    assert_non_null(parse_statuses("1,", &work.ok));
    assert_non_null(parse_statuses("256", &work.ok));
    assert_non_null(parse_statuses("1 2", &work.ok));
    assert_non_null(parse_statuses("-1", &work.ok));
}

static void assignments(void **state)
{
    (void)state;
    struct workload work = {0};
    assert_null(parse_assignment("A=1", &work));
    assert_null(parse_assignment("_b2=", &work));
    assert_string_equal(work.assignments[0], "A=1");
    assert_string_equal(work.assignments[1], "_b2=");
    assert_null(work.assignments[2]);
    assert_non_null(parse_assignment("A", &work));
    assert_non_null(parse_assignment("=1", &work));
    assert_non_null(parse_assignment("1A=1", &work));
    assert_non_null(parse_assignment("A B=1", &work));
    assert_non_null(parse_assignment("LD_PRELOAD=x.so", &work));
    assert_non_null(parse_assignment("HAKMEM_PROFILE=x", &work));
    assert_null(work.assignments[2]);
}

static void assignments_are_not_endless(void **state)
{
    (void)state;
    struct workload work = {0};
    for (int i = 0; i < WORKLOAD_MOST_ASSIGNMENTS; i++)
        assert_null(parse_assignment("A=1", &work));
    assert_non_null(parse_assignment("A=1", &work));
    assert_null(work.assignments[WORKLOAD_MOST_ASSIGNMENTS]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready_conditions), cmocka_unit_test(ready_conditions_that_are_none),
        cmocka_unit_test(signals),          cmocka_unit_test(exit_statuses),
        cmocka_unit_test(assignments),      cmocka_unit_test(assignments_are_not_endless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
