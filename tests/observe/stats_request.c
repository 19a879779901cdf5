/* SPDX-License-Identifier: MIT */
/* What HAKMEM_STATS and HAKMEM_STATS_SIGNAL may say. */
#include "lib/observe/stats_request.h"

#include "tests/profile/cmocka_all.h"

#include <signal.h>

static struct stats_request request;
static char message[STATS_PATH_SIZE + 256];

static bool parsed(const char *value, const char *directory)
{
    struct writer writer = writer_start(message, sizeof message);
    return stats_request_parse(value, directory, &request, &writer);
}

static void assert_asks(const char *value, enum stats_form form, const char *path)
{
    assert_true(parsed(value, "/home/user"));
    assert_int_equal(request.form, form);
    assert_string_equal(request.path, path);
    assert_string_equal(message, "");
}

static void assert_refused(const char *value, const char *part)
{
    assert_false(parsed(value, "/home/user"));
    if (strstr(message, part) == NULL)
        fail_msg("%s: \"%s\" does not hold \"%s\"", value, message, part);
}

static void words(void **state)
{
    (void)state;
    assert_asks("", STATS_NONE, "");
    assert_asks("0", STATS_NONE, "");
    assert_asks("1", STATS_LINE, "");
    assert_asks("all", STATS_TEXT, "");
    assert_asks("json", STATS_JSON, "");
}

static void files(void **state)
{
    (void)state;
    assert_asks("/tmp/x", STATS_TEXT, "/tmp/x");
    assert_asks("/tmp/x.json", STATS_JSON, "/tmp/x.json");
    assert_asks("/tmp/x.jsonl", STATS_TEXT, "/tmp/x.jsonl");
    assert_asks("stats.json", STATS_JSON, "/home/user/stats.json");
    assert_asks("./.json", STATS_JSON, "/home/user/./.json");
    assert_asks("%n", STATS_TEXT, "/home/user/%n");
    assert_asks("a.b,c", STATS_TEXT, "/home/user/a.b,c");
    assert_asks("json,stats", STATS_JSON, "/home/user/stats");
    assert_asks("all,x.json", STATS_TEXT, "/home/user/x.json");
    assert_asks("1,/var/log/a,b", STATS_LINE, "/var/log/a,b");
    assert_asks("0,x", STATS_NONE, "/home/user/x");
    assert_true(parsed("stats.json", NULL));
    assert_string_equal(request.path, "stats.json");
}

static void what_is_refused(void **state)
{
    (void)state;
    assert_refused("jsno", "\"jsno\" is neither 1, all or json nor a file");
    assert_refused("2", "neither");
    assert_refused("yes", "neither");
    assert_refused("json,", "neither");
    assert_refused("/tmp/%q", "\"/tmp/%q\"");
    assert_refused("/tmp/100%", "none of p (pid), n (program), t (time) and %");
    static char long_name[STATS_PATH_SIZE + 10];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[0] = '/';
    assert_refused(long_name, "is too long");
}

static const char *expanded(const char *path)
{
    static char text[256];
    struct writer writer = writer_start(text, sizeof text);
    stats_request_expand(&writer, path, &(struct stats_names){.program = "a/b\nc", .pid = 4711, .seconds = 86399});
    return text;
}

static void names_of_files(void **state)
{
    (void)state;
    assert_string_equal(expanded("/tmp/x"), "/tmp/x");
    assert_string_equal(expanded("/tmp/%n-%p.%t%%"), "/tmp/a_b_c-4711.19700101T235959Z%");
    assert_true(stats_request_is_own_file("/tmp/%p"));
    assert_true(stats_request_is_own_file("/tmp/%%%p"));
    assert_false(stats_request_is_own_file("/tmp/%%p"));
    assert_false(stats_request_is_own_file("/tmp/%n%t"));
}

static int signal_of(const char *text)
{
    struct writer writer = writer_start(message, sizeof message);
    return stats_request_signal(text, &writer);
}

static void signals(void **state)
{
    (void)state;
    assert_int_equal(signal_of("USR2"), SIGUSR2);
    assert_int_equal(signal_of("SIGUSR1"), SIGUSR1);
    assert_int_equal(signal_of("WINCH"), SIGWINCH);
    char number[16];
    snprintf(number, sizeof number, "%d", SIGUSR2);
    assert_int_equal(signal_of(number), SIGUSR2);
    snprintf(number, sizeof number, "%d", SIGRTMIN + 3);
    assert_int_equal(signal_of(number), SIGRTMIN + 3);
    assert_string_equal(message, "");
    static const char *const refused[] = {"",   "KILL",  "SIGSEGV",     "9",    "11", "0",
                                          "-1", "65536", "99999999999", "usr2", "1x"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(signal_of(refused[i]), 0);
        assert_non_null(strstr(message, "is none of USR1"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(files),
                                       cmocka_unit_test(what_is_refused), cmocka_unit_test(names_of_files),
                                       cmocka_unit_test(signals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
