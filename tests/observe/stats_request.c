/* SPDX-License-Identifier: MIT */
/* What HAKMEM_STATS may say. */
#include "lib/observe/stats_request.h"

#include "tests/profile/cmocka_all.h"

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
    assert_refused("/tmp/100%", "none of p (pid), n (program), t (time), i (number) and %");
    static char long_name[STATS_PATH_SIZE + 10];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[0] = '/';
    assert_refused(long_name, "is too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(files),
                                       cmocka_unit_test(what_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
