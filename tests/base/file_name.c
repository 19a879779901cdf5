/* SPDX-License-Identifier: MIT */
/* Names of files as users write them. */
#include "lib/base/file_name.h"

#include "tests/profile/cmocka_all.h"

static char text[256];

static const char *expanded(const char *pattern)
{
    struct writer writer = writer_start(text, sizeof text);
    struct file_names names = {.program = "a/b\nc", .pid = 4711, .seconds = 86399, .number = 3};
    file_name_expand(&writer, pattern, &names);
    return text;
}

static void what_percent_stands_for(void **state)
{
    (void)state;
    assert_string_equal(expanded("/tmp/x"), "/tmp/x");
    assert_string_equal(expanded("/tmp/%n-%p.%t%%"), "/tmp/a_b_c-4711.19700101T235959Z%");
    assert_string_equal(expanded("%i%i"), "33");
    assert_string_equal(expanded("100%"), "100%"); /* nobody asks for it */
}

static void files_of_one_process(void **state)
{
    (void)state;
    assert_true(file_name_has_pid("/tmp/%p"));
    assert_true(file_name_has_pid("/tmp/%%%p"));
    assert_false(file_name_has_pid("/tmp/%%p"));
    assert_false(file_name_has_pid("/tmp/%n%t"));
}

static void what_is_refused(void **state)
{
    (void)state;
    assert_true(file_name_is_good("") && file_name_is_good("a") && file_name_is_good("%p%n%t%i%%"));
    assert_false(file_name_is_good("100%"));
    assert_false(file_name_is_good("%P"));
    assert_false(file_name_is_good("%%%q"));
}

static const char *absolute(const char *file, const char *directory)
{
    struct writer writer = writer_start(text, sizeof text);
    file_name_absolute(&writer, file, directory);
    return text;
}

static void relative_names(void **state)
{
    (void)state;
    assert_string_equal(absolute("a", "/b"), "/b/a");
    assert_string_equal(absolute("/a", "/b"), "/a");
    assert_string_equal(absolute("a", NULL), "a");
    assert_string_equal(absolute("%p", "/100%/50%p"), "/100%%/50%%p/%p"); /* a folder may be called anything */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_percent_stands_for),
                                       cmocka_unit_test(files_of_one_process), cmocka_unit_test(what_is_refused),
                                       cmocka_unit_test(relative_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
