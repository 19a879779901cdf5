/* SPDX-License-Identifier: MIT */
/* Tests of the kinds of work: which it is, its traits, its name and its line. */
#include "config.h"

#include "cli/workload/workload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char *const argv[] = {(char *)"/usr/bin/sort", (char *)"a file", NULL};
static const struct workload built_in = {.workload = "ws256", .operations = 1000, .threads = 1};
static const struct workload command = {.command = argv};
static const struct workload server = {
    .server = "/usr/bin/serve --port {port}", .load = "ask {port}", .ready = {WORKLOAD_READY_TCP, "{port}"}};

static void assert_name(const struct workload *work, const char *expected)
{
    char name[64];
    workload_kind(work)->name(work, name, sizeof name);
    assert_string_equal(name, expected);
}

static void assert_line(const struct workload *work, const char *expected)
{
    char line[256];
    workload_kind(work)->describe(work, line, sizeof line);
    assert_string_equal(line, expected);
}

static void what_is_set_says_which(void **state)
{
    (void)state;
    assert_string_equal(workload_kind(&built_in)->label, "workload");
    assert_string_equal(workload_kind(&command)->label, "command");
    assert_string_equal(workload_kind(&server)->label, "server");
}

static void traits(void **state)
{
    (void)state;
    const struct workload free_one = {.workload = "ws256"};
    assert_true(workload_may_scale(&free_one));
    assert_false(workload_may_scale(&built_in));
    assert_false(workload_may_scale(&command));
    assert_false(workload_may_scale(&server));
    assert_true(workload_kind(&built_in)->publishes);
    assert_false(workload_kind(&command)->publishes || workload_kind(&server)->publishes);
    assert_true(workload_kind(&server)->has_load);
    assert_false(workload_kind(&command)->has_load);
}

static void names(void **state)
{
    (void)state;
    const struct workload with_prefix = {.server = " exec A=1  serve -v", .load = "ask"}, only = {.server = "serve"};
    const struct workload nothing = {0};
    assert_name(&built_in, "ws256");
    assert_name(&command, "/usr/bin/sort");
    assert_name(&server, "/usr/bin/serve");
    assert_name(&with_prefix, "serve");
    assert_name(&only, "serve");
    assert_name(&nothing, "");
}

/* Reports and files go by the job, and messages by the program. */
static void a_job_gives_its_name(void **state)
{
    (void)state;
    const struct workload of_job = {.job = "redis", .server = "redis-server --port {port}", .load = "ask"};
    char name[64];
    workload_name(&of_job, name, sizeof name);
    assert_string_equal(name, "redis");
    assert_name(&of_job, "redis-server");
    workload_name(&command, name, sizeof name);
    assert_string_equal(name, "/usr/bin/sort");
}

static void lines(void **state)
{
    (void)state;
    assert_line(&built_in, "ws256, 1000 operations, 1 thread");
    assert_line(&command, "/usr/bin/sort 'a file'");
    assert_line(&server, "/usr/bin/serve --port {port}, under the load of ask {port}");
}

static void placeholders_are_found_everywhere(void **state)
{
    (void)state;
    static char *const with_port[] = {(char *)"ask", (char *)"localhost:{port}", NULL};
    const struct workload in_command = {.command = with_port}, in_environment = {.assignments = {"A=1", "B={port}"}};
    const struct workload in_prepare = {.prepare = "make {port}"}, in_ready = {.ready = {0, "{port}"}};
    assert_true(workload_mentions(&in_command, WORDS_PORT));
    assert_true(workload_mentions(&in_environment, WORDS_PORT));
    assert_true(workload_mentions(&in_prepare, WORDS_PORT));
    assert_true(workload_mentions(&in_ready, WORDS_PORT));
    assert_true(workload_mentions(&server, WORDS_PORT));
    assert_false(workload_mentions(&server, WORDS_DIRECTORY));
    assert_false(workload_mentions(&command, WORDS_PORT));
}

static void statuses(void **state)
{
    (void)state;
    const struct workload lenient = {.ok = {{1 << 1, 0, 0, UINT64_C(1) << 63}}};
    assert_true(workload_status_is_ok(&command, 0));
    assert_false(workload_status_is_ok(&command, 1));
    assert_true(workload_status_is_ok(&lenient, 0));
    assert_true(workload_status_is_ok(&lenient, 1));
    assert_true(workload_status_is_ok(&lenient, 255));
    assert_false(workload_status_is_ok(&lenient, 2));
    assert_false(workload_status_is_ok(&lenient, 256));
}

/* 127 is a shell's word for a command that is not there, and hakmem-bench has no other statuses. */
static void what_to_do_about_a_status(void **state)
{
    (void)state;
    char text[96];
    assert_string_equal(workload_cure(&command, 1, text, sizeof text),
                        "; where that is no failure, give --ok-status 1");
    assert_string_equal(workload_cure(&server, 3, text, sizeof text), "; where that is no failure, give --ok-status 3");
    assert_string_equal(workload_cure(&command, 0, text, sizeof text), "");
    assert_string_equal(workload_cure(&command, 127, text, sizeof text), "");
    assert_string_equal(workload_cure(&built_in, 1, text, sizeof text), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_set_says_which),
        cmocka_unit_test(traits),
        cmocka_unit_test(names),
        cmocka_unit_test(a_job_gives_its_name),
        cmocka_unit_test(lines),
        cmocka_unit_test(placeholders_are_found_everywhere),
        cmocka_unit_test(statuses),
        cmocka_unit_test(what_to_do_about_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
